// SPDX-License-Identifier: Apache-2.0
import { cx } from "./cx";

/** Links in text and tables. */
export function textLink(extra?: string): string {
  return cx("text-accent underline-offset-2 hover:underline", extra);
}
