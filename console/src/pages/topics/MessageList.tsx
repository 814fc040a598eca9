// SPDX-License-Identifier: Apache-2.0
// Thousands of records, of which only the visible ones are in the page. Arrow keys walk, Enter opens.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Record_ } from "@/api/types";
import { previewOf } from "@/format/bytes";
import { formatBytes, formatExact } from "@/format/number";
import { formatLocal, formatUtc } from "@/format/time";
import { cx } from "@/ui/cx";
import { recordKey } from "./paging";

export interface MessageListProps {
  records: readonly Record_[];
  selected: string | undefined;
  markNew?: boolean;
  onOpen: (record: Record_) => void;
}

const ROW_PX = 33;
const GRID =
  "grid grid-cols-[176px_72px_84px_minmax(90px,220px)_minmax(160px,1fr)_72px] items-center gap-x-3 px-4 max-md:grid-cols-[64px_84px_minmax(160px,1fr)]";
const WIDE = "max-md:hidden";
const HEADINGS = [
  ["Time", WIDE],
  ["Partition", "text-end"],
  ["Offset", "text-end"],
  ["Key", WIDE],
  ["Value", ""],
  ["Size", `text-end ${WIDE}`],
] as const;

export function MessageList({ records, selected, markNew, onOpen }: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [focusAt, setFocusAt] = useState<number | null>(null);
  const mounted = useMountedKeys(records, markNew ?? false);
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => recordKey(records[index]!),
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  });

  // The row to focus may have to be scrolled into existence first.
  useEffect(() => {
    if (focusAt === null) return;
    rows.scrollToIndex(focusAt);
    const frame = requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLButtonElement>(`[data-index="${focusAt}"] button`)
        ?.focus({ preventScroll: true });
      setFocusAt(null);
    });
    return () => cancelAnimationFrame(frame);
  }, [focusAt, rows]);

  const onKeyDown = (event: KeyboardEvent) => {
    const last = records.length - 1;
    const to = {
      ArrowDown: Math.min(last, active + 1),
      ArrowUp: Math.max(0, active - 1),
      PageDown: Math.min(last, active + 15),
      PageUp: Math.max(0, active - 15),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || !(event.target instanceof HTMLButtonElement)) return;
    event.preventDefault();
    setActive(to);
    setFocusAt(to);
  };

  const shown = rows.getVirtualItems();
  // Tab must reach the list even when the active row is scrolled away.
  const tabbable = shown.some((item) => item.index === active) ? active : (shown[0]?.index ?? 0);
  return (
    <div role="table" aria-label="Records" aria-rowcount={records.length + 1} className="text-xs">
      <div role="rowgroup">
        <div
          role="row"
          aria-rowindex={1}
          className={cx(GRID, "h-9 border-b border-line font-medium text-ink-3")}
        >
          {HEADINGS.map(([title, place]) => (
            <span key={title} role="columnheader" className={place}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div
        ref={scroller}
        role="rowgroup"
        onKeyDown={onKeyDown}
        className="h-[max(320px,calc(100dvh-420px))] overflow-y-auto"
      >
        <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
          {shown.map((item) => {
            const record = records[item.index]!;
            const key = recordKey(record);
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                onClick={() => onOpen(record)}
                style={{ height: ROW_PX, transform: `translateY(${item.start}px)` }}
                className={cx(
                  GRID,
                  "absolute inset-x-0 top-0 cursor-pointer border-b border-line hover:bg-hover",
                  selected === key && "bg-accent-soft",
                  mounted.has(key) && "row-arrived",
                )}
              >
                <Cells
                  record={record}
                  tabIndex={item.index === tabbable ? 0 : -1}
                  onFocus={() => setActive(item.index)}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cells({
  record,
  tabIndex,
  onFocus,
}: {
  record: Record_;
  tabIndex: number;
  onFocus: () => void;
}) {
  return (
    <>
      <span
        role="cell"
        className={cx("num text-ink-2", WIDE)}
        title={formatUtc(record.timestamp_ms)}
      >
        {formatLocal(record.timestamp_ms)}
      </span>
      <span role="cell" className="num text-end text-ink-2">
        {record.partition}
      </span>
      <span role="cell" className="num text-end">
        <button
          type="button"
          tabIndex={tabIndex}
          onFocus={onFocus}
          aria-label={`Open record ${formatExact(record.offset)} of partition ${record.partition}`}
          className="text-accent hover:underline"
        >
          {formatExact(record.offset)}
        </button>
      </span>
      <span role="cell" className={cx("truncate font-mono", WIDE, !record.key && "text-ink-3")}>
        {previewOf(record.key, 80)}
      </span>
      <span role="cell" className={cx("truncate font-mono", !record.value && "text-ink-3")}>
        {previewOf(record.value)}
      </span>
      <span role="cell" className={cx("num text-end text-ink-3", WIDE)}>
        {formatBytes(record.size)}
      </span>
    </>
  );
}

/** Keys that came with the newest change of the list; scrolling old rows into view does not count. */
function useMountedKeys(records: readonly Record_[], enabled: boolean): Set<string> {
  const [state, setState] = useState({ records, fresh: new Set<string>() });
  if (!enabled) return state.fresh;
  if (state.records !== records) {
    const known = new Set(state.records.map(recordKey));
    const fresh = new Set(
      records
        .slice(0, 200)
        .map(recordKey)
        .filter((key) => !known.has(key)),
    );
    setState({ records, fresh });
    return fresh;
  }
  return state.fresh;
}
