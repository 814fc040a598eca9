// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/queries";
import { seg } from "@/api/client";
import { NAV } from "./nav";
import type { Target } from "./palette";

/** Everything one can go to. Asked for when the palette opens; what is already loaded is there at once. */
export function useTargets(enabled: boolean): Target[] {
  const topics = useQuery({ ...api.topics, enabled });
  const queries = useQuery({ ...api.queries, enabled });
  const tables = useQuery({ ...api.tables, enabled });
  return [
    ...NAV.map((entry): Target => ({ kind: "page", title: entry.title, href: entry.to })),
    ...(queries.data ?? []).map((q): Target => ({
      kind: "query",
      title: q.name,
      href: `/queries/${seg(q.name)}`,
    })),
    ...(topics.data ?? [])
      .filter((t) => !t.internal)
      .map((t): Target => ({ kind: "topic", title: t.name, href: `/topics/${seg(t.name)}` })),
    ...(tables.data ?? [])
      .filter((t) => !t.system)
      .map((t): Target => ({
        kind: "table",
        title: `${t.keyspace}.${t.table}`,
        href: `/tables/${seg(t.keyspace)}/${seg(t.table)}`,
      })),
  ];
}
