// SPDX-License-Identifier: Apache-2.0
// One entry per resource: cache key, REST call and, where the server has one, the live channel that keeps it current.
import { get, seg } from "./client";
import type {
  DeadLetter,
  GroupDetail,
  GroupSummary,
  Health,
  NewestRows,
  Overview,
  Progress,
  QueryDetail,
  QuerySummary,
  RecordPage,
  RowPage,
  Source,
  TableDetail,
  TableSummary,
  TopicDetail,
  TopicSummary,
} from "./types";

export interface Resource<T> {
  queryKey: readonly unknown[];
  queryFn: (context: { signal: AbortSignal }) => Promise<T>;
  /** Channel whose `data` has the shape of the GET answer. */
  channel?: string;
}

function resource<T>(path: string, channel?: string): Resource<T> {
  const entry: Resource<T> = {
    queryKey: [path],
    queryFn: ({ signal }) => get<T>(path, {}, signal),
  };
  if (channel) entry.channel = channel;
  return entry;
}

export const health = resource<Health>("/health");
export const overview = resource<Overview>("/overview", "overview");
export const topics = resource<TopicSummary[]>("/topics", "topics");
export const topic = (name: string) =>
  resource<TopicDetail>(`/topics/${seg(name)}`, `topic:${name}`);
export const groups = resource<GroupSummary[]>("/groups", "groups");
export const group = (name: string) => resource<GroupDetail>(`/groups/${seg(name)}`);
export const sources = resource<Source[]>("/sources");
export const queries = resource<QuerySummary[]>("/queries", "queries");
export const query = (name: string) =>
  resource<QueryDetail>(`/queries/${seg(name)}`, `query:${name}`);
export const tables = resource<TableSummary[]>("/tables", "tables");
export const table = (keyspace: string, name: string) =>
  resource<TableDetail>(`/tables/${seg(keyspace)}/${seg(name)}`);

export const progress = (name: string, last: number): Resource<Progress[]> => ({
  queryKey: [`/queries/${seg(name)}/progress`, last],
  queryFn: ({ signal }) => get(`/queries/${seg(name)}/progress`, { last }, signal),
});

/** The newest rows: whatever page REST gives first, then the channel's, which knows the order of writing. */
export const newestRows = (keyspace: string, name: string): Resource<NewestRows> => ({
  queryKey: [`/tables/${seg(keyspace)}/${seg(name)}/rows`, "newest"],
  queryFn: async ({ signal }) => {
    const path = `/tables/${seg(keyspace)}/${seg(name)}/rows`;
    const page = await get<RowPage>(path, { limit: 100 }, signal);
    const columns = page.columns.map((column) => column.name);
    return { keyspace, table: name, columns, rows: page.rows };
  },
  channel: `table:${keyspace}.${name}`,
});

export const rowPage = (
  keyspace: string,
  name: string,
  limit: number,
  paging_state?: string,
): Resource<RowPage> => ({
  queryKey: [`/tables/${seg(keyspace)}/${seg(name)}/rows`, limit, paging_state ?? ""],
  queryFn: ({ signal }) =>
    get(`/tables/${seg(keyspace)}/${seg(name)}/rows`, { limit, paging_state }, signal),
});

export interface RecordFilter {
  partition?: number | undefined;
  from: string;
  limit: number;
  contains?: string | undefined;
  isolation?: "read_committed" | "read_uncommitted" | undefined;
}

export const records = (name: string, filter: RecordFilter): Resource<RecordPage> => ({
  queryKey: [`/topics/${seg(name)}/records`, filter],
  queryFn: ({ signal }) => get(`/topics/${seg(name)}/records`, { ...filter }, signal),
});

export interface DeadLetterFilter {
  topic?: string | undefined;
  source?: string | undefined;
  rule?: string | undefined;
  limit: number;
}

export const deadLetters = (filter: DeadLetterFilter): Resource<DeadLetter[]> => ({
  queryKey: ["/dead-letters", filter],
  queryFn: ({ signal }) => get("/dead-letters", { ...filter }, signal),
});
