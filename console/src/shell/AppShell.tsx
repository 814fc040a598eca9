// SPDX-License-Identifier: Apache-2.0
// The frame around every page: navigation, connection state, theme, shortcuts.
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { CircleHelp, Menu, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import * as api from "@/api/queries";
import { useConnection } from "@/live/context";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";
import { CommandPalette } from "./CommandPalette";
import { HelpDialog } from "./HelpDialog";
import { useShortcuts, type Shortcut } from "./keys";
import { NAV } from "./nav";
import { Sidebar } from "./Sidebar";
import { ConnectionState, StaleBanner } from "./Status";
import { cycleTheme, ThemeToggle } from "./ThemeToggle";
import { useTheme } from "./theme";
import { useTargets } from "./useTargets";

type Window_ = "help" | "palette" | "menu" | null;

export function AppShell() {
  const [open, setOpen] = useState<Window_>(null);
  const theme = useTheme();
  const stale = useConnection() === "reconnecting";
  const router = useRouter();
  const navigate = useNavigate();
  const health = useQuery({ ...api.health, refetchInterval: 10_000 });
  const targets = useTargets(open === "palette");

  const shortcuts: Shortcut[] = [
    ...NAV.map(({ to, title, key }) => ({
      keys: `g ${key}`,
      title: `Go to ${title}`,
      run: () => void navigate({ to }),
    })),
    { keys: "mod+k", title: "Find anything", run: () => setOpen("palette") },
    { keys: "/", title: "Filter this list", run: focusFilter },
    { keys: "t", title: "Change theme", run: () => cycleTheme(theme) },
    { keys: "?", title: "This help", run: () => setOpen("help") },
  ];
  useShortcuts(shortcuts);

  const close = () => setOpen(null);
  return (
    <>
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <div className="flex min-h-dvh">
        <aside className="sticky top-0 hidden h-dvh w-56 shrink-0 overflow-y-auto border-e border-line bg-surface lg:block">
          <Sidebar health={health.data} stale={stale} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="sticky top-0 z-30 flex h-13 items-center gap-2 border-b border-line bg-canvas px-4 lg:px-6">
            <Button
              look="ghost"
              className="lg:hidden"
              aria-label="Open navigation"
              icon={<Menu size={18} aria-hidden />}
              onClick={() => setOpen("menu")}
            />
            <button
              type="button"
              onClick={() => setOpen("palette")}
              className="flex h-8 min-w-0 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink-3 hover:text-ink-2 sm:w-72"
            >
              <Search size={14} aria-hidden />
              <span className="truncate">Find anything</span>
              <span aria-hidden className="ms-auto hidden gap-1 sm:inline-flex">
                <Kbd keys="mod+k" />
              </span>
            </button>
            <div className="ms-auto flex items-center gap-1">
              <ConnectionState />
              <ThemeToggle />
              <Button
                look="ghost"
                aria-label="Keyboard shortcuts"
                title="Keyboard shortcuts (?)"
                icon={<CircleHelp size={16} aria-hidden />}
                onClick={() => setOpen("help")}
              />
            </div>
          </header>
          <StaleBanner />
          <main id="main" tabIndex={-1} className="min-w-0 flex-1 p-4 outline-none lg:p-6">
            <Outlet />
          </main>
        </div>
      </div>
      <PageAnnouncer />
      <Dialog open={open === "menu"} onClose={close} title="Navigation" side="left">
        <div className="-m-4 h-full">
          <Sidebar health={health.data} stale={stale} onNavigate={close} />
        </div>
      </Dialog>
      <HelpDialog open={open === "help"} onClose={close} shortcuts={shortcuts} />
      <CommandPalette
        open={open === "palette"}
        targets={targets}
        onClose={close}
        onPick={(target) => {
          close();
          router.history.push(target.href);
        }}
      />
    </>
  );
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
}

/** Titles the tab and tells screen readers that another page is shown. */
function PageAnnouncer() {
  const { pathname } = useLocation();
  const first = useRef(true);
  const [title, setTitle] = useState("");
  useEffect(() => {
    const parts = pathname.split("/").filter(Boolean).map(decodeURIComponent);
    const area = NAV.find((entry) => entry.to === `/${parts[0] ?? ""}`)?.title ?? "Not found";
    const name = parts.length > 1 ? `${parts.slice(1).join(".")} - ${area}` : area;
    document.title = `${name} - Tidemill`;
    if (!first.current) setTitle(name);
    first.current = false;
  }, [pathname]);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {title}
    </div>
  );
}
