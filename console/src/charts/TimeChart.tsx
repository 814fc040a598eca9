// SPDX-License-Identifier: Apache-2.0
// Lines over time on a canvas (uPlot), with a legend of our own that shows the newest or the pointed-at values.
import { useEffect, useId, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatClock } from "@/format/time";
import { usePaintedTheme } from "./colors";
import { chartOptions, niceMax } from "./options";
import { stack } from "./stack";

export interface ChartSeries {
  label: string;
  token: string;
  values: (number | null)[];
}

export interface TimeChartProps {
  label: string;
  /** Seconds since the epoch. */
  times: number[];
  series: ChartSeries[];
  format: (value: number) => string;
  /** Draws the series on top of each other. */
  stacked?: boolean;
  /** Shows this span up to the newest point (less while there is less); all points otherwise. */
  windowSeconds?: number;
  height?: number;
}

/** A page just opened has seconds to show, not minutes: the span grows with them from one minute on. */
function shownSeconds(times: number[], windowSeconds: number): number {
  const seen = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return Math.min(windowSeconds, Math.max(60, seen));
}

export function TimeChart(props: TimeChartProps) {
  const { label, times, series, format, stacked = false, windowSeconds, height = 168 } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const theme = usePaintedTheme();
  const legendId = useId();
  const shape = series.map((s) => `${s.label}\u0000${s.token}`).join("\u0001");

  const data = useMemo<uPlot.AlignedData>(() => {
    const columns = series.map((s) => s.values);
    return [times, ...(stacked ? stack(columns) : columns)];
  }, [times, series, stacked]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const chart = new uPlot(
      chartOptions(element, {
        series: series.map(({ label: name, token }) => ({ name, token })),
        format,
        stacked,
        height,
        onPoint: setPointed,
      }),
      [[]],
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
    // The chart is built again only when its look changes; data goes through setData below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, stacked, height, theme]);

  useEffect(() => {
    const chart = plot.current;
    if (!chart) return;
    const newest = times.at(-1) ?? 0;
    const oldest = windowSeconds ? newest - shownSeconds(times, windowSeconds) : (times[0] ?? 0);
    chart.batch(() => {
      chart.setData(data, false);
      chart.setScale("x", { min: oldest, max: Math.max(newest, oldest + 1) });
      chart.setScale("y", { min: 0, max: niceMax(data.slice(1) as (number | null)[][]) });
    });
  }, [data, times, windowSeconds, shape, stacked, height, theme]);

  const at = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  const valueAt = (s: ChartSeries) => s.values[at] ?? null;
  return (
    <figure className="min-w-0">
      <div
        ref={box}
        role="img"
        aria-label={label}
        aria-describedby={legendId}
        style={{ height }}
        className="w-full"
      />
      <figcaption
        id={legendId}
        className="num mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-2"
      >
        {series.map((s) => (
          <span key={s.label} className="inline-flex items-center gap-1.5">
            <span
              aria-hidden
              className="h-2 w-2 rounded-[2px]"
              style={{ background: `var(--${s.token})` }}
            />
            {s.label}
            <span className="font-medium text-ink">
              {valueAt(s) === null ? "\u2013" : format(valueAt(s)!)}
            </span>
          </span>
        ))}
        {pointed !== null && times[at] !== undefined && (
          <span className="ms-auto text-ink-3">{formatClock(times[at] * 1000)}</span>
        )}
      </figcaption>
    </figure>
  );
}
