// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import * as api from "@/api/queries";
import type { TableDetail } from "@/api/types";
import { formatBytes, formatCount, formatExact, formatSpan } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { Badge } from "@/ui/Badge";
import { Code } from "@/ui/Code";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { Stat, StatRow } from "@/ui/Stat";
import { Tabs } from "@/ui/Tabs";
import { TableRows } from "./TableRows";

const route = getRouteApi("/tables/$keyspace/$table");

export function TablePage() {
  const { keyspace, table: name } = route.useParams();
  const table = useLiveQuery(api.table(keyspace, name));
  return (
    <>
      <PageHeader
        title={`${keyspace}.${name}`}
        mono
        badges={table.data?.system && <Badge>system</Badge>}
      />
      <Loaded query={table}>
        {(detail) => <Table key={`${keyspace}.${name}`} detail={detail} />}
      </Loaded>
    </>
  );
}

function Table({ detail }: { detail: TableDetail }) {
  const { tab = "rows" } = route.useSearch();
  const navigate = route.useNavigate();
  const ttl = detail.default_time_to_live;
  return (
    <>
      <StatRow label="Table">
        <Stat
          label="Rows (estimate)"
          value={formatCount(detail.rows_estimate)}
          title={formatExact(detail.rows_estimate)}
        />
        <Stat
          label="Size"
          value={formatBytes(detail.bytes)}
          title={`${formatExact(detail.bytes)} bytes`}
        />
        <Stat label="Columns" value={detail.columns} />
        <Stat label="Time to live" value={ttl ? formatSpan(ttl * 1000) : "none"} />
        <Stat
          label="Primary key"
          value={<span className="font-mono text-base">{detail.primary_key.join(", ")}</span>}
        />
      </StatRow>
      <Tabs
        label="Table"
        value={tab}
        onChange={(next) =>
          void navigate({ search: next === "rows" ? {} : { tab: next as typeof tab } })
        }
        tabs={[
          {
            value: "rows",
            title: "Rows",
            body: (
              <TableRows
                keyspace={detail.keyspace}
                table={detail.table}
                columns={detail.column_list}
              />
            ),
          },
          { value: "columns", title: "Columns", body: <Columns detail={detail} /> },
          {
            value: "statement",
            title: "Statement",
            body: (
              <Panel title="Create statement">
                <Code
                  text={detail.create_statement}
                  language="sql"
                  label="CREATE TABLE statement"
                />
              </Panel>
            ),
          },
        ]}
      />
    </>
  );
}

type Column = TableDetail["column_list"][number];

const COLUMNS: readonly DataColumn<Column>[] = [
  { id: "name", title: "Column", cell: (c) => <code className="font-mono text-xs">{c.name}</code> },
  {
    id: "type",
    title: "Type",
    cell: (c) => <code className="code-word font-mono text-xs">{c.type}</code>,
  },
  {
    id: "kind",
    title: "Kind",
    cell: (c) =>
      c.kind === "regular" ? (
        <Badge>regular</Badge>
      ) : (
        <Badge tone="accent">{c.kind.replace("_", " ")}</Badge>
      ),
  },
  {
    id: "order",
    title: "Order",
    cell: (c) => c.order?.toLowerCase() ?? "",
    className: "max-sm:hidden",
  },
];

function Columns({ detail }: { detail: TableDetail }) {
  return (
    <Panel title="Columns" flush>
      <DataTable
        label="Columns"
        rows={detail.column_list}
        rowKey={(c) => c.name}
        columns={COLUMNS}
      />
    </Panel>
  );
}
