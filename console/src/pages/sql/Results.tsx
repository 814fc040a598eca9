// SPDX-License-Identifier: Apache-2.0
import type { StatementResult } from "@/api/types";
import { plural } from "@/format/number";
import { CopyButton } from "@/ui/Copy";
import { Empty } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { RowGrid } from "@/ui/RowGrid";

function titleOf(statement: string): string {
  const line = statement.replace(/\s+/g, " ").trim();
  return line.length > 90 ? `${line.slice(0, 90)}\u2026` : line || "Result";
}

export function Results({ results }: { results: StatementResult[] }) {
  if (results.length === 0) return <Empty title="There was no statement to run" />;
  return (
    <div className="flex flex-col gap-4">
      {results.map((result, i) => {
        const rows = result.rows ?? [];
        const note = result.columns ? plural(rows.length, "row") : undefined;
        return (
          <Panel
            key={i}
            title={titleOf(result.statement)}
            note={[note, result.message].filter(Boolean).join(", ")}
            flush
            actions={
              result.columns && rows.length > 0 ? (
                <CopyButton text={toCsv(result)} label="Copy as CSV" />
              ) : undefined
            }
          >
            {result.columns &&
              (rows.length > 0 ? (
                <RowGrid label={`Result ${i + 1}`} columns={result.columns} rows={rows} />
              ) : (
                <Empty title="No rows" />
              ))}
          </Panel>
        );
      })}
    </div>
  );
}

/** RFC 4180: quoted where needed, null as nothing. */
export function toCsv(result: StatementResult): string {
  const field = (value: unknown): string => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [(result.columns ?? []).map((c) => c.name), ...(result.rows ?? [])];
  return lines.map((line) => line.map(field).join(",")).join("\r\n");
}
