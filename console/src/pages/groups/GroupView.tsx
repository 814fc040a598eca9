// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { GroupDetail } from "@/api/types";
import { formatCount, formatExact } from "@/format/number";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Empty } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { Stat, StatRow } from "@/ui/Stat";

type Offset = GroupDetail["offsets"][number];
type Member = GroupDetail["member_list"][number];

const OFFSETS: readonly DataColumn<Offset>[] = [
  {
    id: "topic",
    title: "Topic",
    sort: (o) => o.topic,
    cell: (o) => (
      <Link
        to="/topics/$topic"
        params={{ topic: o.topic }}
        className={textLink("font-mono text-xs")}
      >
        {o.topic}
      </Link>
    ),
  },
  {
    id: "partition",
    title: "Partition",
    numeric: true,
    sort: (o) => o.partition,
    cell: (o) => o.partition,
  },
  {
    id: "committed",
    title: "Committed",
    numeric: true,
    cell: (o) => (
      <Link
        to="/topics/$topic"
        params={{ topic: o.topic }}
        search={{ partition: o.partition, from: String(Math.max(0, o.committed)) }}
        className={textLink()}
        title="Read on from here"
      >
        {formatExact(o.committed)}
      </Link>
    ),
  },
  {
    id: "high",
    title: "High watermark",
    numeric: true,
    cell: (o) => formatExact(o.high_watermark),
  },
  {
    id: "lag",
    title: "Lag",
    numeric: true,
    sort: (o) => o.lag,
    cell: (o) => <span title={formatExact(o.lag)}>{formatCount(o.lag)}</span>,
  },
  {
    id: "metadata",
    title: "Metadata",
    cell: (o) => <span className="font-mono text-xs">{o.metadata}</span>,
    className: "max-md:hidden",
  },
];

const MEMBERS: readonly DataColumn<Member>[] = [
  {
    id: "client",
    title: "Client",
    cell: (m) => (
      <div>
        {m.client_id}
        <div className="font-mono text-xs break-all text-ink-3">{m.instance_id ?? m.member_id}</div>
      </div>
    ),
  },
  { id: "host", title: "Host", cell: (m) => <span className="font-mono text-xs">{m.host}</span> },
  {
    id: "assignments",
    title: "Assigned",
    cell: (m) => (
      <span className="font-mono text-xs">
        {m.assignments.map((a) => `${a.topic} [${a.partitions.join(", ")}]`).join("; ") ||
          "nothing"}
      </span>
    ),
  },
];

export interface GroupViewProps {
  detail: GroupDetail;
  sort: string | undefined;
  onSort: (sort: string) => void;
}

export function GroupView({ detail, sort, onSort }: GroupViewProps) {
  return (
    <>
      <StatRow label="Group">
        <Stat
          label="Lag"
          value={formatCount(detail.lag)}
          title={`${formatExact(detail.lag)} records`}
        />
        <Stat label="Members" value={detail.members} />
        <Stat label="Assignment" value={detail.protocol || "none"} />
        <Stat label="Protocol type" value={detail.protocol_type || "none"} />
      </StatRow>
      <div className="flex flex-col gap-4">
        <Panel title="Offsets" flush>
          {detail.offsets.length === 0 ? (
            <Empty title="This group has committed no offset" />
          ) : (
            <DataTable
              label="Offsets"
              rows={detail.offsets}
              rowKey={(o) => `${o.topic}/${o.partition}`}
              columns={OFFSETS}
              sort={sort}
              onSort={onSort}
            />
          )}
        </Panel>
        <Panel title="Members" flush>
          {detail.member_list.length === 0 ? (
            <Empty title="Nobody is in this group">
              Its offsets are kept; a consumer that joins continues from them.
            </Empty>
          ) : (
            <DataTable
              label="Members"
              rows={detail.member_list}
              rowKey={(m) => m.member_id}
              columns={MEMBERS}
            />
          )}
        </Panel>
      </div>
    </>
  );
}
