// SPDX-License-Identifier: Apache-2.0

/** Each column becomes the sum of itself and those before it; a gap in one is a gap in none of the others. */
export function stack(columns: (number | null)[][]): (number | null)[][] {
  const sums: (number | null)[][] = [];
  for (const column of columns) {
    const below = sums.at(-1);
    sums.push(
      column.map((value, i) => {
        const base = below?.[i] ?? null;
        return value === null && base === null ? null : (value ?? 0) + (base ?? 0);
      }),
    );
  }
  return sums;
}
