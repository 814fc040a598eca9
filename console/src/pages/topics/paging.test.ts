// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { RecordPage, Record_ } from "@/api/types";
import {
  countNewer,
  joinAnswers,
  mergeRecords,
  nextParam,
  olderFrom,
  readRange,
  recordKey,
  type Page,
} from "./paging";

const record = (partition: number, offset: number, timestamp_ms = offset): Record_ => ({
  partition,
  offset,
  timestamp_ms,
  key: null,
  value: null,
  headers: [],
  size: 1,
});
const answer = (records: Record_[], next: RecordPage["next"], end_reached = false): RecordPage => ({
  records,
  next,
  scanned: records.length,
  end_reached,
});
const first = (a: RecordPage): Page => ({ param: { kind: "first" }, answer: a, reached: {} });

describe("mergeRecords", () => {
  it("shows a record once, however many pages brought it", () => {
    const merged = mergeRecords([[record(0, 1), record(0, 2)], [record(0, 2)]], false);
    expect(merged.map(recordKey)).toEqual(["0:1", "0:2"]);
  });

  it("orders by time across partitions and by offset within one", () => {
    const pages = [[record(0, 1, 50), record(0, 2, 40), record(1, 9, 45)]];
    const keys = mergeRecords(pages, false).map(recordKey);
    expect(keys.indexOf("0:1")).toBeLessThan(keys.indexOf("0:2"));
    expect(mergeRecords([[record(0, 1), record(1, 5)]], true).map(recordKey)).toEqual([
      "1:5",
      "0:1",
    ]);
  });
});

describe("paging forward", () => {
  it("continues where the server says, until the end", () => {
    expect(nextParam(first(answer([record(0, 1)], { 0: 2, 1: 7 })), false, {})).toEqual({
      kind: "forward",
      next: { 0: 2, 1: 7 },
    });
    expect(nextParam(first(answer([], { 0: 2 }, true)), false, {})).toBeUndefined();
  });
});

describe("paging backward from the newest", () => {
  it("starts before the oldest record shown, and at the end for a partition that showed none", () => {
    const page = first(answer([record(0, 8), record(0, 9)], { 0: 10, 1: 40 }, true));
    expect(nextParam(page, true, { 0: 0, 1: 0 })).toEqual({
      kind: "older",
      before: { 0: 8, 1: 40 },
    });
  });

  it("goes on from what was asked, not from what came, so that gaps do not stop it", () => {
    const page: Page = {
      param: { kind: "older", before: { 0: 100 } },
      answer: answer([], { 0: 60 }),
      reached: { 0: 50 },
    };
    expect(nextParam(page, true, { 0: 10 })).toEqual({ kind: "older", before: { 0: 50 } });
  });

  it("ends when each partition is at its log start", () => {
    const page = first(answer([record(0, 5), record(1, 3)], { 0: 6, 1: 4 }, true));
    expect(nextParam(page, true, { 0: 5, 1: 3 })).toBeUndefined();
  });

  it("shares the limit among the partitions that have more", () => {
    expect(olderFrom({ 0: 100, 1: 3, 2: 50 }, { 0: 0, 1: 3, 2: 40 }, 100)).toEqual({
      0: 50,
      2: 40,
    });
  });
});

it("counts what came after the first page, of the partitions it read", () => {
  const partitions = [0, 1, 2].map((partition) => ({ partition, last_stable_offset: 100 }));
  expect(countNewer(answer([], { 0: 90, 1: 100, 9: 5 }), partitions)).toBe(10);
  expect(countNewer(answer([], { 0: 120 }), partitions)).toBe(0);
});

it("joins one answer per partition", () => {
  expect(
    joinAnswers([answer([record(0, 1)], { 0: 2 }, true), answer([record(1, 1)], { 1: 2 }, false)]),
  ).toMatchObject({ next: { 0: 2, 1: 2 }, scanned: 2, end_reached: false });
});

describe("readRange", () => {
  /** A log whose every offset holds a record; the filter lets through multiples of `every`. */
  const server = (every: number, limitMax: number) => {
    const asked: number[] = [];
    const ask = async (partition: number, from: number, limit: number) => {
      asked.push(from);
      const records: Record_[] = [];
      let at = from;
      for (; at < 10_000 && records.length < Math.min(limit, limitMax); at++) {
        if (at % every === 0) records.push(record(partition, at));
      }
      return { records, next: { [partition]: at }, scanned: at - from, end_reached: at === 10_000 };
    };
    return { ask, asked };
  };

  it("asks once when one answer covers the range, and keeps nothing beyond it", async () => {
    const { ask, asked } = server(1, 1000);
    const page = await readRange(ask, 2, 40, 50);
    expect(page.records.map((r) => r.offset)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(asked).toEqual([40]);
  });

  it("goes on where an answer was cut by its limit, so that no match is lost", async () => {
    const { ask, asked } = server(1, 4);
    const page = await readRange(ask, 0, 0, 10);
    expect(page.records.length).toBe(10);
    expect(asked).toEqual([0, 4, 8]);
  });

  it("counts what was searched within the range only", async () => {
    const { ask } = server(5000, 1000);
    expect((await readRange(ask, 0, 100, 200)).scanned).toBe(100);
  });

  it("stops when the server makes no progress", async () => {
    const stuck = async () => answer([], { 0: 5 });
    expect((await readRange(stuck, 0, 5, 9)).records).toEqual([]);
  });
});
