// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Progress } from "@/api/types";
import { mergeProgress, progressColumns } from "./progress";

const batch = (batchId: number, second: number, over: Partial<Progress> = {}): Progress =>
  ({
    batchId,
    runId: "r1",
    timestamp: new Date(second * 1000).toISOString(),
    inputRowsPerSecond: 10 * batchId,
    processedRowsPerSecond: 20 * batchId,
    numInputRows: batchId,
    durationMs: { addBatch: 5 },
    latencyMs: { p50: 1, p95: 2, p99: 3, max: 4 },
    ...over,
  }) as Progress;
const ids = (list: Progress[]) => list.map((p) => p.batchId);

describe("mergeProgress", () => {
  it("adds a new batch and replaces one it knows", () => {
    const known = [batch(1, 1), batch(2, 2)];
    expect(ids(mergeProgress(known, batch(3, 3)))).toEqual([1, 2, 3]);
    const again = mergeProgress(known, batch(2, 2, { numInputRows: 99 }));
    expect(again.map((p) => p.numInputRows)).toEqual([1, 99]);
  });

  it("does not confuse batches of two runs", () => {
    const merged = mergeProgress([batch(2, 5)], batch(2, 9, { runId: "r2" }));
    expect(ids(merged)).toEqual([2, 2]);
  });

  it("keeps the newest ones only", () => {
    const known = Array.from({ length: 5 }, (_, i) => batch(i, i));
    expect(ids(mergeProgress(known, batch(5, 5), 3))).toEqual([3, 4, 5]);
    expect(ids(mergeProgress(known, null, 2))).toEqual([3, 4]);
  });
});

describe("progressColumns", () => {
  it("makes one column per chart line, with nothing for a phase that was not measured", () => {
    const columns = progressColumns([batch(1, 1), batch(2, 2)]);
    expect(columns.times).toEqual([1, 2]);
    expect(columns.input).toEqual([10, 20]);
    expect(columns.phases.addBatch).toEqual([5, 5]);
    expect(columns.phases.walCommit).toEqual([0, 0]);
  });

  it("keeps times ascending and leaves out what has none", () => {
    const columns = progressColumns([
      batch(1, 1),
      batch(2, 1),
      batch(3, 2, { timestamp: "?" }),
      batch(4, 3),
    ]);
    expect(columns.times).toEqual([1, 3]);
    expect(columns.rows).toEqual([2, 4]);
  });
});
