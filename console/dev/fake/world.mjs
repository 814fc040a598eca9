// SPDX-License-Identifier: Apache-2.0
// A pretend instance: the users pipeline with a generator, one sink and one view, advanced by tick().
// It exists so that the console can be developed without the server. It is no model of how Tidemill behaves.
import { brokenUser, randomFrom, user } from "./users.mjs";

const KEEP = 30_000;
const QUERY_SQL = `CREATE SINK created_users
INTO spark_streams.created_users (PRIMARY KEY (id), TTL 600)
TRIGGER EVERY '2 s'
AS SELECT DISTINCT ON (id) WITHIN '10 min'
       id, first_name, last_name, gender, address, CAST(post_code AS VARCHAR) AS post_code,
       lower(email) AS email, username, dob, registered_date, phone, picture
FROM users_created
WHERE registered_date IS NOT NULL;`;
const VIEW_SQL = `CREATE MATERIALIZED VIEW signups_per_minute AS
SELECT window_start, gender, count(*) AS signups
FROM tumble(users_created, registered_at, INTERVAL '1 minute')
GROUP BY window_start, gender
EMIT ON WINDOW CLOSE;`;

export class World {
  constructor({ seed = 7, empty = false, ratePerSecond = 160 } = {}) {
    this.random = randomFrom(seed);
    this.startedAt = Date.now();
    this.rate = ratePerSecond;
    this.topics = new Map();
    this.rows = [];
    this.deadLetters = [];
    this.rules = new Map();
    this.totals = { records_in: 0, records_out: 0, rejected: 0, duplicates: 0, late: 0 };
    this.queries = new Map();
    this.progress = new Map();
    this.latency = { p50: 0, p95: 0, p99: 0, max: 0 };
    this.speed = { in: 0, out: 0, rejected: 0 };
    this.unread = 0;
    if (empty) return;
    this.addTopic("users_created", 3);
    this.addTopic("users_created.dead_letter", 1);
    this.addTopic("signups_per_minute", 1);
    this.addTopic("__consumer_offsets", 4, true);
    this.addTopic("__tidemill_epochs", 1, true);
    this.addTopic("idle_audit", 1);
    this.addQuery("created_users", "sink", "spark_streams.created_users", "every 2 s", QUERY_SQL);
    this.addQuery(
      "signups_per_minute",
      "materialized_view",
      "signups_per_minute",
      "on window close",
      VIEW_SQL,
    );
    this.addQuery(
      "flights_by_hour",
      "sink",
      "flights.by_hour",
      "available now",
      "CREATE SINK flights_by_hour INTO flights.by_hour TRIGGER AVAILABLE NOW AS SELECT origin, count(*) FROM flights GROUP BY origin;",
      "failed",
    );
    for (let i = 0; i < 40; i++) this.tick(1000, this.startedAt - (40 - i) * 1000);
  }

