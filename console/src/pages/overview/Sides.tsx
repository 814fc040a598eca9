// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Overview } from "@/api/types";
import { formatCount, formatExact, formatRate } from "@/format/number";
import { Bars } from "@/ui/Bars";
import { StateBadge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { Empty } from "@/ui/Notice";
import { textLink } from "@/ui/link";

export function RejectedByRule({ rejected }: { rejected: Overview["rejected_by_rule"] }) {
  if (rejected.length === 0) {
    return (
      <Empty title="No record was rejected">Bad records would be counted here, by rule.</Empty>
    );
  }
  return (
    <Bars
      label="Rejected records by rule"
      bars={rejected.map(({ query, rule, count }) => ({
        key: `${query}/${rule}`,
        value: count,
        label: (
          <>
            <Link to="/dead-letters" search={{ rule }} className={textLink("font-mono text-xs")}>
              {rule}
            </Link>{" "}
            <span className="text-xs text-ink-3">{query}</span>
          </>
        ),
      }))}
    />
  );
}

type Row = Overview["queries"][number] & { lag: number | null };

const COLUMNS: readonly DataColumn<Row>[] = [
  {
    id: "name",
    title: "Query",
    cell: (row) => (
      <Link
        to="/queries/$query"
        params={{ query: row.name }}
        className={textLink("font-mono text-xs")}
      >
        {row.name}
      </Link>
    ),
  },
  {
    id: "state",
    title: "State",
    cell: (row) => <StateBadge state={row.state} title={row.error} />,
  },
  {
    id: "rate",
    title: "Processed",
    numeric: true,
    cell: (row) => formatRate(row.processed_rows_per_second),
  },
  {
    id: "lag",
    title: "Lag",
    numeric: true,
    cell: (row) => (
      <span title={row.lag === null ? "" : formatExact(row.lag)}>{formatCount(row.lag)}</span>
    ),
  },
];

export function QueryLag({ queries, lag }: Pick<Overview, "queries" | "lag">) {
  if (queries.length === 0) {
    return (
      <Empty title="No query is running" command="tidemill apply examples/users">
        Queries are made with CREATE SINK or CREATE MATERIALIZED VIEW.
      </Empty>
    );
  }
  const rows = queries.map((query): Row => {
    const mine = lag.filter((entry) => entry.query === query.name);
    return { ...query, lag: mine.length ? mine.reduce((sum, e) => sum + e.records, 0) : null };
  });
  return <DataTable label="Queries and lag" rows={rows} rowKey={(r) => r.name} columns={COLUMNS} />;
}
