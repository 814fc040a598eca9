// SPDX-License-Identifier: Apache-2.0
// Finds pages, topics, queries and tables by a few letters.

export interface Target {
  kind: "page" | "topic" | "query" | "table" | "group";
  title: string;
  href: string;
}

/** Higher is better; null when the letters do not occur in order. Starts of words and runs count more. */
export function score(query: string, title: string): number | null {
  const wanted = query.toLowerCase().replaceAll(" ", "");
  const text = title.toLowerCase();
  let total = 0;
  let at = 0;
  let run = 0;
  for (const letter of wanted) {
    const found = text.indexOf(letter, at);
    if (found < 0) return null;
    run = found === at && at > 0 ? run + 1 : 0;
    const startsWord = found === 0 || /[^a-z0-9]/.test(text[found - 1]!);
    total += 1 + run * 2 + (startsWord ? 4 : 0);
    at = found + 1;
  }
  return total - title.length / 100;
}

export function search(query: string, targets: readonly Target[], limit = 12): Target[] {
  if (query.trim() === "") return targets.slice(0, limit);
  return targets
    .map((target) => ({ target, rank: score(query, target.title) }))
    .filter((hit): hit is { target: Target; rank: number } => hit.rank !== null)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, limit)
    .map((hit) => hit.target);
}
