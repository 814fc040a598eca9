// SPDX-License-Identifier: Apache-2.0
// The data of the message browser: pages over REST, and the live tail over the socket.
import {
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from "@tanstack/react-query";
import { useEffect, useMemo, useReducer } from "react";
import { seg, type ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { RecordFilter } from "@/api/queries";
import type { Record_, TopicDetail } from "@/api/types";
import { useChannel } from "@/live/context";
import {
  countNewer,
  joinAnswers,
  mergeRecords,
  nextParam,
  olderFrom,
  readRange,
  type Ask,
  type Page,
  type PageParam,
} from "./paging";
import { emptyTail, tailReducer, type TailFilter } from "./tail";

type Offsets = { [partition: string]: number };

/** How many offsets one search step looks at, over all partitions. */
const SEARCH_WINDOW = 30_000;

async function fetchPage(
  topic: string,
  filter: RecordFilter,
  param: PageParam,
  starts: Offsets,
  signal: AbortSignal,
): Promise<Page> {
  if (param.kind === "first") {
    const answer = await api.records(topic, filter).queryFn({ signal });
    return { param, answer, reached: {} };
  }
  const ask: Ask = (partition, from, limit) =>
    api.records(topic, { ...filter, partition, from: String(from), limit }).queryFn({ signal });
  if (param.kind === "forward") {
    const open = Object.entries(param.next);
    const share = Math.max(1, Math.ceil(filter.limit / Math.max(1, open.length)));
    const answers = await Promise.all(open.map(([p, offset]) => ask(Number(p), offset, share)));
    return { param, answer: joinAnswers(answers), reached: {} };
  }
  const from = olderFrom(param.before, starts, filter.contains ? SEARCH_WINDOW : filter.limit);
  const answers = await Promise.all(
    Object.entries(from).map(([p, offset]) =>
      readRange(ask, Number(p), offset, param.before[p] ?? offset),
    ),
  );
  return { param, answer: joinAnswers(answers), reached: { ...param.before, ...from } };
}

export interface Messages {
  records: Record_[];
  error: ApiError | null;
  loading: boolean;
  fetching: boolean;
  hasMore: boolean;
  scanned: number;
  /** Records that came after the list was read; only when it starts at the newest. */
  newer: number;
  loadMore: () => void;
  reload: () => void;
}

export function useMessages(topic: TopicDetail, filter: RecordFilter, enabled: boolean): Messages {
  const latest = filter.from === "latest";
  const client = useQueryClient();
  const queryKey = [`/topics/${seg(topic.name)}/records`, "pages", filter];
  const starts = useMemo<Offsets>(
    () => Object.fromEntries(topic.partition_list.map((p) => [p.partition, p.log_start_offset])),
    [topic.partition_list],
  );
  const query = useInfiniteQuery<Page, ApiError, { pages: Page[] }, readonly unknown[], PageParam>({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(topic.name, filter, pageParam, starts, signal),
    initialPageParam: { kind: "first" },
    getNextPageParam: (last) => nextParam(last, latest, starts),
    enabled,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const pages = query.data?.pages;
  const first = pages?.[0]?.answer;
  const records = useMemo(
    () =>
      mergeRecords(
        (pages ?? []).map((page) => page.answer.records),
        latest,
      ),
    [pages, latest],
  );
  return {
    records,
    error: query.error,
    loading: query.isPending,
    fetching: query.isFetching,
    hasMore: query.hasNextPage,
    scanned: (pages ?? []).reduce((sum, page) => sum + page.answer.scanned, 0),
    newer: latest && first ? countNewer(first, topic.partition_list) : 0,
    loadMore: () => void query.fetchNextPage(),
    reload: () => {
      // Older pages belong to the older end; only the first is read again.
      client.setQueryData<InfiniteData<Page, PageParam>>(queryKey, (data) =>
        data ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data,
      );
      void query.refetch();
    },
  };
}

export function useTail(topic: string, filter: TailFilter, enabled: boolean) {
  const [tail, dispatch] = useReducer(tailReducer, emptyTail);
  const first = useQuery({
    ...api.records(topic, { ...filter, from: "latest", limit: 50 }),
    enabled,
    staleTime: 0,
    refetchOnMount: "always",
  });
  useEffect(() => {
    if (enabled && first.data) dispatch({ type: "start", records: first.data.records });
  }, [enabled, first.data]);
  useChannel<{ records: Record_[] }>(enabled ? `tail:${topic}` : null, (data) =>
    dispatch({ type: "arrive", records: data.records, filter }),
  );
  return {
    ...tail,
    pause: () => dispatch({ type: "pause" }),
    resume: () => dispatch({ type: "resume" }),
  };
}

/** The opened record: from the list when it is there, from the server otherwise (a shared link). */
export function useRecord(topic: string, at: string | undefined, records: readonly Record_[]) {
  const [partition, offset] = (at ?? "0:0").split(":").map(Number) as [number, number];
  const listed = records.find((r) => r.partition === partition && r.offset === offset);
  const fetched = useQuery<Record_ | null, ApiError>({
    queryKey: [`/topics/${seg(topic)}/records`, "one", at],
    queryFn: async ({ signal }) => {
      const filter = {
        partition,
        from: String(offset),
        limit: 1,
        isolation: "read_uncommitted",
      } as const;
      const page = await api.records(topic, filter).queryFn({ signal });
      return page.records.find((r) => r.offset === offset) ?? null;
    },
    enabled: at !== undefined && !listed,
    staleTime: Infinity,
  });
  return { record: listed ?? fetched.data, error: listed ? null : fetched.error };
}
