// SPDX-License-Identifier: Apache-2.0
export function GroupPage() {
  return null;
}
