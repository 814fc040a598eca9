// SPDX-License-Identifier: Apache-2.0
// Answers of docs/dev/api.md made from the pretend world.

const COLUMNS = [
  "id",
  "first_name",
  "last_name",
  "gender",
  "address",
  "post_code",
  "email",
  "username",
  "dob",
  "registered_date",
  "phone",
  "picture",
  "ingested_at",
];
const sum = (list) => list.reduce((a, b) => a + b, 0);

export function failure(status, code, message, hint) {
  return { status, body: { error: { code, message, ...(hint ? { hint } : {}) } } };
}

export function overview(world) {
  const topics = [...world.topics.values()];
  return {
    time_ms: Date.now(),
    uptime_ms: Date.now() - world.startedAt,
    records_in_per_second: world.speed.in,
    records_out_per_second: world.speed.out,
    rejected_per_second: world.speed.rejected,
    totals: world.totals,
    latency_ms: world.latency,
    rejected_by_rule: [...world.rules]
      .map(([rule, count]) => ({ query: "created_users", rule, count }))
      .sort((a, b) => b.count - a.count),
    lag: [...world.queries.values()]
      .filter((q) => q.state !== "failed")
      .map((q) => ({ query: q.name, topic: q.source, records: q.pending })),
    queries: [...world.queries.values()].map((q) => ({
      name: q.name,
      state: q.state,
      processed_rows_per_second: q.processed,
      ...(q.error ? { error: q.error } : {}),
    })),
    topics: {
      count: topics.length,
      partitions: sum(topics.map((t) => t.parts.length)),
      bytes: sum(topics.flatMap((t) => t.parts.map((p) => p.bytes))),
    },
    tables: { count: world.rows.length ? 1 : 0, bytes: world.rows.length * 410 },
    newest_rows: world.rows.length
      ? {
          keyspace: "spark_streams",
          table: "created_users",
          columns: ["id", "first_name", "last_name", "gender", "email", "ingested_at"],
          rows: world.rows
            .slice(0, 20)
            .map((r) => [r.id, r.first_name, r.last_name, r.gender, r.email, r.ingested_at]),
        }
      : null,
    resident_bytes: 93_500_000 + world.rows.length * 900,
    cpu_percent: 4 + 3 * Math.abs(Math.sin(Date.now() / 9000)),
  };
}

export function topicSummary(topic) {
  return {
    name: topic.name,
    id: topic.id,
    internal: topic.internal,
    partitions: topic.parts.length,
    records: sum(topic.parts.map((p) => p.next - p.start)),
    bytes: sum(topic.parts.map((p) => p.bytes)),
    records_in_per_second: topic.rate,
    bytes_in_per_second: topic.byteRate,
    retention_ms: 604_800_000,
    last_timestamp_ms: topic.parts
      .map((p) => p.records.at(-1)?.timestamp_ms ?? null)
      .reduce((a, b) => (b !== null && (a === null || b > a) ? b : a), null),
  };
}

export function topicDetail(topic) {
  const configs = [
    ["cleanup.policy", "delete", "delete"],
    ["retention.ms", "604800000", "604800000"],
    ["retention.bytes", "-1", "-1"],
    ["segment.bytes", "134217728", "134217728"],
    ["compression.type", "producer", "producer"],
    ["max.message.bytes", "1048588", "1048588"],
  ].map(([name, value, byDefault]) => ({
    name,
    value: topic.configs[name] ?? value,
    default: byDefault,
    source: topic.configs[name] ? "dynamic" : "default",
  }));
  return {
    ...topicSummary(topic),
    configs,
    partition_list: topic.parts.map((p) => ({
      partition: p.partition,
      leader_epoch: 0,
      log_start_offset: p.start,
      high_watermark: p.next,
      last_stable_offset: p.next,
      bytes: p.bytes,
    })),
  };
}

const textOf = (bytes) => (bytes && "text" in bytes ? bytes.text : "");

