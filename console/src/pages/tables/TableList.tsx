// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { TableSummary } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatSpan } from "@/format/number";
import { Badge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";

const COLUMNS: readonly DataColumn<TableSummary>[] = [
  {
    id: "name",
    title: "Table",
    sort: (t) => `${t.keyspace}.${t.table}`,
    cell: (t) => (
      <span className="inline-flex items-center gap-2">
        <Link
          to="/tables/$keyspace/$table"
          params={{ keyspace: t.keyspace, table: t.table }}
          className={textLink("font-mono text-xs")}
        >
          {t.keyspace}.{t.table}
        </Link>
        {t.system && <Badge>system</Badge>}
      </span>
    ),
  },
  {
    id: "key",
    title: "Primary key",
    cell: (t) => <span className="font-mono text-xs">{t.primary_key.join(", ")}</span>,
    className: "max-md:hidden",
  },
  {
    id: "columns",
    title: "Columns",
    numeric: true,
    sort: (t) => t.columns,
    cell: (t) => t.columns,
  },
  {
    id: "rows",
    title: "Rows",
    numeric: true,
    sort: (t) => t.rows_estimate,
    cell: (t) => (
      <span title={`about ${formatExact(t.rows_estimate)}`}>~{formatCount(t.rows_estimate)}</span>
    ),
  },
  {
    id: "bytes",
    title: "Size",
    numeric: true,
    sort: (t) => t.bytes,
    cell: (t) => <span title={`${formatExact(t.bytes)} bytes`}>{formatBytes(t.bytes)}</span>,
  },
  {
    id: "ttl",
    title: "Time to live",
    numeric: true,
    sort: (t) => t.default_time_to_live,
    cell: (t) => (t.default_time_to_live ? formatSpan(t.default_time_to_live * 1000) : "none"),
    className: "max-sm:hidden",
  },
];

export interface TableListProps {
  tables: TableSummary[];
  sort: string;
  onSort: (sort: string) => void;
}

export function TableList({ tables, sort, onSort }: TableListProps) {
  return (
    <DataTable
      label="Tables"
      rows={tables}
      rowKey={(t) => `${t.keyspace}.${t.table}`}
      columns={COLUMNS}
      sort={sort}
      onSort={onSort}
    />
  );
}
