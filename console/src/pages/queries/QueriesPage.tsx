// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import * as api from "@/api/queries";
import { plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import type { ListSearch } from "@/search";
import { SearchField } from "@/ui/Field";
import { Empty, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { QueryTable } from "./QueryTable";

const route = getRouteApi("/queries");

export function QueriesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useLiveQuery(api.queries);
  const set = (change: ListSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const wanted = search.q?.toLowerCase() ?? "";
  const shown = (queries.data ?? []).filter((query) =>
    [query.name, query.source, query.target].some((text) => text.toLowerCase().includes(wanted)),
  );
  return (
    <>
      <PageHeader title="Queries" />
      <div className="mb-3">
        <SearchField
          label="Filter queries"
          value={search.q ?? ""}
          className="w-64"
          onCommit={(q) => set({ q })}
        />
      </div>
      <Panel
        title="Streaming queries"
        note={queries.data && plural(shown.length, "query", "queries")}
        flush
      >
        <Loaded
          query={queries}
          isEmpty={() => shown.length === 0}
          empty={
            wanted ? (
              <Empty title="No query matches">Names, sources and targets are searched.</Empty>
            ) : (
              <Empty title="No query is running" command="tidemill apply examples/users">
                A query is made by CREATE SINK or CREATE MATERIALIZED VIEW, in a project or on the
                SQL page.
              </Empty>
            )
          }
        >
          {() => (
            <QueryTable
              queries={shown}
              sort={search.sort ?? "name"}
              onSort={(sort) => set({ sort })}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}
