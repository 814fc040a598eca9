// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from "react";
import { cx } from "./cx";

export interface PanelProps {
  title: string;
  /** Small text beside the title. */
  note?: ReactNode;
  actions?: ReactNode;
  /** Tables and charts bring their own edges. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, note, actions, flush, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={cx("min-w-0 rounded-lg border border-line bg-surface", className)}
    >
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-2 pb-1.5">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {note && <span className="text-xs text-ink-3">{note}</span>}
        {actions && <div className="ms-auto flex items-center gap-2">{actions}</div>}
      </header>
      <div className={flush ? "" : "px-4 pb-4"}>{children}</div>
    </section>
  );
}

export interface PageHeaderProps {
  title: string;
  mono?: boolean;
  badges?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, mono, badges, note, actions }: PageHeaderProps) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-2.5">
          <h1
            className={cx(
              "text-xl font-semibold tracking-tight break-all",
              mono && "font-mono text-lg",
            )}
          >
            {title}
          </h1>
          {badges}
        </div>
        {note && <p className="mt-0.5 text-sm text-ink-2">{note}</p>}
      </div>
      {actions && <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
