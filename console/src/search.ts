// SPDX-License-Identifier: Apache-2.0
// What each page keeps in the URL. Values are plain text in the address bar; a value that makes no sense is dropped,
// so a mistyped link shows the page and not an error.

type Raw = { [name: string]: unknown };

export function parse(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringify(search: Raw): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) {
      params.set(name, String(value));
    }
  }
  const out = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return out ? `?${out}` : "";
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === "" ? undefined : String(value);
}

function flag(value: unknown): boolean | undefined {
  return value === true || value === "true" || value === "1" || undefined;
}

function whole(value: unknown, max = Number.MAX_SAFE_INTEGER): number | undefined {
  const given = text(value);
  if (given === undefined || !/^\d+$/.test(given)) return undefined;
  const number = Number(given);
  return number <= max ? number : undefined;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((each) => each === value);
}

/** latest, earliest, an offset, or time:MILLISECONDS; the words of the REST interface. */
export function startPosition(value: unknown): string | undefined {
  const given = text(value);
  return given && /^(latest|earliest|\d{1,16}|time:\d{1,15})$/.test(given) ? given : undefined;
}

function recordAt(value: unknown): string | undefined {
  const given = text(value);
  return given && /^\d+:\d+$/.test(given) ? given : undefined;
}

export const LIMITS = [50, 100, 250, 500, 1000] as const;

function limit(value: unknown): number | undefined {
  const given = whole(value, 1000);
  return LIMITS.find((each) => each === given);
}

/** Lists: a filter over names, an order. */
export interface ListSearch {
  q?: string | undefined;
  sort?: string | undefined;
}
export const list = (raw: Raw): ListSearch => ({ q: text(raw["q"]), sort: text(raw["sort"]) });

export interface TopicsSearch extends ListSearch {
  internal?: boolean | undefined;
}
export const topics = (raw: Raw): TopicsSearch => ({
  ...list(raw),
  internal: flag(raw["internal"]),
});
export interface TablesSearch extends ListSearch {
  system?: boolean | undefined;
}
export const tables = (raw: Raw): TablesSearch => ({ ...list(raw), system: flag(raw["system"]) });

export const TOPIC_TABS = ["messages", "partitions", "configs"] as const;
export interface TopicSearch {
  tab?: (typeof TOPIC_TABS)[number] | undefined;
  partition?: number | undefined;
  from?: string | undefined;
  limit?: number | undefined;
  contains?: string | undefined;
  live?: boolean | undefined;
  /** The opened record: PARTITION:OFFSET. */
  record?: string | undefined;
}
export const topic = (raw: Raw): TopicSearch => ({
  tab: oneOf(raw["tab"], TOPIC_TABS),
  partition: whole(raw["partition"], 1_000_000),
  from: startPosition(raw["from"]),
  limit: limit(raw["limit"]),
  contains: text(raw["contains"]),
  live: flag(raw["live"]),
  record: recordAt(raw["record"]),
});

export const QUERY_TABS = ["progress", "plan", "sql"] as const;
export interface QuerySearch {
  tab?: (typeof QUERY_TABS)[number] | undefined;
}
export const query = (raw: Raw): QuerySearch => ({ tab: oneOf(raw["tab"], QUERY_TABS) });

export const TABLE_TABS = ["rows", "columns", "statement"] as const;
export interface TableSearch {
  tab?: (typeof TABLE_TABS)[number] | undefined;
  /** Paging instead of the newest rows. */
  pages?: boolean | undefined;
  limit?: number | undefined;
  /** paging_state of the shown page. */
  page?: string | undefined;
}
export const table = (raw: Raw): TableSearch => ({
  tab: oneOf(raw["tab"], TABLE_TABS),
  pages: flag(raw["pages"]),
  limit: limit(raw["limit"]),
  page: text(raw["page"]),
});

export interface DeadLetterSearch {
  source?: string | undefined;
  rule?: string | undefined;
  limit?: number | undefined;
  /** The opened entry: PARTITION:OFFSET in its dead-letter topic. */
  record?: string | undefined;
}
export const deadLetters = (raw: Raw): DeadLetterSearch => ({
  source: text(raw["source"]),
  rule: text(raw["rule"]),
  limit: limit(raw["limit"]),
  record: recordAt(raw["record"]),
});

export interface SqlSearch {
  language?: "sql" | "cql" | undefined;
  text?: string | undefined;
}
export const sql = (raw: Raw): SqlSearch => ({
  language: oneOf(raw["language"], ["sql", "cql"] as const),
  text: text(raw["text"]),
});
