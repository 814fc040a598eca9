// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Pause, Play } from "lucide-react";
import { useMemo, useState } from "react";
import { post, seg, type ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { Progress, QueryDetail, QuerySummary } from "@/api/types";
import { useLiveQuery } from "@/live/context";
import type { QuerySearch } from "@/search";
import { Badge, StateBadge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { InlineFailure, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { Tabs } from "@/ui/Tabs";
import { Definition } from "./Definition";
import { PlanGraph } from "./PlanGraph";
import { BATCHES_MAX, mergeProgress } from "./progress";
import { ProgressView } from "./ProgressView";
import { QueryStats } from "./QueryStats";

const route = getRouteApi("/queries/$query");

export function QueryPage() {
  const { query: name } = route.useParams();
  const query = useLiveQuery(api.query(name));
  return (
    <>
      <PageHeader
        title={name}
        mono
        badges={
          query.data && (
            <>
              <StateBadge state={query.data.state} />
              <Badge>{query.data.kind.replace("_", " ")}</Badge>
            </>
          )
        }
        note={
          query.data && `${query.data.source} \u2192 ${query.data.target}, ${query.data.trigger}`
        }
        actions={query.data && <PauseButton query={query.data} />}
      />
      <Loaded query={query}>{(detail) => <Query key={name} detail={detail} />}</Loaded>
    </>
  );
}

function PauseButton({ query }: { query: QuerySummary }) {
  const client = useQueryClient();
  const paused = query.state === "paused";
  const action = useMutation<QuerySummary, ApiError>({
    mutationFn: () => post(`/queries/${seg(query.name)}/${paused ? "resume" : "pause"}`),
    onSuccess: (summary) =>
      client.setQueryData<QueryDetail>(api.query(query.name).queryKey, (before) =>
        before ? { ...before, ...summary } : before,
      ),
  });
  if (query.state === "finished" || query.state === "failed") return null;
  return (
    <>
      {action.error && <InlineFailure error={action.error} />}
      <Button
        busy={action.isPending}
        icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
        onClick={() => action.mutate()}
      >
        {paused ? "Resume" : "Pause"}
      </Button>
    </>
  );
}

/** The recorded batches, and each new one as it is pushed. */
function useProgress(detail: QueryDetail): Progress[] {
  const recorded = useQuery({ ...api.progress(detail.name, BATCHES_MAX), staleTime: Infinity });
  const [pushed, setPushed] = useState<Progress[]>([]);
  const newest = detail.progress;
  const last = pushed.at(-1);
  if (newest && (newest.batchId !== last?.batchId || newest.runId !== last.runId)) {
    setPushed(mergeProgress(pushed, newest));
  }
  return useMemo(
    () => pushed.reduce((list, each) => mergeProgress(list, each), recorded.data ?? []),
    [recorded.data, pushed],
  );
}

function Query({ detail }: { detail: QueryDetail }) {
  const { tab = "progress" } = route.useSearch();
  const navigate = route.useNavigate();
  const progress = useProgress(detail);
  const sources = useQuery(api.sources);
  const source = sources.data?.find((each) => each.name === detail.source);
  return (
    <>
      {detail.error && (
        <div className="mb-4">
          <InlineFailure error={new Error(detail.error)} />
        </div>
      )}
      <QueryStats detail={detail} />
      <Tabs
        label="Query"
        value={tab}
        onChange={(next) =>
          void navigate({
            search: next === "progress" ? {} : { tab: next as QuerySearch["tab"] },
          })
        }
        tabs={[
          {
            value: "progress",
            title: "Progress",
            body: <ProgressView detail={detail} progress={progress} />,
          },
          {
            value: "plan",
            title: "Plan",
            body: (
              <Panel title="Operators">
                <PlanGraph plan={detail.plan} />
              </Panel>
            ),
          },
          { value: "sql", title: "SQL", body: <Definition detail={detail} source={source} /> },
        ]}
      />
    </>
  );
}
