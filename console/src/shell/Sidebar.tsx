// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Health } from "@/api/types";
import { formatSpan } from "@/format/number";
import mark from "@/styles/mark.svg";
import { cx } from "@/ui/cx";
import { NAV } from "./nav";

export interface SidebarProps {
  health: Health | undefined;
  /** The server is not answering: what it last said about its parts may be wrong by now. */
  stale: boolean;
  onNavigate?: () => void;
}

export function Sidebar({ health, stale, onNavigate }: SidebarProps) {
  return (
    <div className="flex h-full flex-col gap-5 px-3 py-4">
      <Link
        to="/"
        className="flex items-center gap-2.5 px-2 text-base font-semibold tracking-tight"
        onClick={onNavigate}
      >
        <img src={mark} alt="" width={26} height={26} />
        Tidemill
      </Link>
      <nav aria-label="Main">
        <ul className="flex flex-col gap-0.5">
          {NAV.map(({ to, title, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium"
                activeProps={{ className: "bg-accent-soft text-accent" }}
                inactiveProps={{ className: "text-ink-2 hover:bg-hover hover:text-ink" }}
                {...(onNavigate ? { onClick: onNavigate } : {})}
              >
                <Icon size={16} aria-hidden />
                {title}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {health && <Parts health={health} stale={stale} />}
    </div>
  );
}

function Parts({ health, stale }: { health: Health; stale: boolean }) {
  return (
    <section aria-label="Parts" className="mt-auto px-2 text-xs text-ink-3">
      <ul className="flex flex-col gap-1">
        {health.parts.map((part) => (
          <Part key={part.name} part={part} stale={stale} />
        ))}
      </ul>
      <p className="num mt-3 border-t border-line pt-2">
        {health.version} &middot; up {formatSpan(health.uptime_ms)}
      </p>
    </section>
  );
}

function Part({ part, stale }: { part: Health["parts"][number]; stale: boolean }) {
  const quiet = stale || part.status === "off";
  const ill = !quiet && part.status !== "ok";
  return (
    <li
      className="flex items-center gap-2"
      title={stale ? "not known at the moment" : part.detail || part.kind}
    >
      <span
        aria-hidden
        className={cx(
          "size-1.5 shrink-0 rounded-full",
          quiet ? "bg-line-strong" : ill ? "bg-bad" : "bg-ok",
        )}
      />
      <span className={ill ? "font-medium text-bad" : ""}>
        {part.name}
        {part.status !== "ok" && ` ${part.status}`}
      </span>
      <span className="num ms-auto">{part.address.replace("127.0.0.1", "")}</span>
    </li>
  );
}