export function recordPage(topic, query) {
  const limit = Math.min(1000, Math.max(1, Number(query.get("limit") ?? 100)));
  const from = query.get("from") ?? "latest";
  const contains = query.get("contains");
  const parts = topic.parts.filter(
    (p) => !query.has("partition") || p.partition === Number(query.get("partition")),
  );
  const match = (r) =>
    !contains || textOf(r.key).includes(contains) || textOf(r.value).includes(contains);
  let records;
  if (from === "latest") {
    records = parts
      .flatMap((p) => p.records.slice(-limit).filter(match))
      .sort((a, b) => a.timestamp_ms - b.timestamp_ms)
      .slice(-limit);
  } else {
    const start = (r) =>
      from === "earliest"
        ? true
        : from.startsWith("time:")
          ? r.timestamp_ms >= Number(from.slice(5))
          : r.offset >= Number(from);
    records = parts
      .flatMap((p) => p.records.filter((r) => start(r) && match(r)).slice(0, limit))
      .sort((a, b) => a.timestamp_ms - b.timestamp_ms || a.offset - b.offset)
      .slice(0, limit);
  }
  const next = {};
  for (const p of parts) {
    const mine = records.filter((r) => r.partition === p.partition);
    const first = p.records.find((r) =>
      from.startsWith("time:") ? r.timestamp_ms >= Number(from.slice(5)) : r.offset >= Number(from),
    );
    next[p.partition] = mine.length
      ? mine.at(-1).offset + 1
      : from === "earliest"
        ? p.start
        : from === "latest"
          ? p.next
          : (first?.offset ?? p.next);
  }
  return {
    records,
    next,
    scanned: sum(parts.map((p) => p.records.length)),
    end_reached: from === "latest" || parts.every((p) => next[p.partition] >= p.next),
  };
}

export function querySummary(q) {
  return {
    name: q.name,
    kind: q.kind,
    state: q.state,
    source: q.source,
    target: q.target,
    trigger: q.trigger,
    ...(q.error ? { error: q.error } : {}),
    started_at: q.started_at,
    input_rows_per_second: q.input,
    processed_rows_per_second: q.processed,
    lag: q.pending,
    watermark_ms: q.state === "failed" ? null : Date.now() - 10_000,
    restarts: q.restarts,
  };
}

export function queryDetail(world, q) {
  const nodes =
    q.kind === "sink"
      ? [
          ["source", "Source", "kafka users_created, 3 partitions"],
          ["decode", "Decode JSON", "12 columns, CHECK x 4"],
          ["filter", "Filter", "registered_date IS NOT NULL"],
          ["dedupe", "Deduplicate", "id within 10 min"],
          ["project", "Project", "12 expressions"],
          ["sink", "Table sink", "spark_streams.created_users, ttl 600 s"],
          ["dead", "Dead letters", "users_created.dead_letter"],
        ]
      : [
          ["source", "Source", "kafka users_created, 3 partitions"],
          ["decode", "Decode JSON", "3 columns"],
          ["window", "Tumbling window", "1 minute, registered_at"],
          ["agg", "Aggregate", "count(*) by gender"],
          ["sink", "Topic sink", "signups_per_minute"],
        ];
  const chain = nodes.map(([id]) => id).filter((id) => id !== "dead");
  const edges = chain.slice(1).map((to, i) => ({ from: chain[i], to }));
  if (q.kind === "sink") edges.push({ from: "decode", to: "dead" });
  return {
    ...querySummary(q),
    sql: q.sql,
    plan: { nodes: nodes.map(([id, label, detail]) => ({ id, label, detail })), edges },
    progress: world.progress.get(q.name).at(-1) ?? null,
    totals: q.totals,
    rejected_by_rule: [...q.rules].map(([rule, count]) => ({ rule, count })),
    explain:
      "SINK spark_streams.created_users\n  PROJECT 12 expressions\n    DEDUPLICATE ON (id) WITHIN 10 min\n      FILTER registered_date IS NOT NULL\n        DECODE JSON, 4 constraints\n          SOURCE users_created",
  };
}

