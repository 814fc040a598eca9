// SPDX-License-Identifier: Apache-2.0
import type { DeadLetter, Source } from "@/api/types";

export interface ReplayRequest {
  source: string;
  rule?: string | undefined;
  partition?: number;
  offset?: number;
}

export const letterKey = (letter: { partition: number; offset: number }): string =>
  `${letter.partition}:${letter.offset}`;

/** What can be filtered by: declared rules, and those that occur (a decoder's have no declaration). */
export function filterOptions(
  letters: readonly DeadLetter[],
  sources: readonly Source[],
  source: string | undefined,
): { sources: string[]; rules: string[] } {
  const names = new Set([...sources.map((s) => s.name), ...letters.map((l) => l.source)]);
  const declared = sources.filter((s) => !source || s.name === source);
  const rules = new Set([
    ...declared.flatMap((s) => s.constraints.map((c) => c.name)),
    ...letters.flatMap((l) => l.rules),
  ]);
  return { sources: [...names].sort(), rules: [...rules].sort() };
}
