// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Record_ } from "@/api/types";
import { recordKey } from "./paging";
import {
  emptyTail,
  matches,
  TAIL_MAX,
  tailReducer,
  type TailAction,
  type TailFilter,
} from "./tail";

const record = (offset: number, over: Partial<Record_> = {}): Record_ => ({
  partition: 0,
  offset,
  timestamp_ms: offset,
  key: { text: `k${offset}` },
  value: { text: `v${offset}` },
  headers: [],
  size: 1,
  ...over,
});
const arrive = (records: Record_[], filter: TailFilter = {}): TailAction => ({
  type: "arrive",
  records,
  filter,
});
const run = (...actions: TailAction[]) => actions.reduce(tailReducer, emptyTail);

describe("live tail", () => {
  it("puts new records on top", () => {
    const tail = run({ type: "start", records: [record(1)] }, arrive([record(2), record(3)]));
    expect(tail.shown.map(recordKey)).toEqual(["0:3", "0:2", "0:1"]);
  });

  it("holds records back while paused and shows them on resume", () => {
    const paused = run(arrive([record(1)]), { type: "pause" }, arrive([record(2)]));
    expect(paused.shown.map(recordKey)).toEqual(["0:1"]);
    expect(paused.waiting.length).toBe(1);
    expect(tailReducer(paused, { type: "resume" }).shown.map(recordKey)).toEqual(["0:2", "0:1"]);
  });

  it("keeps a bounded number of records", () => {
    const many = Array.from({ length: TAIL_MAX + 50 }, (_, i) => record(i));
    const tail = run(arrive(many));
    expect(tail.shown.length).toBe(TAIL_MAX);
    expect(tail.shown[0]?.offset).toBe(TAIL_MAX + 49);
    expect(tail.arrived).toBe(TAIL_MAX + 50);
    expect(run({ type: "pause" }, arrive(many)).waiting.length).toBe(TAIL_MAX);
  });

  it("shows a record once that came with the first page and over the socket", () => {
    expect(run(arrive([record(1)]), { type: "start", records: [record(1)] }).shown.length).toBe(1);
  });

  it("does not change when nothing matches", () => {
    const before = run(arrive([record(1)]));
    expect(tailReducer(before, arrive([record(2)], { partition: 7 }))).toBe(before);
  });
});

describe("matches", () => {
  it("looks at key and value, as the server does", () => {
    const r = record(1, { headers: [{ key: "trace", value: { text: "abc" } }] });
    const hits = ["k1", "v1", "abc", "zzz"].map((contains) => matches(r, { contains }));
    expect(hits).toEqual([true, true, false, false]);
  });

  it("does not trip over null and binary", () => {
    const r = record(1, { key: null, value: { base64: "AP8=" } });
    expect(matches(r, { contains: "AP8" })).toBe(false);
    expect(matches(r, {})).toBe(true);
  });
});
