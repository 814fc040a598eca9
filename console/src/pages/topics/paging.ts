// SPDX-License-Identifier: Apache-2.0
// Pages through a topic in both directions with the one question the server answers: "records from this offset".
import type { RecordPage, Record_ } from "@/api/types";

/** Where the next page starts, per partition. */
export type PageParam =
  | { kind: "first" }
  | { kind: "forward"; next: { [partition: string]: number } }
  | { kind: "older"; before: { [partition: string]: number } };

export interface Page {
  param: PageParam;
  answer: RecordPage;
  /** For older pages: the offset each partition was asked from. */
  reached: { [partition: string]: number };
}

export const recordKey = (record: { partition: number; offset: number }): string =>
  `${record.partition}:${record.offset}`;

/** Every record once; newest first when reading backwards from the end. */
export function mergeRecords(pages: readonly Record_[][], newestFirst: boolean): Record_[] {
  const byKey = new Map<string, Record_>();
  for (const page of pages) for (const record of page) byKey.set(recordKey(record), record);
  const sign = newestFirst ? -1 : 1;
  return [...byKey.values()].sort((a, b) => sign * order(a, b));
}

/** Within a partition the offset decides: timestamps come from clients and may run backwards. */
function order(a: Record_, b: Record_): number {
  if (a.partition === b.partition) return a.offset - b.offset;
  return a.timestamp_ms - b.timestamp_ms || a.partition - b.partition;
}

/** The first offset to ask for so that about `limit` records before the shown ones come back. */
export function olderFrom(
  before: { [partition: string]: number },
  starts: { [partition: string]: number },
  limit: number,
): { [partition: string]: number } {
  const open = Object.entries(before).filter(([p, offset]) => offset > (starts[p] ?? 0));
  const step = Math.max(1, Math.ceil(limit / Math.max(1, open.length)));
  return Object.fromEntries(
    open.map(([p, offset]) => [p, Math.max(starts[p] ?? 0, offset - step)]),
  );
}

/** After the first page read from the end: everything before the oldest record shown of each partition. */
function beforeFirst(answer: RecordPage): { [partition: string]: number } {
  const before = { ...answer.next };
  for (const { partition, offset } of answer.records) {
    before[partition] = Math.min(before[partition] ?? offset, offset);
  }
  return before;
}

export function nextParam(
  last: Page,
  latest: boolean,
  starts: { [partition: string]: number },
): PageParam | undefined {
  if (!latest) {
    return last.answer.end_reached ? undefined : { kind: "forward", next: last.answer.next };
  }
  const before = last.param.kind === "first" ? beforeFirst(last.answer) : last.reached;
  const more = Object.entries(before).some(([p, offset]) => offset > (starts[p] ?? 0));
  return more ? { kind: "older", before } : undefined;
}

/** How many records were committed since the first page was read from the end. */
export function countNewer(
  first: RecordPage,
  partitions: readonly { partition: number; last_stable_offset: number }[],
): number {
  return partitions.reduce((sum, { partition, last_stable_offset }) => {
    const seen = first.next[partition];
    return seen === undefined ? sum : sum + Math.max(0, last_stable_offset - seen);
  }, 0);
}

/** One answer out of one per partition. */
export function joinAnswers(answers: readonly RecordPage[]): RecordPage {
  return {
    records: answers.flatMap((answer) => answer.records),
    next: Object.assign({}, ...answers.map((answer) => answer.next)),
    scanned: answers.reduce((sum, answer) => sum + answer.scanned, 0),
    end_reached: answers.every((answer) => answer.end_reached),
  };
}

/** One question to the server: records of a partition from an offset on. */
export type Ask = (partition: number, from: number, limit: number) => Promise<RecordPage>;

/** Every record of [from, before) that the filter behind `ask` lets through. The limit of an answer counts matches and
 *  may cut the range short, so it is asked again from where the answer ended. */
export async function readRange(
  ask: Ask,
  partition: number,
  from: number,
  before: number,
): Promise<RecordPage> {
  const found: RecordPage = {
    records: [],
    next: { [partition]: before },
    scanned: 0,
    end_reached: false,
  };
  for (let at = from; at < before;) {
    const answer = await ask(partition, at, Math.min(1000, before - at));
    found.records.push(...answer.records.filter((record) => record.offset < before));
    found.scanned += answer.scanned;
    const next = answer.next[partition] ?? before;
    if (next <= at) break;
    at = next;
  }
  // The answer may have looked beyond the range; that is not what was asked for.
  found.scanned = Math.min(found.scanned, before - from);
  return found;
}
