// SPDX-License-Identifier: Apache-2.0
// Says whether what is on the page is current.
import { useEffect, useState } from "react";
import { useConnection, useLiveSocket } from "@/live/context";
import { formatClock } from "@/format/time";
import { cx } from "@/ui/cx";

export function ConnectionState() {
  const connection = useConnection();
  const live = connection === "live";
  return (
    <span
      role="status"
      data-connection={connection}
      className={cx(
        "inline-flex h-7 items-center gap-2 rounded-full px-2.5 text-xs font-medium",
        live ? "text-ink-2" : "bg-warn-soft text-warn",
      )}
    >
      <span
        aria-hidden
        className={cx("size-2 rounded-full", live ? "bg-ok" : "animate-pulse bg-warn")}
      />
      {live ? "Live" : connection === "connecting" ? "Connecting" : "Reconnecting"}
    </span>
  );
}

/** Across the page once the connection has been away for longer than a blink. */
export function StaleBanner() {
  const socket = useLiveSocket();
  const connection = useConnection();
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (connection === "live") return;
    const timer = setTimeout(() => setLong(true), 1500);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [connection]);
  if (!long) return null;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-2 text-sm text-warn lg:px-6"
    >
      <strong className="font-semibold">Stale</strong>
      <span>
        The server does not answer. What you see is from {formatClock(socket.since)} or before;
        trying again.
      </span>
      <button
        type="button"
        className="ms-auto rounded-md px-2 font-medium underline underline-offset-2"
        onClick={() => socket.retryNow()}
      >
        Try now
      </button>
    </div>
  );
}
