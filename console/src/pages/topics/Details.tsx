// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { TopicDetail } from "@/api/types";
import { formatBytes, formatExact, formatSpan } from "@/format/number";
import { Badge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Panel } from "@/ui/Panel";
import { Empty } from "@/ui/Notice";

type Partition = TopicDetail["partition_list"][number];
type Config = TopicDetail["configs"][number];

function partitionColumns(topic: string): readonly DataColumn<Partition>[] {
  const number = (
    id: string,
    title: string,
    of: (p: Partition) => number,
  ): DataColumn<Partition> => ({
    id,
    title,
    numeric: true,
    cell: (p) => formatExact(of(p)),
  });
  return [
    {
      id: "partition",
      title: "Partition",
      cell: (p) => (
        <Link
          to="/topics/$topic"
          params={{ topic }}
          search={{ partition: p.partition }}
          className={textLink("num")}
        >
          {p.partition}
        </Link>
      ),
    },
    number("start", "Log start", (p) => p.log_start_offset),
    number("stable", "Last stable", (p) => p.last_stable_offset),
    number("high", "High watermark", (p) => p.high_watermark),
    number("records", "Records", (p) => p.high_watermark - p.log_start_offset),
    { ...number("bytes", "Size", (p) => p.bytes), cell: (p) => formatBytes(p.bytes) },
    number("epoch", "Leader epoch", (p) => p.leader_epoch),
  ];
}

export function Partitions({ detail }: { detail: TopicDetail }) {
  return (
    <Panel title="Partitions" flush>
      <DataTable
        label="Partitions"
        rows={detail.partition_list}
        rowKey={(p) => String(p.partition)}
        columns={partitionColumns(detail.name)}
      />
    </Panel>
  );
}

/** Kafka's way to say "no limit" where -1 means something else. */
const NO_LIMIT = "9223372036854775807";

/** Long numbers of milliseconds and bytes, in words. */
export function meaningOf({ name, value }: Pick<Config, "name" | "value">): string {
  if (value === NO_LIMIT) return "unlimited";
  if (!/^-?\d+$/.test(value)) return "";
  if (name.endsWith(".ms")) return formatSpan(Number(value));
  if (name.endsWith(".bytes")) return value === "-1" ? "unlimited" : formatBytes(Number(value));
  return "";
}

const CONFIG_COLUMNS: readonly DataColumn<Config>[] = [
  { id: "name", title: "Option", cell: (c) => <code className="font-mono text-xs">{c.name}</code> },
  {
    id: "value",
    title: "Value",
    cell: (c) => (
      <>
        <code className="font-mono text-xs break-all">{c.value}</code>
        <span className="ms-2 text-xs text-ink-3">{meaningOf(c)}</span>
      </>
    ),
  },
  {
    id: "default",
    title: "Default",
    cell: (c) => (
      <code className="font-mono text-xs break-all text-ink-3">
        {typeof c.default === "string" ? c.default : c.default ? c.value : ""}
      </code>
    ),
    className: "max-sm:hidden",
  },
  {
    id: "source",
    title: "Set by",
    cell: (c) =>
      c.source === "dynamic" ? <Badge tone="accent">this topic</Badge> : <Badge>default</Badge>,
  },
];

export function Configs({ detail }: { detail: TopicDetail }) {
  return (
    <Panel title="Configuration" flush>
      {detail.configs.length === 0 ? (
        <Empty title="The server reports no options" />
      ) : (
        <DataTable
          label="Configuration"
          rows={detail.configs}
          rowKey={(c) => c.name}
          columns={CONFIG_COLUMNS}
        />
      )}
    </Panel>
  );
}
