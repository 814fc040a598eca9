// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Overview } from "@/api/types";
import { textLink } from "@/ui/link";
import { Empty } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { RowGrid } from "@/ui/RowGrid";

export function NewestRows({ newest }: { newest: Overview["newest_rows"] }) {
  if (!newest || newest.rows.length === 0) {
    return (
      <Panel title="Newest rows" className="mt-4">
        <Empty title="No table has rows yet" command='tidemill cql "DESCRIBE TABLES"'>
          As soon as a query writes into a table, its newest rows appear here.
        </Empty>
      </Panel>
    );
  }
  const { keyspace, table, columns, rows } = newest;
  return (
    <Panel
      title="Newest rows"
      flush
      className="mt-4"
      actions={
        <Link
          to="/tables/$keyspace/$table"
          params={{ keyspace, table }}
          className={textLink("font-mono text-xs")}
        >
          {keyspace}.{table}
        </Link>
      }
    >
      <RowGrid
        label={`Newest rows of ${keyspace}.${table}`}
        columns={columns.map((name) => ({ name, type: "" }))}
        rows={rows.slice(0, 10)}
        markNew
      />
    </Panel>
  );
}
