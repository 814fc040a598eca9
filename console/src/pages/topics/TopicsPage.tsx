// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { post, type ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { TopicDetail } from "@/api/types";
import { plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { Button } from "@/ui/Button";
import { SearchField, Toggle } from "@/ui/Field";
import { Empty, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { CreateTopic, type NewTopic } from "./CreateTopic";
import { TopicTable } from "./TopicTable";

const route = getRouteApi("/topics");

export function TopicsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const topics = useLiveQuery(api.topics);
  const [creating, setCreating] = useState(false);
  const create = useMutation<TopicDetail, ApiError, NewTopic>({
    mutationFn: (topic) => post("/topics", topic),
    onSuccess: (topic) => {
      void client.invalidateQueries({ queryKey: api.topics.queryKey });
      void navigate({ to: "/topics/$topic", params: { topic: topic.name }, search: {} });
    },
  });
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });

  const wanted = search.q?.toLowerCase() ?? "";
  const shown = (topics.data ?? []).filter(
    (topic) => (search.internal || !topic.internal) && topic.name.toLowerCase().includes(wanted),
  );
  const hidden = (topics.data?.length ?? 0) - shown.length;

  return (
    <>
      <PageHeader
        title="Topics"
        actions={
          <Button
            look="primary"
            icon={<Plus size={15} aria-hidden />}
            onClick={() => setCreating(true)}
          >
            Create topic
          </Button>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <SearchField
          label="Filter topics"
          value={search.q ?? ""}
          className="w-64"
          onCommit={(q) => set({ q })}
        />
        <Toggle
          label="Internal topics"
          checked={search.internal ?? false}
          onChange={(internal) => set({ internal })}
        />
      </div>
      <Panel title="All topics" note={topics.data && plural(shown.length, "topic")} flush>
        <Loaded
          query={topics}
          isEmpty={() => shown.length === 0}
          empty={
            wanted ? (
              <Empty title="No topic matches">
                {plural(hidden, "topic")} hidden by the filter.
              </Empty>
            ) : (
              <Empty title="There are no topics yet" command="tidemill topic create orders">
                A topic also appears when a Kafka client first writes to it or a source creates it.
              </Empty>
            )
          }
        >
          {() => (
            <TopicTable
              topics={shown}
              sort={search.sort ?? "name"}
              onSort={(sort) => set({ sort })}
            />
          )}
        </Loaded>
      </Panel>
      <CreateTopic
        open={creating}
        busy={create.isPending}
        error={create.error}
        onClose={() => {
          setCreating(false);
          create.reset();
        }}
        onCreate={(topic) => create.mutate(topic)}
      />
    </>
  );
}
