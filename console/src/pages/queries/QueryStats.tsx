// SPDX-License-Identifier: Apache-2.0
import type { QueryDetail } from "@/api/types";
import { formatCount, formatExact, formatMs, formatRate, plural } from "@/format/number";
import { Stat, StatRow } from "@/ui/Stat";
import { Ago } from "@/ui/Time";

export function QueryStats({ detail }: { detail: QueryDetail }) {
  const { totals, progress } = detail;
  return (
    <StatRow label="Query">
      <Stat
        label="Input"
        value={formatRate(detail.input_rows_per_second)}
        title={`${formatExact(totals.input_rows)} rows in total`}
        note={`${formatCount(totals.input_rows)} in total`}
      />
      <Stat
        label="Processed"
        value={formatRate(detail.processed_rows_per_second)}
        note={`${formatCount(totals.output_rows)} written`}
      />
      <Stat
        label="Lag"
        value={formatCount(detail.lag)}
        title={`${formatExact(detail.lag)} records`}
        note="records not yet processed"
      />
      <Stat
        label="Latency (p99)"
        value={formatMs(progress?.latencyMs.p99)}
        note={progress ? `p50 ${formatMs(progress.latencyMs.p50)}` : "no batch yet"}
      />
      <Stat
        label="Event watermark"
        value={<Ago ms={detail.watermark_ms} />}
        note={`${formatCount(totals.late_rows)} late`}
      />
      <Stat
        label="Rejected"
        value={formatCount(totals.rejected_rows)}
        title={formatExact(totals.rejected_rows)}
        tone={detail.restarts > 0 ? "warn" : "neutral"}
        note={
          detail.restarts > 0
            ? plural(detail.restarts, "restart")
            : `${formatCount(totals.duplicate_rows)} duplicates dropped`
        }
      />
    </StatRow>
  );
}
