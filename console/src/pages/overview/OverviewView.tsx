// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Overview } from "@/api/types";
import { TimeChart } from "@/charts/TimeChart";
import {
  formatBytes,
  formatCount,
  formatExact,
  formatMs,
  formatPercent,
  formatRate,
  formatSpan,
  plural,
} from "@/format/number";
import { WINDOW_SECONDS, type NamedSeries } from "@/live/overview_history";
import { Panel } from "@/ui/Panel";
import { Stat, StatRow } from "@/ui/Stat";
import { NewestRows } from "./NewestRows";
import { QueryLag, RejectedByRule } from "./Sides";

export interface OverviewViewProps {
  overview: Overview;
  series: NamedSeries;
}

export function OverviewView({ overview: o, series }: OverviewViewProps) {
  const lag = o.lag.reduce((sum, entry) => sum + entry.records, 0);
  const failed = o.queries.filter((q) => q.state === "failed").length;
  return (
    <>
      <StatRow label="Now">
        <Stat
          label="Records in"
          value={formatRate(o.records_in_per_second)}
          note={`${formatCount(o.totals.records_in)} in total`}
          title={formatExact(o.totals.records_in)}
        />
        <Stat
          label="Records out"
          value={formatRate(o.records_out_per_second)}
          note={`${formatCount(o.totals.records_out)} in total`}
          title={formatExact(o.totals.records_out)}
        />
        <Stat
          label="Rejected"
          value={formatRate(o.rejected_per_second)}
          note={`${formatCount(o.totals.rejected)} in total`}
          title={formatExact(o.totals.rejected)}
        />
        <Stat
          label="Latency, end to end (p99)"
          value={formatMs(o.latency_ms.p99)}
          note={`p50 ${formatMs(o.latency_ms.p50)}, max ${formatMs(o.latency_ms.max)}`}
        />
        <Stat
          label="Lag"
          value={formatCount(lag)}
          title={`${formatExact(lag)} records`}
          note={
            failed ? (
              <Link to="/queries" search={{ sort: "state" }} className="text-bad underline">
                {plural(failed, "query", "queries")} failed
              </Link>
            ) : (
              "records not yet processed"
            )
          }
        />
        <Stat
          label="Memory"
          value={formatBytes(o.resident_bytes)}
          note={`CPU ${formatPercent(o.cpu_percent)}, up ${formatSpan(o.uptime_ms)}`}
        />
      </StatRow>

      <div className="grid gap-4 xl:grid-cols-2">
        <Panel title="Throughput" note="last 5 minutes">
          <TimeChart
            label="Records per second in, out and rejected, over the last five minutes"
            times={series.times}
            windowSeconds={WINDOW_SECONDS}
            format={formatRate}
            series={[
              { label: "in", token: "series-1", values: series.column("in") },
              { label: "out", token: "series-2", values: series.column("out") },
              { label: "rejected", token: "series-4", values: series.column("rejected") },
            ]}
          />
        </Panel>
        <Panel title="End-to-end latency" note="record to committed row, last 5 minutes">
          <TimeChart
            label="End-to-end latency percentiles over the last five minutes"
            times={series.times}
            windowSeconds={WINDOW_SECONDS}
            format={formatMs}
            series={[
              { label: "p50", token: "series-1", values: series.column("p50") },
              { label: "p95", token: "series-3", values: series.column("p95") },
              { label: "p99", token: "series-4", values: series.column("p99") },
            ]}
          />
        </Panel>
        <Panel title="Queries and lag" flush>
          <QueryLag queries={o.queries} lag={o.lag} />
        </Panel>
        <Panel title="Rejected by rule" note={`${formatCount(o.totals.rejected)} since the start`}>
          <RejectedByRule rejected={o.rejected_by_rule} />
        </Panel>
      </div>

      <NewestRows newest={o.newest_rows} />

      <p className="num mt-4 text-xs text-ink-3">
        {plural(o.topics.count, "topic")} with {plural(o.topics.partitions, "partition")},{" "}
        {formatBytes(o.topics.bytes)} &middot; {plural(o.tables.count, "table")},{" "}
        {formatBytes(o.tables.bytes)} &middot; {formatCount(o.totals.duplicates)} duplicates dropped
        &middot; {formatCount(o.totals.late)} late
      </p>
    </>
  );
}
