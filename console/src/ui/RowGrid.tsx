// SPDX-License-Identifier: Apache-2.0
// Rows of a table or of a statement's result. Values are texts; null is told apart from the text "null".
import { useMemo, useRef } from "react";
import type { Column } from "@/api/types";
import { cx } from "./cx";

export interface RowGridProps {
  label: string;
  columns: readonly Column[];
  rows: readonly (readonly unknown[])[];
  /** Marks rows that were not there a moment ago. */
  markNew?: boolean;
}

const NUMERIC = /int|double|float|decimal|numeric|real|counter|varint/i;

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Keys that stay with a row while others arrive above it; equal rows are numbered. */
export function rowKeys(rows: readonly (readonly unknown[])[]): string[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const text = row.map((value) => textOf(value) ?? "\u0000").join("\u0001");
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    return count === 0 ? text : `${text}\u0002${count}`;
  });
}

function useNewKeys(keys: string[], enabled: boolean): Set<string> {
  const known = useRef<{ keys: string[]; fresh: Set<string> } | null>(null);
  return useMemo(() => {
    if (!enabled) return new Set<string>();
    const before = known.current;
    const old = new Set(before?.keys);
    const arrived = before ? keys.filter((key) => !old.has(key)) : [];
    // When nearly everything is new, marking it all says nothing and flickers.
    const fresh = new Set(arrived.length > keys.length / 2 ? [] : arrived);
    known.current = { keys, fresh };
    return fresh;
  }, [keys, enabled]);
}

export function RowGrid({ label, columns, rows, markNew = false }: RowGridProps) {
  const keys = useMemo(() => rowKeys(rows), [rows]);
  const fresh = useNewKeys(keys, markNew);
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[70vh] overflow-auto rounded-b-lg -outline-offset-2"
    >
      <table className="w-full border-separate border-spacing-0 text-xs" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th
                key={`${column.name}/${i}`}
                scope="col"
                className={cx(
                  "sticky top-0 border-b border-line bg-surface px-4 py-2 font-medium whitespace-nowrap text-ink-2",
                  NUMERIC.test(column.type) ? "text-end" : "text-start",
                )}
              >
                {column.name}
                {column.type && (
                  <span className="ms-1.5 font-normal text-ink-3">{column.type}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr
              key={keys[r]}
              className={cx("hover:bg-hover", fresh.has(keys[r]!) && "row-arrived")}
            >
              {columns.map((column, c) => (
                <Cell key={c} text={textOf(row[c])} numeric={NUMERIC.test(column.type)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ text, numeric }: { text: string | null; numeric: boolean }) {
  return (
    <td
      title={text !== null && text.length > 40 ? text : undefined}
      className={cx(
        "max-w-80 truncate border-b border-line px-4 py-1.5 font-mono whitespace-nowrap",
        numeric && "text-end",
      )}
    >
      {text === null ? <em className="text-ink-3">null</em> : text}
    </td>
  );
}
