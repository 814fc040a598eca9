// SPDX-License-Identifier: Apache-2.0
// Serves docs/dev/api.md from a pretend world, and dist/ when it is built. For development and the browser tests'
// self-check only; never part of the binary. Run alone: node dev/fake/server.mjs [--port N] [--empty]
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { answer } from "./routes.mjs";
import * as views from "./views.mjs";
import { World } from "./world.mjs";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/** Data of a live channel, or undefined when there is no such channel. */
function channelState(world, channel, tail) {
  const fixed = {
    overview: () => views.overview(world),
    topics: () => [...world.topics.values()].map(views.topicSummary),
    groups: () => views.groups(world),
    queries: () => [...world.queries.values()].map(views.querySummary),
    tables: () => (world.rows.length ? [views.tableSummary(world), views.systemTable] : []),
  };
  if (fixed[channel]) return fixed[channel]();
  const [kind, name] = [
    channel.slice(0, channel.indexOf(":")),
    channel.slice(channel.indexOf(":") + 1),
  ];
  const topic = world.topics.get(name);
  if (kind === "topic" && topic) return views.topicDetail(topic);
  if (kind === "tail" && topic)
    return {
      records: topic.parts
        .flatMap((p) => p.records.filter((r) => r.offset >= (tail[p.partition] ?? p.next)))
        .slice(-200),
    };
  if (kind === "query" && world.queries.has(name))
    return views.queryDetail(world, world.queries.get(name));
  if (kind === "table" && name === "spark_streams.created_users")
    return views.newestRows(world, 100);
  return undefined;
}

function serveLive(world, socket) {
  const wanted = new Map();
  const push = (channel) => {
    const entry = wanted.get(channel);
    const data = channelState(world, channel, entry.tail);
    const topic = channel.startsWith("tail:") && world.topics.get(channel.slice(5));
    if (topic) for (const p of topic.parts) entry.tail[p.partition] = p.next;
    if (topic && entry.sequence > 0 && data.records.length === 0) return;
    socket.send(JSON.stringify({ channel, sequence: entry.sequence++, data }));
  };
  socket.on("message", (text) => {
    const { subscribe = [], unsubscribe = [] } = JSON.parse(String(text));
    for (const channel of unsubscribe) wanted.delete(channel);
    for (const channel of subscribe) {
      if (channelState(world, channel, {}) === undefined) {
        socket.send(
          JSON.stringify({
            channel,
            error: { code: "not_found", message: `channel '${channel}' does not exist` },
          }),
        );
        continue;
      }
      wanted.set(channel, { sequence: 0, tail: {} });
      push(channel);
    }
  });
  const timer = setInterval(() => [...wanted.keys()].forEach(push), 1000);
  socket.on("close", () => clearInterval(timer));
}

async function serveFile(path, response) {
  const name = normalize(decodeURIComponent(path)).replace(/^(\.\.[/\\])+/, "");
  const file = extname(name) ? join(DIST, name) : join(DIST, "index.html");
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": POLICY,
    });
    response.end(body);
  } catch {
    response
      .writeHead(404, { "content-type": "text/plain" })
      .end("not found; run npm run build first\n");
  }
}

async function readBody(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

export function startFake({ port = 0, empty = false, tickMs = 1000 } = {}) {
  const world = new World({ empty });
  const timer = setInterval(() => world.topics.has("users_created") && world.tick(tickMs), tickMs);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (!url.pathname.startsWith("/api/v1")) return serveFile(url.pathname, response);
    const { status, body } = answer(world, request.method, url, await readBody(request));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  const sockets = new WebSocketServer({ server, path: "/api/v1/live" });
  sockets.on("connection", (socket) => serveLive(world, socket));
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        world,
        stop: () => {
          clearInterval(timer);
          for (const client of sockets.clients) client.terminate();
          server.closeAllConnections();
          return new Promise((done) => server.close(done));
        },
      });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--port");
  const fake = await startFake({
    port: at > 0 ? Number(process.argv[at + 1]) : 0,
    empty: process.argv.includes("--empty"),
  });
  console.log(`fake Tidemill at ${fake.url}`);
}
