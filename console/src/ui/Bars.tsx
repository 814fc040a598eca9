// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { formatCount, formatExact } from "@/format/number";

export interface Bar {
  key: string;
  label: ReactNode;
  value: number;
}

/** Counts by name, longest first, with bars to compare. */
export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const sorted = [...bars].sort((a, b) => b.value - a.value);
  return (
    <ul aria-label={label} className="flex flex-col gap-2.5">
      {sorted.map((bar) => (
        <li key={bar.key}>
          <div className="flex items-baseline justify-between gap-3 text-sm">
            <span className="min-w-0 truncate">{bar.label}</span>
            <span className="num font-medium" title={formatExact(bar.value)}>
              {formatCount(bar.value)}
            </span>
          </div>
          <div aria-hidden className="mt-1 h-1.5 rounded-full bg-sunken">
            <div
              className="h-full rounded-full bg-series-4 opacity-75"
              style={{ width: `${Math.max(1, (bar.value / most) * 100)}%` }}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
