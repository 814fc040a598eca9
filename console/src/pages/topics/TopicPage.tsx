// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SendHorizontal } from "lucide-react";
import { useState } from "react";
import { post, seg, type ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { TopicDetail } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatRate, formatSpan } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Loaded } from "@/ui/Notice";
import { PageHeader } from "@/ui/Panel";
import { Stat, StatRow } from "@/ui/Stat";
import { Tabs } from "@/ui/Tabs";
import { Ago } from "@/ui/Time";
import { Configs, Partitions } from "./Details";
import { Messages } from "./Messages";
import { ProduceRecord, type NewRecord } from "./ProduceRecord";

const route = getRouteApi("/topics/$topic");

export function TopicPage() {
  const { topic: name } = route.useParams();
  const topic = useLiveQuery(api.topic(name));
  return (
    <>
      <PageHeader
        title={name}
        mono
        badges={topic.data?.internal && <Badge>internal</Badge>}
        actions={topic.data && !topic.data.internal && <Produce key={name} detail={topic.data} />}
      />
      <Loaded query={topic}>{(detail) => <Topic key={name} detail={detail} />}</Loaded>
    </>
  );
}

type Written = { records: { partition: number; offset: number }[] };

function Produce({ detail }: { detail: TopicDetail }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const produce = useMutation<Written, ApiError, NewRecord>({
    mutationFn: (record) => post(`/topics/${seg(detail.name)}/records`, { records: [record] }),
    onSuccess: () =>
      void client.invalidateQueries({ queryKey: [`/topics/${seg(detail.name)}/records`] }),
  });
  const at = produce.data?.records[0];
  return (
    <>
      <Button icon={<SendHorizontal size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Produce
      </Button>
      <ProduceRecord
        open={open}
        topic={detail.name}
        partitions={detail.partition_list.map((p) => p.partition)}
        busy={produce.isPending}
        error={produce.error}
        written={at ? `Written: partition ${at.partition}, offset ${formatExact(at.offset)}` : null}
        onClose={() => {
          setOpen(false);
          produce.reset();
        }}
        onProduce={(record) => produce.mutate(record)}
      />
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
