// SPDX-License-Identifier: Apache-2.0
// What a place shows when it has nothing to show: loading, empty or failed. Each says what to do next.
import { CircleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { Button } from "./Button";
import { Command } from "./Copy";

export function Empty({
  title,
  children,
  command,
}: {
  title: string;
  children?: ReactNode;
  command?: string;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {children && <p className="max-w-md text-sm text-ink-2">{children}</p>}
      {command && <Command text={command} />}
    </div>
  );
}

export function Loading({ rows = 5, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="fade-in flex flex-col gap-3 px-4 py-5">
      {Array.from({ length: rows }, (_, i) => (
        <div
          key={i}
          className="h-3.5 animate-pulse rounded-sm bg-sunken"
          style={{ width: `${92 - ((i * 17) % 40)}%` }}
        />
      ))}
      <span className="sr-only">{label}</span>
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const api = error instanceof ApiError ? error : null;
  const Icon = api?.unreachable ? Unplug : CircleAlert;
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <Icon size={22} className="text-bad" aria-hidden />
      <p className="font-medium">
        {api?.unreachable ? "The server does not answer" : "This could not be loaded"}
      </p>
      <p className="max-w-xl text-sm break-words text-ink-2">
        {api?.unreachable
          ? "The page tries again by itself. If it stays like this, see whether Tidemill is running."
          : error.message}
      </p>
      {api?.hint && <Command text={api.hint} />}
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** A failure beside data that is still shown, or of an action. */
export function InlineFailure({ error }: { error: Error }) {
  const hint = error instanceof ApiError ? error.hint : undefined;
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad"
    >
      <CircleAlert size={15} className="mt-0.5 shrink-0" aria-hidden />
      <div className="min-w-0 break-words">
        {error.message}
        {hint && <span className="block font-mono text-xs">{hint}</span>}
      </div>
    </div>
  );
}

/** Loading, failed, empty or there: the four faces of every list. */
export function Loaded<T>({
  query,
  isEmpty,
  empty,
  children,
}: {
  query: { data: T | undefined; error: Error | null; refetch: () => unknown };
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data === undefined) {
    return query.error ? (
      <Failure error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Loading />
    );
  }
  if (isEmpty?.(query.data)) return <>{empty}</>;
  return <>{children(query.data)}</>;
}
