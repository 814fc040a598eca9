// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { TopicSummary } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatRate, formatSpan } from "@/format/number";
import { Badge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Ago } from "@/ui/Time";

const COLUMNS: readonly DataColumn<TopicSummary>[] = [
  {
    id: "name",
    title: "Topic",
    sort: (t) => t.name,
    cell: (t) => (
      <span className="inline-flex items-center gap-2">
        <Link
          to="/topics/$topic"
          params={{ topic: t.name }}
          className={textLink("font-mono text-xs")}
        >
          {t.name}
        </Link>
        {t.internal && <Badge>internal</Badge>}
      </span>
    ),
  },
  {
    id: "partitions",
    title: "Partitions",
    numeric: true,
    sort: (t) => t.partitions,
    cell: (t) => t.partitions,
    className: "max-sm:hidden",
  },
  {
    id: "records",
    title: "Records",
    numeric: true,
    sort: (t) => t.records,
    cell: (t) => <span title={formatExact(t.records)}>{formatCount(t.records)}</span>,
  },
  {
    id: "rate",
    title: "In",
    numeric: true,
    sort: (t) => t.records_in_per_second,
    cell: (t) => (
      <span title={`${formatBytes(t.bytes_in_per_second)}/s`}>
        {formatRate(t.records_in_per_second)}
      </span>
    ),
  },
  {
    id: "bytes",
    title: "Size",
    numeric: true,
    sort: (t) => t.bytes,
    cell: (t) => <span title={`${formatExact(t.bytes)} bytes`}>{formatBytes(t.bytes)}</span>,
    className: "max-md:hidden",
  },
  {
    id: "retention",
    title: "Retention",
    numeric: true,
    sort: (t) => (t.retention_ms < 0 ? Infinity : t.retention_ms),
    cell: (t) => formatSpan(t.retention_ms),
    className: "max-md:hidden",
  },
  {
    id: "last",
    title: "Last record",
    numeric: true,
    sort: (t) => t.last_timestamp_ms,
    cell: (t) => <Ago ms={t.last_timestamp_ms} />,
    className: "max-sm:hidden",
  },
];

export interface TopicTableProps {
  topics: TopicSummary[];
  sort: string;
  onSort: (sort: string) => void;
}

export function TopicTable({ topics, sort, onSort }: TopicTableProps) {
  return (
    <DataTable
      label="Topics"
      rows={topics}
      rowKey={(topic) => topic.name}
      columns={COLUMNS}
      sort={sort}
      onSort={onSort}
    />
  );
}
