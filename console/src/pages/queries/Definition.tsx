// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { QueryDetail, Source } from "@/api/types";
import { Code } from "@/ui/Code";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Panel } from "@/ui/Panel";
import { Facts } from "@/ui/Stat";
import { Time } from "@/ui/Time";

const CONSTRAINTS: readonly DataColumn<Source["constraints"][number]>[] = [
  { id: "name", title: "Rule", cell: (c) => <code className="font-mono text-xs">{c.name}</code> },
  {
    id: "check",
    title: "Check",
    cell: (c) => <code className="font-mono text-xs break-words">{c.check}</code>,
  },
];

export function Definition({
  detail,
  source,
}: {
  detail: QueryDetail;
  source: Source | undefined;
}) {
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Panel title="Statement">
        <Code text={detail.sql} language="sql" label="SQL statement" />
        <div className="mt-4">
          <Facts
            items={[
              ["Started", <Time key="t" ms={detail.started_at} />],
              ["Trigger", detail.trigger],
              ["Target", detail.target],
            ]}
          />
        </div>
      </Panel>
      <Panel title="Explain">
        <Code text={detail.explain} language="plain" label="Explained plan" />
      </Panel>
      {source && (
        <Panel title={`Source ${source.name}`} className="xl:col-span-2">
          <Facts
            items={[
              ["Connector", source.connector],
              [
                "Topic",
                <Link
                  key="t"
                  to="/topics/$topic"
                  params={{ topic: source.topic }}
                  className={textLink("font-mono text-xs")}
                >
                  {source.topic}
                </Link>,
              ],
              [
                "Dead letters",
                <Link
                  key="d"
                  to="/dead-letters"
                  search={{ source: source.name }}
                  className={textLink("font-mono text-xs")}
                >
                  {source.dead_letter_topic}
                </Link>,
              ],
              [
                "Columns",
                <span key="c" className="font-mono text-xs">
                  {source.columns.map((c) => `${c.name} ${c.type}`).join(", ")}
                </span>,
              ],
            ]}
          />
          {source.constraints.length > 0 && (
            <div className="-mx-4 mt-3">
              <DataTable
                label="Constraints"
                rows={source.constraints}
                rowKey={(c) => c.name}
                columns={CONSTRAINTS}
              />
            </div>
          )}
        </Panel>
      )}
    </div>
  );
}