export const tableSummary = (world) => ({
  keyspace: "spark_streams",
  table: "created_users",
  system: false,
  columns: COLUMNS.length,
  primary_key: ["id"],
  rows_estimate: world.rows.length,
  bytes: world.rows.length * 410,
  default_time_to_live: 600,
});
export const systemTable = {
  keyspace: "system_schema",
  table: "tables",
  system: true,
  columns: 21,
  primary_key: ["keyspace_name", "table_name"],
  rows_estimate: 34,
  bytes: 12_000,
  default_time_to_live: 0,
};

export function tableDetail(world) {
  return {
    ...tableSummary(world),
    column_list: COLUMNS.map((name) => ({
      name,
      type: name === "ingested_at" ? "timestamp" : name === "id" ? "uuid" : "text",
      kind: name === "id" ? "partition_key" : "regular",
    })),
    create_statement: `CREATE TABLE spark_streams.created_users (\n    id uuid PRIMARY KEY,\n${COLUMNS.slice(
      1,
    )
      .map((c) => `    ${c} ${c === "ingested_at" ? "timestamp" : "text"}`)
      .join(",\n")}\n) WITH default_time_to_live = 600;`,
  };
}

export function rows(world, limit, state) {
  const from = Number(state ? Buffer.from(state, "base64").toString() : 0);
  const page = world.rows.slice(from, from + limit);
  return {
    columns: tableDetail(world).column_list.map(({ name, type }) => ({ name, type })),
    rows: page.map((r) => COLUMNS.map((c) => r[c] ?? null)),
    ...(from + limit < world.rows.length
      ? { paging_state: Buffer.from(String(from + limit)).toString("base64") }
      : {}),
    warnings: [],
  };
}

export function newestRows(world, limit) {
  const rows = world.rows.slice(0, limit).map((r) => COLUMNS.map((c) => r[c] ?? null));
  return { keyspace: "spark_streams", table: "created_users", columns: COLUMNS, rows };
}

export function groups(world) {
  const pending = sum([...world.queries.values()].map((q) => q.pending));
  return [
    {
      group: "reporting",
      state: "Stable",
      protocol_type: "consumer",
      protocol: "range",
      members: 2,
      lag: 12 + pending,
    },
    {
      group: "old-exporter",
      state: "Empty",
      protocol_type: "consumer",
      protocol: "",
      members: 0,
      lag: 48_211,
    },
  ];
}

export function groupDetail(world, name) {
  const summary = groups(world).find((g) => g.group === name);
  if (!summary) return null;
  const topic = world.topics.get("users_created");
  const offsets = topic.parts.map((p) => {
    const lag = Math.min(p.next, Math.ceil(summary.lag / topic.parts.length));
    return {
      topic: topic.name,
      partition: p.partition,
      committed: p.next - lag,
      high_watermark: p.next,
      lag,
      metadata: "",
    };
  });
  const member_list = Array.from({ length: summary.members }, (_, i) => ({
    member_id: `rdkafka-${i}-5f3a`,
    client_id: `reporting-${i}`,
    host: "127.0.0.1",
    assignments: [{ topic: topic.name, partitions: i === 0 ? [0, 1] : [2] }],
  }));
  return {
    ...summary,
    coordinator: { id: 1, host: "127.0.0.1", port: 9092 },
    member_list,
    offsets,
  };
}

export const sources = () => [
  {
    name: "users_created",
    connector: "kafka",
    topic: "users_created",
    columns: COLUMNS.slice(0, -1).map((name) => ({ name, type: "VARCHAR" })),
    constraints: [
      { name: "id_is_uuid", check: "regexp_full_match(id, '[0-9a-f-]{36}')" },
      { name: "email_shape", check: "email LIKE '%_@_%._%'" },
      { name: "gender_known", check: "gender IN ('male', 'female')" },
      { name: "email_not_null", check: "email IS NOT NULL" },
    ],
    dead_letter_topic: "users_created.dead_letter",
    sql: "CREATE SOURCE users_created (...)",
  },
];
