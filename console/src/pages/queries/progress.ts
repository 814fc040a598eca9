// SPDX-License-Identifier: Apache-2.0
// From progress records to the columns of charts.
import type { Progress } from "@/api/types";

export const BATCHES_MAX = 300;

/** Keeps batches in order, each once; a restarted query may count from the beginning again. */
export function mergeProgress(
  known: readonly Progress[],
  latest: Progress | null,
  max = BATCHES_MAX,
): Progress[] {
  if (!latest) return known.slice(-max);
  const same = (p: Progress) => p.batchId === latest.batchId && p.runId === latest.runId;
  const rest = known.filter((p) => !same(p));
  return [...rest, latest].sort((a, b) => timeOf(a) - timeOf(b)).slice(-max);
}

const timeOf = (progress: Progress): number => Date.parse(progress.timestamp);

/** Parts of a batch in the order they happen. */
export const PHASES = [
  "latestOffset",
  "getBatch",
  "queryPlanning",
  "walCommit",
  "addBatch",
  "commitOffsets",
] as const;

export interface ProgressColumns {
  times: number[];
  input: number[];
  processed: number[];
  rows: number[];
  phases: { [phase in (typeof PHASES)[number]]: number[] };
  p50: number[];
  p95: number[];
  p99: number[];
}

export function progressColumns(list: readonly Progress[]): ProgressColumns {
  // Two batches may carry the same millisecond; a chart needs ascending times.
  const points: Progress[] = [];
  for (const progress of list) {
    const time = timeOf(progress);
    if (Number.isNaN(time)) continue;
    const last = points.at(-1);
    if (last && timeOf(last) >= time) points[points.length - 1] = progress;
    else points.push(progress);
  }
  const column = (of: (p: Progress) => number) => points.map(of);
  return {
    times: column((p) => timeOf(p) / 1000),
    input: column((p) => p.inputRowsPerSecond),
    processed: column((p) => p.processedRowsPerSecond),
    rows: column((p) => p.numInputRows),
    phases: Object.fromEntries(
      PHASES.map((phase) => [phase, column((p) => p.durationMs[phase] ?? 0)]),
    ) as ProgressColumns["phases"],
    p50: column((p) => p.latencyMs.p50),
    p95: column((p) => p.latencyMs.p95),
    p99: column((p) => p.latencyMs.p99),
  };
}
