// SPDX-License-Identifier: Apache-2.0
// Lists with sortable columns. The order is kept by the caller, so that it can live in the URL.
import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type SortingState,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { cx } from "./cx";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export interface DataColumn<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** What to order by; without it the column is not sortable. */
  sort?: (row: T) => string | number | null;
  numeric?: boolean;
  /** Class of header and cells, e.g. to hide a column on small screens. */
  className?: string;
}

export interface DataTableProps<T> {
  label: string;
  rows: T[];
  rowKey: (row: T) => string;
  columns: readonly DataColumn<T>[];
  /** Column id, with "-" in front for descending. */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  rowClass?: (row: T) => string | false;
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function parseSort(text: string | undefined): SortingState {
  if (!text) return [];
  return text.startsWith("-") ? [{ id: text.slice(1), desc: true }] : [{ id: text, desc: false }];
}

export function DataTable<T extends object>({
  label,
  rows,
  rowKey,
  columns,
  sort,
  onSort,
  rowClass,
}: DataTableProps<T>) {
  const defs = useMemo<ColumnDef<typeof features, T>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T) => column.sort?.(row) ?? null,
        enableSorting: Boolean(column.sort),
        sortDescFirst: Boolean(column.numeric),
        sortFn: (a, b, id) => compare(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  );
  const sorting = useMemo(() => parseSort(sort), [sort]);
  const table = useTable({
    features,
    columns: defs,
    data: rows,
    state: { sorting },
    enableSortingRemoval: false,
    getRowId: rowKey,
  });
  const byId = new Map(columns.map((column) => [column.id, column]));
  const order = sorting[0];

  const header = (column: DataColumn<T>) => {
    if (!column.sort || !onSort) return column.title;
    const active = order?.id === column.id;
    const Arrow = order?.desc ? ArrowDown : ArrowUp;
    const descending = active ? !order.desc : Boolean(column.numeric);
    return (
      <button
        type="button"
        className={cx("inline-flex items-center gap-1 hover:text-ink", active && "text-ink")}
        onClick={() => onSort(`${descending ? "-" : ""}${column.id}`)}
      >
        {column.title}
        {active && <Arrow size={12} aria-hidden />}
      </button>
    );
  };

  return (
    <div className="relative overflow-x-auto">
      <table className="w-full border-collapse text-sm" aria-label={label}>
        <thead>
          <tr className="border-b border-line text-xs text-ink-3">
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                aria-sort={
                  order?.id === column.id ? (order.desc ? "descending" : "ascending") : undefined
                }
                className={cx(
                  "px-4 py-2 font-medium whitespace-nowrap",
                  column.numeric ? "text-end" : "text-start",
                  column.className,
                )}
              >
                {header(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              className={cx(
                "border-b border-line last:border-0 hover:bg-hover",
                rowClass?.(row.original),
              )}
            >
              {row.getAllCells().map((cell) => {
                const column = byId.get(cell.column.id)!;
                return (
                  <td
                    key={cell.id}
                    className={cx(
                      "px-4 py-2",
                      column.numeric && "num text-end whitespace-nowrap",
                      column.className,
                    )}
                  >
                    {column.cell(row.original)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
