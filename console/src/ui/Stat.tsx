// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { cx } from "./cx";
import type { Tone } from "./Badge";

export interface StatProps {
  label: string;
  value: ReactNode;
  /** Exact value for the hover. */
  title?: string | undefined;
  note?: ReactNode;
  tone?: Extract<Tone, "neutral" | "warn" | "bad">;
}

/** One number with its name. Lives in a <StatRow>. */
export function Stat({ label, value, title, note, tone = "neutral" }: StatProps) {
  return (
    <div className="min-w-0 px-4 py-3">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd
        title={title}
        className={cx(
          "num mt-0.5 text-xl leading-7 font-semibold tracking-tight",
          tone === "bad" && "text-bad",
          tone === "warn" && "text-warn",
        )}
      >
        {value}
      </dd>
      {note && <dd className="num truncate text-xs text-ink-3">{note}</dd>}
    </div>
  );
}

export function StatRow({ children, label }: { children: ReactNode; label: string }) {
  return (
    <dl
      aria-label={label}
      className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(148px,1fr))] overflow-hidden rounded-lg border border-line bg-surface [&>div]:border-line [&>div]:shadow-[1px_1px_0_0_var(--line)]"
    >
      {children}
    </dl>
  );
}

/** Name and value pairs, for details. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-5 gap-y-1.5 text-sm">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="num min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
