// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from "react";
import { NONE } from "@/format/number";
import { formatAgo, formatLocal, formatUtc } from "@/format/time";

/** One timer for every relative time on the page. */
const clock = {
  now: Date.now(),
  watchers: new Set<() => void>(),
  timer: null as ReturnType<typeof setInterval> | null,
  watch(watcher: () => void): () => void {
    clock.watchers.add(watcher);
    clock.timer ??= setInterval(() => {
      clock.now = Date.now();
      for (const each of [...clock.watchers]) each();
    }, 1000);
    return () => {
      clock.watchers.delete(watcher);
      if (clock.watchers.size > 0 || !clock.timer) return;
      clearInterval(clock.timer);
      clock.timer = null;
    };
  },
};

export function useNow(): number {
  return useSyncExternalStore(clock.watch, () => clock.now);
}

/** Local time; UTC on hover. */
export function Time({ ms, millis = true }: { ms: number | null | undefined; millis?: boolean }) {
  if (ms === null || ms === undefined) return <>{NONE}</>;
  return (
    <time dateTime={isoOf(ms)} title={formatUtc(ms)} className="whitespace-nowrap">
      {formatLocal(ms, { millis })}
    </time>
  );
}

/** How long ago; local and UTC time on hover. */
export function Ago({ ms }: { ms: number | null | undefined }) {
  const now = useNow();
  if (ms === null || ms === undefined) return <>{NONE}</>;
  return (
    <time
      dateTime={isoOf(ms)}
      title={`${formatLocal(ms)} (${formatUtc(ms)})`}
      className="whitespace-nowrap"
    >
      {formatAgo(ms, now)}
    </time>
  );
}

function isoOf(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
