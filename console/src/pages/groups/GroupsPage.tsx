// SPDX-License-Identifier: Apache-2.0
import { getRouteApi, Link } from "@tanstack/react-router";
import * as api from "@/api/queries";
import type { GroupSummary } from "@/api/types";
import { formatCount, formatExact, plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import type { ListSearch } from "@/search";
import { StateBadge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { SearchField } from "@/ui/Field";
import { textLink } from "@/ui/link";
import { Empty, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";

const route = getRouteApi("/groups");

const COLUMNS: readonly DataColumn<GroupSummary>[] = [
  {
    id: "group",
    title: "Group",
    sort: (g) => g.group,
    cell: (g) => (
      <Link
        to="/groups/$group"
        params={{ group: g.group }}
        className={textLink("font-mono text-xs")}
      >
        {g.group}
      </Link>
    ),
  },
  {
    id: "state",
    title: "State",
    sort: (g) => g.state,
    cell: (g) => <StateBadge state={g.state} />,
  },
  {
    id: "protocol",
    title: "Assignment",
    cell: (g) => g.protocol || "none",
    className: "max-sm:hidden",
  },
  {
    id: "members",
    title: "Members",
    numeric: true,
    sort: (g) => g.members,
    cell: (g) => g.members,
  },
  {
    id: "lag",
    title: "Lag",
    numeric: true,
    sort: (g) => g.lag,
    cell: (g) => <span title={`${formatExact(g.lag)} records`}>{formatCount(g.lag)}</span>,
  },
];

export function GroupsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const groups = useLiveQuery(api.groups);
  const set = (change: ListSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const wanted = search.q?.toLowerCase() ?? "";
  const shown = (groups.data ?? []).filter((g) => g.group.toLowerCase().includes(wanted));
  return (
    <>
      <PageHeader title="Groups" />
      <div className="mb-3">
        <SearchField
          label="Filter groups"
          value={search.q ?? ""}
          className="w-64"
          onCommit={(q) => set({ q })}
        />
      </div>
      <Panel title="Consumer groups" note={groups.data && plural(shown.length, "group")} flush>
        <Loaded
          query={groups}
          isEmpty={() => shown.length === 0}
          empty={
            wanted ? (
              <Empty title="No group matches" />
            ) : (
              <Empty
                title="There are no consumer groups"
                command="kcat -b 127.0.0.1:9092 -G my-group my-topic"
              >
                A group appears when a Kafka client joins it or commits an offset.
              </Empty>
            )
          }
        >
          {() => (
            <DataTable
              label="Consumer groups"
              rows={shown}
              rowKey={(g) => g.group}
              columns={COLUMNS}
              sort={search.sort ?? "group"}
              onSort={(sort) => set({ sort })}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}
