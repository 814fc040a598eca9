// SPDX-License-Identifier: Apache-2.0
// Gives the page its live socket and the hooks that read from it.
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import type { Resource } from "@/api/queries";
import type { ApiError } from "@/api/client";
import { LiveSocket, type Connection } from "./socket";

const LiveContext = createContext<LiveSocket | null>(null);

export function liveUrl(location: Pick<Location, "protocol" | "host">): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`;
}

export function LiveProvider({ socket, children }: { socket: LiveSocket; children: ReactNode }) {
  const client = useQueryClient();
  useEffect(() => {
    socket.start();
    let lost = false;
    const stopWatching = socket.watch(() => {
      if (socket.state !== "live") lost = true;
      // What has no channel may have changed while nobody told us.
      else if (lost) void client.invalidateQueries();
    });
    const retry = () => socket.retryNow();
    const retryIfVisible = () => document.visibilityState === "visible" && socket.retryNow();
    window.addEventListener("online", retry);
    document.addEventListener("visibilitychange", retryIfVisible);
    return () => {
      stopWatching();
      window.removeEventListener("online", retry);
      document.removeEventListener("visibilitychange", retryIfVisible);
      socket.stop();
    };
  }, [socket, client]);
  return <LiveContext value={socket}>{children}</LiveContext>;
}

export function useLiveSocket(): LiveSocket {
  const socket = useContext(LiveContext);
  if (!socket) throw new Error("useLiveSocket is used outside LiveProvider");
  return socket;
}

export function useConnection(): Connection {
  const socket = useLiveSocket();
  return useSyncExternalStore(
    (onChange) => socket.watch(onChange),
    () => socket.state,
  );
}

/** Calls `onData` for each message of a channel while mounted; `null` listens to nothing. */
export function useChannel<T>(channel: string | null | undefined, onData: (data: T) => void): void {
  const socket = useLiveSocket();
  const handler = useRef(onData);
  useEffect(() => {
    handler.current = onData;
  });
  useEffect(() => {
    if (!channel) return;
    return socket.subscribe(channel, { data: (data) => handler.current(data as T) });
  }, [socket, channel]);
}

/** REST for the first load, the resource's channel afterwards; polls while the socket is down. */
export function useLiveQuery<T>(
  resource: Resource<T>,
  options: { enabled?: boolean; pollMs?: number } = {},
): UseQueryResult<T, ApiError> {
  const client = useQueryClient();
  const connection = useConnection();
  const enabled = options.enabled ?? true;
  const pollMs =
    resource.channel && connection === "live" ? options.pollMs : (options.pollMs ?? 3000);
  useChannel<T>(enabled ? resource.channel : null, (data) => {
    client.setQueryData(resource.queryKey, data);
  });
  return useQuery<T, ApiError>({
    queryKey: resource.queryKey,
    queryFn: ({ signal }) => resource.queryFn({ signal }),
    enabled,
    refetchInterval: pollMs ?? false,
  });
}
