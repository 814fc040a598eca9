// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import * as api from "@/api/queries";
import { plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import type { TablesSearch } from "@/search";
import { SearchField, Toggle } from "@/ui/Field";
import { Empty, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { TableList } from "./TableList";

const route = getRouteApi("/tables");

export function TablesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tables = useLiveQuery(api.tables);
  const set = (change: TablesSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const wanted = search.q?.toLowerCase() ?? "";
  const shown = (tables.data ?? []).filter(
    (table) =>
      (search.system || !table.system) &&
      `${table.keyspace}.${table.table}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <PageHeader title="Tables" />
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <SearchField
          label="Filter tables"
          value={search.q ?? ""}
          className="w-64"
          onCommit={(q) => set({ q })}
        />
        <Toggle
          label="System tables"
          checked={search.system ?? false}
          onChange={(system) => set({ system })}
        />
      </div>
      <Panel title="All tables" note={tables.data && plural(shown.length, "table")} flush>
        <Loaded
          query={tables}
          isEmpty={() => shown.length === 0}
          empty={
            wanted ? (
              <Empty title="No table matches">Keyspace and table names are searched.</Empty>
            ) : (
              <Empty
                title="There are no tables yet"
                command={`tidemill cql "CREATE TABLE ks.t (id uuid PRIMARY KEY)"`}
              >
                CREATE SINK makes its table when it is not there; any Cassandra client can make one
                too.
              </Empty>
            )
          }
        >
          {() => (
            <TableList
              tables={shown}
              sort={search.sort ?? "name"}
              onSort={(sort) => set({ sort })}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}
