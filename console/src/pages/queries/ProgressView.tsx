// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { Progress, QueryDetail } from "@/api/types";
import { TimeChart } from "@/charts/TimeChart";
import { formatBytes, formatCount, formatMs, formatRate, plural } from "@/format/number";
import { Bars } from "@/ui/Bars";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Empty } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { PHASES, progressColumns } from "./progress";

const TITLES: { [phase in (typeof PHASES)[number]]: string } = {
  latestOffset: "latest offset",
  getBatch: "get batch",
  queryPlanning: "planning",
  walCommit: "log commit",
  addBatch: "add batch",
  commitOffsets: "commit offsets",
};
const TOKENS = ["series-6", "series-5", "series-4", "series-2", "series-1", "series-3"];

export function ProgressView({ detail, progress }: { detail: QueryDetail; progress: Progress[] }) {
  const columns = useMemo(() => progressColumns(progress), [progress]);
  if (progress.length === 0) {
    return (
      <Empty title="No batch has finished yet" command={`tidemill query show ${detail.name}`}>
        Charts start with the first batch.
      </Empty>
    );
  }
  const note = `last ${plural(columns.times.length, "batch", "batches")}`;
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Panel title="Input and processing rate" note={note}>
        <TimeChart
          label="Rows per second received and processed, by batch"
          times={columns.times}
          format={formatRate}
          series={[
            { label: "input", token: "series-1", values: columns.input },
            { label: "processed", token: "series-2", values: columns.processed },
          ]}
        />
      </Panel>
      <Panel title="Batch duration" note="by phase">
        <TimeChart
          label="Duration of each batch, split by phase"
          times={columns.times}
          format={formatMs}
          stacked
          series={PHASES.map((phase, i) => ({
            label: TITLES[phase],
            token: TOKENS[i]!,
            values: columns.phases[phase],
          }))}
        />
      </Panel>
      <Panel title="Latency" note="record to committed row">
        <TimeChart
          label="Latency percentiles by batch"
          times={columns.times}
          format={formatMs}
          series={[
            { label: "p50", token: "series-1", values: columns.p50 },
            { label: "p95", token: "series-3", values: columns.p95 },
            { label: "p99", token: "series-4", values: columns.p99 },
          ]}
        />
      </Panel>
      <Panel title="Rows per batch">
        <TimeChart
          label="Input rows of each batch"
          times={columns.times}
          format={formatCount}
          series={[{ label: "rows", token: "series-5", values: columns.rows }]}
        />
      </Panel>
      <Rejected detail={detail} />
      <StateOperators operators={detail.progress?.stateOperators ?? []} />
    </div>
  );
}

function Rejected({ detail }: { detail: QueryDetail }) {
  return (
    <Panel title="Rejected by rule" note={`${formatCount(detail.totals.rejected_rows)} in total`}>
      {detail.rejected_by_rule.length === 0 ? (
        <Empty title="No record was rejected" />
      ) : (
        <Bars
          label="Rejected records by rule"
          bars={detail.rejected_by_rule.map(({ rule, count }) => ({
            key: rule,
            value: count,
            label: (
              <Link
                to="/dead-letters"
                search={{ source: detail.source, rule }}
                className={textLink("font-mono text-xs")}
              >
                {rule}
              </Link>
            ),
          }))}
        />
      )}
    </Panel>
  );
}

type Operator = Progress["stateOperators"][number];

const OPERATOR_COLUMNS: readonly DataColumn<Operator>[] = [
  { id: "name", title: "Operator", cell: (o) => o.operatorName },
  { id: "rows", title: "Rows", numeric: true, cell: (o) => formatCount(o.numRowsTotal) },
  { id: "updated", title: "Updated", numeric: true, cell: (o) => formatCount(o.numRowsUpdated) },
  { id: "removed", title: "Removed", numeric: true, cell: (o) => formatCount(o.numRowsRemoved) },
  {
    id: "late",
    title: "Late",
    numeric: true,
    cell: (o) => formatCount(o.numRowsDroppedByWatermark),
  },
  { id: "memory", title: "Memory", numeric: true, cell: (o) => formatBytes(o.memoryUsedBytes) },
];

function StateOperators({ operators }: { operators: Operator[] }) {
  return (
    <Panel title="State" note="of the last batch" flush>
      {operators.length === 0 ? (
        <Empty title="This query keeps no state" />
      ) : (
        <DataTable
          label="State operators"
          rows={operators}
          rowKey={(o) => o.operatorName}
          columns={OPERATOR_COLUMNS}
        />
      )}
    </Panel>
  );
}