  addTopic(name, partitions, internal = false, configs = {}) {
    const parts = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      records: [],
      start: 0,
      next: 0,
      bytes: 0,
    }));
    this.topics.set(name, {
      name,
      internal,
      configs,
      parts,
      rate: 0,
      byteRate: 0,
      id: `t${this.topics.size}`.padEnd(22, "A"),
    });
  }

  addQuery(name, kind, target, trigger, sql, state = "running") {
    this.queries.set(name, {
      name,
      kind,
      state,
      source: name === "flights_by_hour" ? "flights" : "users_created",
      target,
      trigger,
      sql,
      started_at: this.startedAt,
      input: 0,
      processed: 0,
      pending: 0,
      totals: {
        input_rows: 0,
        output_rows: 0,
        rejected_rows: 0,
        duplicate_rows: 0,
        late_rows: 0,
        epochs: 0,
      },
      restarts: state === "failed" ? 3 : 0,
      rules: new Map(),
      ...(state === "failed"
        ? { error: "source 'flights' reads topic 'flights', which does not exist" }
        : {}),
    });
    this.progress.set(name, []);
  }

  append(topicName, key, value, headers, now, partition) {
    const topic = this.topics.get(topicName);
    const part = topic.parts[partition ?? Math.floor(this.random() * topic.parts.length)];
    const size = JSON.stringify(value).length + 60;
    const record = {
      partition: part.partition,
      offset: part.next++,
      timestamp_ms: now,
      key,
      value,
      headers,
      size,
    };
    part.records.push(record);
    part.bytes += size;
    if (part.records.length > KEEP) part.start = part.records.splice(0, 500).at(-1).offset + 1;
    return record;
  }

  tick(ms = 1000, now = Date.now()) {
    const wave = 1 + 0.35 * Math.sin(now / 21_000) + 0.12 * (this.random() - 0.5);
    const count = Math.max(1, Math.round(((this.rate * ms) / 1000) * wave));
    let bad = 0;
    for (let i = 0; i < count; i++) bad += this.produceOne(now);
    const topic = this.topics.get("users_created");
    topic.rate = (count * 1000) / ms;
    topic.byteRate = topic.rate * 480;
    this.speed = { in: topic.rate, out: ((count - bad) * 1000) / ms, rejected: (bad * 1000) / ms };
    for (const query of this.queries.values()) this.step(query, count, bad, ms, now);
  }

  produceOne(now) {
    this.totals.records_in++;
    const roll = this.random();
    if (roll < 0.025) {
      const { rule, value } = brokenUser(this.random, now);
      const record = this.append("users_created", null, value, [], now);
      const reason =
        rule === "malformed_json"
          ? "value is not JSON: invalid UTF-8 at byte 2"
          : `constraint '${rule}' is not met`;
      const dead = this.append(
        "users_created.dead_letter",
        null,
        value,
        [{ key: "rules", value: { text: rule } }],
        now,
      );
      this.deadLetters.unshift({
        topic: "users_created.dead_letter",
        partition: 0,
        offset: dead.offset,
        timestamp_ms: now,
        source: "users_created",
        rules: rule === "email_not_null" ? ["email_not_null", "email_shape"] : [rule],
        reason,
        raw: value,
        key: null,
        origin: {
          topic: "users_created",
          partition: record.partition,
          offset: record.offset,
          timestamp_ms: now,
        },
      });
      this.deadLetters.length = Math.min(this.deadLetters.length, 2000);
      this.rules.set(rule, (this.rules.get(rule) ?? 0) + 1);
      this.totals.rejected++;
      return 1;
    }
    const person = user(this.random, now);
    this.append(
      "users_created",
      { text: person.id },
      { text: JSON.stringify(person) },
      [
        { key: "producer", value: { text: "generator" } },
        { key: "trace", value: { base64: "AAECAwT/" } },
      ],
      now,
    );
    if (roll < 0.05) this.totals.duplicates++;
    else {
      this.totals.records_out++;
      this.rows.unshift({
        ...person,
        post_code: String(person.post_code),
        ingested_at: new Date(now).toISOString(),
      });
      this.rows.length = Math.min(this.rows.length, 4000);
    }
    return 0;
  }

  step(query, count, bad, ms, now) {
    if (query.state === "failed" || query.state === "finished") return;
    query.pending += count;
    if (query.state === "paused") {
      query.input = (count * 1000) / ms;
      query.processed = 0;
      return;
    }
    const taken = query.pending;
    const addBatch = 14 + taken / 18 + this.random() * 9;
    const rest = {
      latestOffset: 1 + this.random(),
      getBatch: 2 + this.random() * 2,
      queryPlanning: 1,
      walCommit: 3 + this.random() * 3,
      commitOffsets: 3 + this.random() * 2,
    };
    const total = addBatch + Object.values(rest).reduce((a, b) => a + b);
    const p50 = 18 + this.random() * 6;
    this.latency = { p50, p95: p50 * 1.7, p99: p50 * 2.3 + this.random() * 8, max: p50 * 4 };
    Object.assign(query, {
      pending: 0,
      input: (count * 1000) / ms,
      processed: (taken * 1000) / total,
    });
    const t = query.totals;
    t.input_rows += taken;
    t.output_rows += taken - bad;
    t.rejected_rows += bad;
    t.epochs++;
    if (bad) query.rules.set("email_shape", (query.rules.get("email_shape") ?? 0) + bad);
    const list = this.progress.get(query.name);
    list.push(
      this.progressOf(query, taken, bad, { ...rest, addBatch, triggerExecution: total }, now),
    );
    if (list.length > 600) list.shift();
  }

  progressOf(query, rows, bad, durationMs, now) {
    const round = Object.fromEntries(
      Object.entries(durationMs).map(([k, v]) => [k, Math.round(v)]),
    );
    const iso = (ms) => new Date(ms).toISOString();
    return {
      id: "0b6f2f0e-6f5e-4c1d-9a9f-0d1f7f1f4a11",
      runId: "5d0b8a52-7a8f-4f3c-8a42-9b0f6f0f9d20",
      name: query.name,
      timestamp: iso(now),
      batchId: query.totals.epochs,
      batchDuration: round.triggerExecution,
      numInputRows: rows,
      inputRowsPerSecond: query.input,
      processedRowsPerSecond: query.processed,
      durationMs: round,
      eventTime: {
        min: iso(now - 2000),
        avg: iso(now - 1000),
        max: iso(now),
        watermark: iso(now - 10_000),
      },
      stateOperators: [
        {
          operatorName: "dedupe",
          numRowsTotal: Math.min(96_000, query.totals.input_rows),
          numRowsUpdated: rows,
          numRowsRemoved: 0,
          memoryUsedBytes: 48 * query.totals.input_rows,
          numRowsDroppedByWatermark: 0,
        },
      ],
      sources: [
        {
          description: "kafka users_created",
          startOffset: {},
          endOffset: {},
          latestOffset: {},
          numInputRows: rows,
          inputRowsPerSecond: query.input,
          processedRowsPerSecond: query.processed,
        },
      ],
      sink: { description: query.target, numOutputRows: rows - bad },
      latencyMs: this.latency,
      deadLetterRows: bad ? { email_shape: bad } : {},
      lateRows: 0,
      duplicatesDropped: 1,
      sinkRetries: 0,
    };
  }
}
