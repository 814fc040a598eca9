// SPDX-License-Identifier: Apache-2.0
// The REST side of the pretend server: method and path to an answer.
import * as views from "./views.mjs";

const ok = (body, status = 200) => ({ status, body });
const noTopic = (name) =>
  views.failure(404, "not_found", `topic '${name}' does not exist`, "tidemill topic list");
const noQuery = (name) =>
  views.failure(404, "not_found", `query '${name}' does not exist`, "tidemill query list");

function health(world) {
  const parts = [
    ["broker", 9092],
    ["tables", 9042],
    ["registry", 8081],
    ["engine", 0],
    ["web", 8080],
  ].map(([name, port]) => ({
    name,
    kind: "embedded",
    address: port ? `127.0.0.1:${port}` : "",
    status: "ok",
    detail: "",
  }));
  return ok({
    status: "ok",
    version: "0.1.0",
    uptime_ms: Date.now() - world.startedAt,
    started_at: world.startedAt,
    parts,
  });
}

function createTopic(world, body) {
  if (!/^[\w.-]{1,249}$/.test(body.name ?? ""))
    return views.failure(
      400,
      "invalid_argument",
      `topic name '${body.name}' may hold letters, digits, '.', '_' and '-' only`,
    );
  if (world.topics.has(body.name))
    return views.failure(409, "already_exists", `topic '${body.name}' exists`);
  world.addTopic(body.name, body.partitions ?? 1, false, body.configs ?? {});
  return ok(views.topicDetail(world.topics.get(body.name)), 201);
}

function produce(world, topic, body) {
  const toBytes = (v) =>
    v === undefined || v === null ? null : typeof v === "string" ? { text: v } : v;
  return ok({
    records: body.records
      .map((r) =>
        world.append(
          topic.name,
          toBytes(r.key),
          toBytes(r.value),
          [],
          r.timestamp_ms ?? Date.now(),
          r.partition,
        ),
      )
      .map(({ partition, offset, timestamp_ms }) => ({ partition, offset, timestamp_ms })),
  });
}

function topicRoutes(world, method, [name, what], url, body) {
  if (!name)
    return method === "POST"
      ? createTopic(world, body)
      : ok([...world.topics.values()].map(views.topicSummary));
  const topic = world.topics.get(name);
  if (!topic) return noTopic(name);
  if (method === "DELETE") return (world.topics.delete(name), ok(undefined, 204));
  if (what === "records")
    return method === "POST"
      ? produce(world, topic, body)
      : ok(views.recordPage(topic, url.searchParams));
  return ok(views.topicDetail(topic));
}

function queryRoutes(world, method, [name, what], url) {
  if (!name) return ok([...world.queries.values()].map(views.querySummary));
  const query = world.queries.get(name);
  if (!query) return noQuery(name);
  if (what === "progress")
    return ok(world.progress.get(name).slice(-Number(url.searchParams.get("last") ?? 60)));
  if (what === "pause" || what === "resume") {
    query.state = what === "pause" ? "paused" : "running";
    return ok(views.querySummary(query));
  }
  return ok(views.queryDetail(world, query));
}

function tableRoutes(world, [keyspace, table, what], url) {
  if (!keyspace) return ok(world.rows.length ? [views.tableSummary(world), views.systemTable] : []);
  if (keyspace !== "spark_streams" || table !== "created_users")
    return views.failure(
      404,
      "not_found",
      `table '${keyspace}.${table}' does not exist`,
      "tidemill table list",
    );
  if (what === "rows")
    return ok(
      views.rows(
        world,
        Number(url.searchParams.get("limit") ?? 100),
        url.searchParams.get("paging_state"),
      ),
    );
  return ok(views.tableDetail(world));
}

function deadLetterRoutes(world, method, [what], url, body) {
  const match = (d, f) =>
    (!f.source || d.source === f.source) &&
    (!f.topic || d.topic === f.topic) &&
    (!f.rule || d.rules.includes(f.rule));
  if (method === "POST" && what === "replay") {
    const chosen = world.deadLetters.filter(
      (d) =>
        match(d, body) &&
        (body.offset === undefined || (d.offset === body.offset && d.partition === body.partition)),
    );
    return ok({ replayed: chosen.length, skipped: 0 });
  }
  const filter = Object.fromEntries(url.searchParams);
  return ok(
    world.deadLetters.filter((d) => match(d, filter)).slice(0, Number(filter.limit ?? 100)),
  );
}

function statements(world, sql) {
  const results = sql
    .split(";")
    .map((s) => s.trim())
    .filter(Boolean);
  if (results.some((s) => /^selec\b/i.test(s)))
    return views.failure(
      400,
      "invalid_argument",
      'syntax error at or near "selec" (line 1, column 1); did you mean SELECT?',
    );
  return ok({
    results: results.map((statement) =>
      /^(select|show|describe)/i.test(statement)
        ? {
            statement,
            columns: [
              { name: "id", type: "VARCHAR" },
              { name: "signups", type: "BIGINT" },
              { name: "ratio", type: "DOUBLE" },
            ],
            rows: world.rows.slice(0, 50).map((r, i) => [r.id, i * 17, i === 3 ? null : i / 7]),
          }
        : { statement, message: "done" },
    ),
  });
}

export function answer(world, method, url, body) {
  const [kind, ...rest] = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  switch (kind) {
    case "health":
      return health(world);
    case "overview":
      return ok(views.overview(world));
    case "topics":
      return topicRoutes(world, method, rest, url, body);
    case "queries":
      return queryRoutes(world, method, rest, url);
    case "tables":
      return tableRoutes(world, rest, url);
    case "groups": {
      if (!rest[0]) return ok(world.topics.size ? views.groups(world) : []);
      const detail = views.groupDetail(world, rest[0]);
      return detail
        ? ok(detail)
        : views.failure(
            404,
            "not_found",
            `group '${rest[0]}' does not exist`,
            "tidemill group list",
          );
    }
    case "sources":
      return ok(world.topics.size ? views.sources() : []);
    case "dead-letters":
      return deadLetterRoutes(world, method, rest, url, body);
    case "sql":
      return statements(world, body.sql ?? "");
    case "cql":
      return ok(views.rows(world, body.page_size ?? 100, body.paging_state));
    default:
      return views.failure(404, "not_found", `no resource at '${url.pathname}'`);
  }
}
