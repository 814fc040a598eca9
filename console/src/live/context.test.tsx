// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Resource } from "@/api/queries";
import { LiveProvider, liveUrl, useConnection, useLiveQuery } from "./context";
import { LiveSocket, type Socket } from "./socket";

let socket: Socket & { sent: string[] };
let live: LiveSocket;
let answers: string[];
const fetches = vi.fn();
const resource: Resource<string> = {
  queryKey: ["thing"],
  queryFn: async () => {
    fetches();
    return answers.shift() ?? "rest";
  },
  channel: "thing",
};

function Thing() {
  const query = useLiveQuery(resource);
  return (
    <p>
      {useConnection()} {query.data ?? "nothing"}
    </p>
  );
}

function show() {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: 60_000, retry: false } },
  });
  const page = (things: number) => (
    <QueryClientProvider client={client}>
      <LiveProvider socket={live}>
        {Array.from({ length: things }, (_, i) => (
          <Thing key={i} />
        ))}
      </LiveProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(page(2));
  return { leave: (left: number) => rerender(page(left)) };
}
const texts = () => screen.getAllByText(/./, { selector: "p" }).map((p) => p.textContent);
const settle = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms));
const push = (data: string) =>
  act(() => socket.onmessage?.({ data: JSON.stringify({ channel: "thing", sequence: 1, data }) }));

beforeEach(() => {
  vi.useFakeTimers();
  fetches.mockClear();
  answers = [];
  live = new LiveSocket({
    open: () => {
      socket = {
        sent: [],
        send: (text) => socket.sent.push(text),
        close: () => {},
        onopen: null,
        onclose: null,
        onmessage: null,
      };
      return socket;
    },
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("useLiveQuery", () => {
  it("shows REST's answer first and what is pushed afterwards, everywhere", async () => {
    show();
    await settle();
    act(() => socket.onopen?.(undefined as never));
    expect(texts()).toEqual(["live rest", "live rest"]);
    push("pushed");
    await settle();
    expect(texts()).toEqual(["live pushed", "live pushed"]);
    expect(socket.sent).toEqual(['{"subscribe":["thing"]}']);
  });

  it("does not ask again while the socket is live", async () => {
    show();
    act(() => socket.onopen?.(undefined as never));
    await settle(60_000);
    expect(fetches).toHaveBeenCalledTimes(1);
  });

  it("polls while the socket is away", async () => {
    show();
    act(() => socket.onopen?.(undefined as never));
    await settle();
    answers = ["polled"];
    act(() => socket.onclose?.(undefined as never));
    await settle(3500);
    expect(texts()[0]).toBe("reconnecting polled");
  });

  it("asks again for everything once the connection is back", async () => {
    show();
    act(() => socket.onopen?.(undefined as never));
    await settle();
    act(() => socket.onclose?.(undefined as never));
    await settle(400);
    const before = fetches.mock.calls.length;
    act(() => socket.onopen?.(undefined as never));
    await settle();
    expect(fetches.mock.calls.length).toBe(before + 1);
  });

  it("leaves the channel with the last user", async () => {
    const { leave } = show();
    act(() => socket.onopen?.(undefined as never));
    leave(1);
    expect(socket.sent).toEqual(['{"subscribe":["thing"]}']);
    leave(0);
    expect(socket.sent.at(-1)).toBe('{"unsubscribe":["thing"]}');
  });
});

it("uses a secure socket on a secure page", () => {
  expect(liveUrl({ protocol: "https:", host: "a:1" })).toBe("wss://a:1/api/v1/live");
  expect(liveUrl({ protocol: "http:", host: "a" })).toBe("ws://a/api/v1/live");
});
