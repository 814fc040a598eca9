// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import * as api from "@/api/queries";
import type { TopicDetail } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatRate, formatSpan } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { Badge } from "@/ui/Badge";
import { Loaded } from "@/ui/Notice";
import { PageHeader } from "@/ui/Panel";
import { Stat, StatRow } from "@/ui/Stat";
import { Tabs } from "@/ui/Tabs";
import { Ago } from "@/ui/Time";
import { Configs, Partitions } from "./Details";
import { Messages } from "./Messages";

const route = getRouteApi("/topics/$topic");

export function TopicPage() {
  const { topic: name } = route.useParams();
  const topic = useLiveQuery(api.topic(name));
  return (
    <>
      <PageHeader title={name} mono badges={topic.data?.internal && <Badge>internal</Badge>} />
      <Loaded query={topic}>{(detail) => <Topic key={name} detail={detail} />}</Loaded>
    </>
  );
}

function Topic({ detail }: { detail: TopicDetail }) {
  const { tab = "messages" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <StatRow label="Topic">
        <Stat
          label="Records"
          value={formatCount(detail.records)}
          title={formatExact(detail.records)}
        />
        <Stat label="Records in" value={formatRate(detail.records_in_per_second)} />
        <Stat
          label="Size"
          value={formatBytes(detail.bytes)}
          title={`${formatExact(detail.bytes)} bytes`}
          note={`${formatBytes(detail.bytes_in_per_second)}/s in`}
        />
        <Stat label="Partitions" value={detail.partitions} />
        <Stat label="Retention" value={formatSpan(detail.retention_ms)} />
        <Stat label="Last record" value={<Ago ms={detail.last_timestamp_ms} />} />
      </StatRow>
      <Tabs
        label="Topic"
        value={tab}
        onChange={(next) =>
          void navigate({ search: next === "messages" ? {} : { tab: next as typeof tab } })
        }
        tabs={[
          { value: "messages", title: "Messages", body: <Messages topic={detail} /> },
          { value: "partitions", title: "Partitions", body: <Partitions detail={detail} /> },
          { value: "configs", title: "Configuration", body: <Configs detail={detail} /> },
        ]}
      />
    </>
  );
}
