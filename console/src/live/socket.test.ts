// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSocket, type Socket } from "./socket";

class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
    this.drop();
  }
  accept() {
    this.onopen?.(undefined as never);
  }
  drop() {
    this.onclose?.(undefined as never);
  }
  push(message: unknown) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

let sockets: FakeSocket[];
let live: LiveSocket;
const last = () => sockets[sockets.length - 1]!;
const listen = (channel: string) => {
  const seen: unknown[] = [];
  const stop = live.subscribe(channel, { data: (data) => seen.push(data) });
  return { seen, stop };
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  live = new LiveSocket({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
    delayMs: 100,
    delayMaxMs: 1000,
  });
  live.start();
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

describe("LiveSocket", () => {
  it("asks for the channels wanted before the socket was open", () => {
    listen("overview");
    listen("topics");
    expect(last().sent).toEqual([]);
    last().accept();
    expect(last().sent).toEqual([{ subscribe: ["overview", "topics"] }]);
  });

  it("subscribes a channel once for many listeners and leaves with the last", () => {
    last().accept();
    const first = listen("topics");
    const second = listen("topics");
    first.stop();
    expect(last().sent).toEqual([{ subscribe: ["topics"] }]);
    second.stop();
    expect(last().sent).toEqual([{ subscribe: ["topics"] }, { unsubscribe: ["topics"] }]);
  });

  it("does not unsubscribe twice when a listener is stopped twice", () => {
    last().accept();
    const a = listen("topics");
    a.stop();
    a.stop();
    expect(last().sent.length).toBe(2);
  });

  it("delivers data only to listeners of its channel", () => {
    const overview = listen("overview");
    const topics = listen("topics");
    last().accept();
    last().push({ channel: "topics", sequence: 1, data: [1] });
    expect(overview.seen).toEqual([]);
    expect(topics.seen).toEqual([[1]]);
  });

  it("gives a channel's error to the listener that asked", () => {
    const error = vi.fn();
    live.subscribe("topic:nope", { data: () => {}, error });
    last().accept();
    last().push({ channel: "topic:nope", error: { code: "not_found", message: "no topic" } });
    expect(error).toHaveBeenCalledWith({ code: "not_found", message: "no topic" });
  });

  it("ignores text that is no message", () => {
    const { seen } = listen("overview");
    last().accept();
    last().push("{broken");
    last().push("null");
    last().push({ data: 1 });
    expect(seen).toEqual([]);
  });

  it("reconnects and subscribes every wanted channel again", () => {
    listen("overview");
    listen("topics").stop();
    last().accept();
    last().drop();
    expect(live.state).toBe("reconnecting");
    vi.advanceTimersByTime(100);
    expect(sockets.length).toBe(2);
    last().accept();
    expect(live.state).toBe("live");
    expect(last().sent).toEqual([{ subscribe: ["overview"] }]);
  });

  it("backs off twice as long each time, up to the ceiling", () => {
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const before = sockets.length;
      last().drop();
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(50);
        waited += 50;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("starts the back-off anew only after the server has said something", () => {
    last().drop();
    vi.advanceTimersByTime(100);
    last().accept();
    last().drop();
    vi.advanceTimersByTime(100);
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(100);
    last().accept();
    last().push({ channel: "overview", sequence: 1, data: {} });
    last().drop();
    vi.advanceTimersByTime(100);
    expect(sockets.length).toBe(4);
  });

  it("tries at once when asked to", () => {
    last().drop();
    live.retryNow();
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(5000);
    expect(sockets.length).toBe(2);
  });

  it("tells watchers about each change of state", () => {
    const states: string[] = [];
    live.watch(() => states.push(live.state));
    last().accept();
    last().drop();
    vi.advanceTimersByTime(100);
    last().drop();
    vi.advanceTimersByTime(200);
    last().accept();
    expect(states).toEqual(["live", "reconnecting", "live"]);
  });

  it("does not reconnect after stop", () => {
    last().accept();
    live.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets.length).toBe(1);
  });

  it("hears nothing from a socket it has given up", () => {
    const { seen } = listen("overview");
    const old = last();
    old.accept();
    old.drop();
    vi.advanceTimersByTime(100);
    old.push({ channel: "overview", sequence: 9, data: "old" });
    expect(seen).toEqual([]);
  });
});
