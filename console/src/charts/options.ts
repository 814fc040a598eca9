// SPDX-License-Identifier: Apache-2.0
// How every chart looks: thin lines, faint grid, axes in the page's own type.
import uPlot from "uplot";
import { formatClock } from "@/format/time";
import { resolveToken } from "./colors";

export interface ChartLook {
  series: { name: string; token: string }[];
  format: (value: number) => string;
  stacked: boolean;
  height: number;
  onPoint: (index: number | null) => void;
}

/** The top of the axis: 1, 2 or 5 times a power of ten above the largest value, so that it does not jitter. */
export function niceMax(columns: (number | null)[][]): number {
  let max = 0;
  for (const column of columns) for (const value of column) if (value && value > max) max = value;
  if (max === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) {
    if (max * 1.04 <= step * power) return step * power;
  }
  return 15 * power;
}

export function chartOptions(element: HTMLElement, look: ChartLook): uPlot.Options {
  const color = (token: string, alpha?: number) => resolveToken(element, token, alpha);
  const axis: uPlot.Axis = {
    stroke: color("ink-3"),
    font: '11px "Inter Variable", sans-serif',
    grid: { stroke: color("line"), width: 1 },
    ticks: { show: false },
  };
  const fill = (token: string, index: number) => {
    if (look.stacked) return color(token, 0.45);
    return index === 0 ? color(token, 0.1) : undefined;
  };
  return {
    width: element.clientWidth || 300,
    height: look.height,
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: false, y: false },
    },
    scales: {
      x: { time: true, auto: false },
      y: { auto: false, range: (_, min, max) => [min, max] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        values: (chart, splits) => {
          // A label centred at the right edge would be cut off.
          const { min = 0, max = 0 } = chart.scales["x"] ?? {};
          const edge = max - (max - min) * 0.05;
          return splits.map((s) => (s > edge ? "" : formatClock(s * 1000)));
        },
        grid: { show: false },
      },
      {
        ...axis,
        size: 62,
        space: 34,
        values: (_, splits) => splits.map((s) => look.format(s)),
      },
    ],
    series: [
      {},
      ...look.series.map(({ name, token }, i): uPlot.Series => {
        const filled = fill(token, i);
        return {
          label: name,
          stroke: color(token),
          width: look.stacked ? 1 : 1.5,
          ...(filled ? { fill: filled } : {}),
          points: { show: false },
        };
      }),
    ],
    // A stacked series is painted over the sum of itself and those below; cut it off at the one below.
    ...(look.stacked
      ? {
          bands: look.series
            .slice(1)
            .map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })),
        }
      : {}),
    hooks: { setCursor: [(chart) => look.onPoint(chart.cursor.idx ?? null)] },
  };
}
