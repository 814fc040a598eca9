// SPDX-License-Identifier: Apache-2.0
export function DeadLettersPage() {
  return null;
}
