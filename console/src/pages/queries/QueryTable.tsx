// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { QuerySummary } from "@/api/types";
import { formatCount, formatExact, formatRate } from "@/format/number";
import { Badge, StateBadge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Ago } from "@/ui/Time";

const COLUMNS: readonly DataColumn<QuerySummary>[] = [
  {
    id: "name",
    title: "Query",
    sort: (q) => q.name,
    cell: (q) => (
      <div>
        <Link
          to="/queries/$query"
          params={{ query: q.name }}
          className={textLink("font-mono text-xs")}
        >
          {q.name}
        </Link>
        <div className="mt-0.5 text-xs text-ink-3">
          {q.source} &rarr; {q.target}
        </div>
        {q.error && <div className="mt-0.5 max-w-xl text-xs text-bad">{q.error}</div>}
      </div>
    ),
  },
  {
    id: "state",
    title: "State",
    sort: (q) => q.state,
    cell: (q) => (
      <span className="inline-flex gap-1.5">
        <StateBadge state={q.state} />
        {q.restarts > 0 && <Badge tone="warn">{formatCount(q.restarts)} restarts</Badge>}
      </span>
    ),
  },
  {
    id: "kind",
    title: "Kind",
    sort: (q) => q.kind,
    cell: (q) => q.kind.replace("_", " "),
    className: "max-lg:hidden",
  },
  {
    id: "trigger",
    title: "Trigger",
    sort: (q) => q.trigger,
    cell: (q) => q.trigger,
    className: "max-lg:hidden",
  },
  {
    id: "in",
    title: "Input",
    numeric: true,
    sort: (q) => q.input_rows_per_second,
    cell: (q) => formatRate(q.input_rows_per_second),
  },
  {
    id: "processed",
    title: "Processed",
    numeric: true,
    sort: (q) => q.processed_rows_per_second,
    cell: (q) => formatRate(q.processed_rows_per_second),
    className: "max-md:hidden",
  },
  {
    id: "lag",
    title: "Lag",
    numeric: true,
    sort: (q) => q.lag,
    cell: (q) => <span title={`${formatExact(q.lag)} records`}>{formatCount(q.lag)}</span>,
  },
  {
    id: "watermark",
    title: "Event watermark",
    numeric: true,
    sort: (q) => q.watermark_ms,
    cell: (q) => <Ago ms={q.watermark_ms} />,
    className: "max-md:hidden",
  },
];

export interface QueryTableProps {
  queries: QuerySummary[];
  sort: string;
  onSort: (sort: string) => void;
}

export function QueryTable({ queries, sort, onSort }: QueryTableProps) {
  return (
    <DataTable
      label="Streaming queries"
      rows={queries}
      rowKey={(query) => query.name}
      columns={COLUMNS}
      sort={sort}
      onSort={onSort}
    />
  );
}
