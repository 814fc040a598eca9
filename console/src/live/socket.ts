// SPDX-License-Identifier: Apache-2.0
// One WebSocket per tab, shared by every part of the page.
// Knows channels and reconnecting; knows nothing about React or what the data means.
import type { LiveMessage } from "@/api/types";

export type Connection = "connecting" | "live" | "reconnecting";

export interface ChannelListener {
  data(data: unknown): void;
  error?(error: { code: string; message: string }): void;
}

/** The part of WebSocket that is used, so that tests can bring their own. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
}

export interface LiveOptions {
  open: () => Socket;
  random?: () => number;
  /** Delay before the first retry; it doubles up to `delayMaxMs`. */
  delayMs?: number;
  delayMaxMs?: number;
}

/** Subscribes to channels of the server's live endpoint over one socket that heals itself.
 *
 *  Lifetime: one per page; a channel is asked for while it has at least one listener.
 *  After a reconnect every wanted channel is subscribed again, so listeners get the full state anew. */
export class LiveSocket {
  private readonly listeners = new Map<string, Set<ChannelListener>>();
  private readonly watchers = new Set<() => void>();
  private readonly options: Required<LiveOptions>;
  private socket: Socket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private connection: Connection = "connecting";
  private changedAt = Date.now();

  constructor(options: LiveOptions) {
    this.options = { random: Math.random, delayMs: 250, delayMaxMs: 5000, ...options };
  }

  get state(): Connection {
    return this.connection;
  }

  /** When the state last changed: while it is not live, the data is as old as this. */
  get since(): number {
    return this.changedAt;
  }

  start(): void {
    if (!this.socket && !this.timer) this.connect();
  }

  stop(): void {
    this.clearTimer();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Skips the rest of the back-off; for "the network is back" and for impatient people. */
  retryNow(): void {
    if (this.socket) return;
    this.clearTimer();
    this.failures = 0;
    this.connect();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  subscribe(channel: string, listener: ChannelListener): () => void {
    let set = this.listeners.get(channel);
    if (!set) {
      set = new Set();
      this.listeners.set(channel, set);
      this.send({ subscribe: [channel] });
    }
    set.add(listener);
    return () => this.unsubscribe(channel, listener);
  }

  private unsubscribe(channel: string, listener: ChannelListener): void {
    const set = this.listeners.get(channel);
    if (!set?.delete(listener) || set.size > 0) return;
    this.listeners.delete(channel);
    this.send({ unsubscribe: [channel] });
  }

  private connect(): void {
    this.timer = null;
    const socket = this.options.open();
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.setState("live");
      const wanted = [...this.listeners.keys()];
      if (wanted.length > 0) this.send({ subscribe: wanted });
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.setState("reconnecting");
      this.timer = setTimeout(() => this.connect(), this.nextDelay());
    };
  }

  /** Full jitter over the upper half: many tabs must not come back in the same millisecond. */
  private nextDelay(): number {
    const { delayMs, delayMaxMs, random } = this.options;
    const ceiling = Math.min(delayMaxMs, delayMs * 2 ** Math.min(this.failures, 16));
    this.failures += 1;
    return ceiling / 2 + (ceiling / 2) * random();
  }

  private receive(text: unknown): void {
    const message = decode(text);
    if (!message) return;
    // Only an answer proves that the server is well; an accepted socket may come from a proxy.
    this.failures = 0;
    for (const listener of [...(this.listeners.get(message.channel) ?? [])]) {
      if ("error" in message) listener.error?.(message.error);
      else listener.data(message.data);
    }
  }

  private send(message: object): void {
    if (this.connection === "live") this.socket?.send(JSON.stringify(message));
  }

  private setState(state: Connection): void {
    if (this.connection === state) return;
    this.connection = state;
    this.changedAt = Date.now();
    for (const watcher of [...this.watchers]) watcher();
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

function decode(text: unknown): LiveMessage | null {
  if (typeof text !== "string") return null;
  try {
    const message = JSON.parse(text) as LiveMessage;
    return typeof message === "object" && message && typeof message.channel === "string"
      ? message
      : null;
  } catch {
    return null;
  }
}
