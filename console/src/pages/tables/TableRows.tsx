// SPDX-License-Identifier: Apache-2.0
// Rows of a table: the newest as they arrive, or page by page in token order.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { Column, RowPage } from "@/api/types";
import { plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { LIMITS, type TableSearch } from "@/search";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Select } from "@/ui/Field";
import { Empty, Loaded } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { RowGrid } from "@/ui/RowGrid";

const route = getRouteApi("/tables/$keyspace/$table");

export interface TableRowsProps {
  keyspace: string;
  table: string;
  columns: Column[];
}

export function TableRows(props: TableRowsProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: TableSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }) });
  const choice = (
    <Choice
      label="Which rows"
      value={search.pages ? "pages" : "newest"}
      options={[
        ["newest", "Newest"],
        ["pages", "All, by page"],
      ]}
      onChange={(next) => set({ pages: next === "pages", page: undefined })}
    />
  );
  return search.pages ? (
    <Pages {...props} choice={choice} search={search} onChange={set} />
  ) : (
    <Newest {...props} choice={choice} />
  );
}

function Rows({ name, page }: { name: string; page: RowPage }) {
  return (
    <>
      {page.warnings?.map((warning) => (
        <p key={warning} className="bg-warn-soft px-4 py-1.5 text-xs text-warn">
          {warning}
        </p>
      ))}
      <RowGrid label={`Rows of ${name}`} columns={page.columns} rows={page.rows} />
    </>
  );
}

function noRows(name: string) {
  return (
    <Empty title="This table has no rows" command={`tidemill cql "SELECT * FROM ${name} LIMIT 10"`}>
      Rows appear here the moment a query or client writes them.
    </Empty>
  );
}

function Newest({
  keyspace,
  table,
  columns,
  choice,
}: TableRowsProps & { choice: React.ReactNode }) {
  const newest = useLiveQuery(api.newestRows(keyspace, table));
  const name = `${keyspace}.${table}`;
  const types = new Map(columns.map((column) => [column.name, column.type]));
  return (
    <Panel title="Newest rows" note="live" actions={choice} flush>
      <Loaded query={newest} isEmpty={({ rows }) => rows.length === 0} empty={noRows(name)}>
        {(data) => (
          <RowGrid
            label={`Rows of ${name}`}
            columns={data.columns.map((column) => ({
              name: column,
              type: types.get(column) ?? "",
            }))}
            rows={data.rows}
            markNew
          />
        )}
      </Loaded>
    </Panel>
  );
}

interface PagesProps extends TableRowsProps {
  choice: React.ReactNode;
  search: TableSearch;
  onChange: (change: TableSearch) => void;
}

function Pages({ keyspace, table, choice, search, onChange }: PagesProps) {
  const limit = search.limit ?? 100;
  const [before, setBefore] = useState<(string | undefined)[]>([]);
  const resource = api.rowPage(keyspace, table, limit, search.page);
  const rows = useQuery<RowPage, ApiError>({ ...resource, staleTime: 0 });
  const name = `${keyspace}.${table}`;
  const next = rows.data?.paging_state;
  return (
    <Panel
      title="All rows"
      note={rows.data && `${plural(rows.data.rows.length, "row")} on this page`}
      flush
      actions={
        <>
          <Select
            label="Rows per page"
            value={limit}
            options={LIMITS.map((n) => [String(n), `${n} a page`] as const)}
            onChange={(event) => {
              setBefore([]);
              onChange({ limit: Number(event.target.value), page: undefined });
            }}
          />
          {choice}
        </>
      }
    >
      <Loaded
        query={rows}
        isEmpty={(page) => page.rows.length === 0 && !search.page}
        empty={noRows(name)}
      >
        {(page) => <Rows name={name} page={page} />}
      </Loaded>
      <nav aria-label="Pages" className="flex gap-2 border-t border-line px-4 py-2">
        <Button
          disabled={!search.page}
          onClick={() => {
            setBefore([]);
            onChange({ page: undefined });
          }}
        >
          First page
        </Button>
        <Button
          disabled={before.length === 0}
          onClick={() => {
            onChange({ page: before.at(-1) });
            setBefore(before.slice(0, -1));
          }}
        >
          Previous
        </Button>
        <Button
          disabled={!next}
          onClick={() => {
            setBefore([...before, search.page]);
            onChange({ page: next });
          }}
        >
          Next
        </Button>
      </nav>
    </Panel>
  );
}
