// SPDX-License-Identifier: Apache-2.0
// Mirrors docs/dev/api.md by hand, exactly: same names, same order. api/contract.test.ts compares the two.
// Times are Unix milliseconds unless named otherwise.

export interface ApiErrorBody {
  error: { code: string; message: string; hint?: string };
}

export interface Health {
  status: "ok" | "starting" | "degraded";
  version: string;
  uptime_ms: number;
  started_at: number;
  parts: { name: string; kind: string; address: string; status: string; detail: string }[];
}

export interface Overview {
  time_ms: number;
  uptime_ms: number;
  records_in_per_second: number;
  records_out_per_second: number;
  rejected_per_second: number;
  totals: {
    records_in: number;
    records_out: number;
    rejected: number;
    duplicates: number;
    late: number;
  };
  latency_ms: { p50: number; p95: number; p99: number; max: number };
  rejected_by_rule: { query: string; rule: string; count: number }[];
  lag: { query: string; topic: string; records: number }[];
  queries: { name: string; state: QueryState; processed_rows_per_second: number; error?: string }[];
  topics: { count: number; partitions: number; bytes: number };
  tables: { count: number; bytes: number };
  newest_rows: NewestRows | null;
  resident_bytes: number;
  cpu_percent: number;
}

/** Also the data of the live channel table:KEYSPACE.NAME. */
export interface NewestRows {
  keyspace: string;
  table: string;
  columns: string[];
  rows: (string | null)[][];
}

export interface TopicSummary {
  name: string;
  id: string;
  internal: boolean;
  partitions: number;
  records: number;
  bytes: number;
  records_in_per_second: number;
  bytes_in_per_second: number;
  retention_ms: number;
  last_timestamp_ms: number | null;
}

export interface TopicDetail extends TopicSummary {
  /** `default` is the default's text, or only whether the value is the default. */
  configs: {
    name: string;
    value: string;
    default: string | boolean;
    source: "dynamic" | "default";
  }[];
  partition_list: {
    partition: number;
    leader_epoch: number;
    log_start_offset: number;
    high_watermark: number;
    last_stable_offset: number;
    bytes: number;
  }[];
}

export interface RecordPage {
  records: Record_[];
  next: { [partition: string]: number };
  scanned: number;
  end_reached: boolean;
}

/** `Record` in the contract; the underscore only keeps TypeScript's own `Record` usable. */
export interface Record_ {
  partition: number;
  offset: number;
  timestamp_ms: number;
  key: Bytes | null;
  value: Bytes | null;
  headers: { key: string; value: Bytes | null }[];
  size: number;
}

export type Bytes = { text: string } | { base64: string };

export interface GroupSummary {
  group: string;
  state: string;
  protocol_type: string;
  protocol: string;
  members: number;
  lag: number;
}

export interface GroupDetail extends GroupSummary {
  coordinator: unknown;
  member_list: {
    member_id: string;
    client_id: string;
    host: string;
    instance_id?: string;
    assignments: { topic: string; partitions: number[] }[];
  }[];
  offsets: {
    topic: string;
    partition: number;
    committed: number;
    high_watermark: number;
    lag: number;
    metadata: string;
  }[];
}

export interface Source {
  name: string;
  connector: string;
  topic: string;
  columns: Column[];
  constraints: { name: string; check: string }[];
  dead_letter_topic: string;
  sql: string;
}

export interface Column {
  name: string;
  type: string;
}

export type QueryState = "running" | "paused" | "failed" | "finished" | "starting";

export interface QuerySummary {
  name: string;
  kind: "sink" | "materialized_view";
  state: QueryState;
  source: string;
  target: string;
  trigger: string;
  error?: string;
  started_at: number;
  input_rows_per_second: number;
  processed_rows_per_second: number;
  lag: number;
  watermark_ms: number | null;
  restarts: number;
}

export interface QueryDetail extends QuerySummary {
  sql: string;
  plan: Plan;
  progress: Progress | null;
  totals: {
    input_rows: number;
    output_rows: number;
    rejected_rows: number;
    duplicate_rows: number;
    late_rows: number;
    epochs: number;
  };
  rejected_by_rule: { rule: string; count: number }[];
  explain: string;
}

export interface Plan {
  nodes: { id: string | number; label: string; detail: string }[];
  edges: { from: string | number; to: string | number }[];
}

/** Spark's StreamingQueryProgress with Spark's names, and Tidemill's four fields at the end. */
export interface Progress {
  id: string;
  runId: string;
  name: string;
  timestamp: string;
  batchId: number;
  batchDuration: number;
  numInputRows: number;
  inputRowsPerSecond: number;
  processedRowsPerSecond: number;
  durationMs: {
    latestOffset?: number;
    getBatch?: number;
    queryPlanning?: number;
    walCommit?: number;
    addBatch?: number;
    commitOffsets?: number;
    triggerExecution?: number;
  };
  eventTime: { min?: string; avg?: string; max?: string; watermark?: string };
  stateOperators: {
    operatorName: string;
    numRowsTotal: number;
    numRowsUpdated: number;
    numRowsRemoved: number;
    memoryUsedBytes: number;
    numRowsDroppedByWatermark: number;
  }[];
  sources: {
    description: string;
    startOffset: unknown;
    endOffset: unknown;
    latestOffset: unknown;
    numInputRows: number;
    inputRowsPerSecond: number;
    processedRowsPerSecond: number;
  }[];
  sink: { description: string; numOutputRows: number };
  latencyMs: { p50: number; p95: number; p99: number; max: number };
  deadLetterRows: { [rule: string]: number };
  lateRows: number;
  duplicatesDropped: number;
  sinkRetries: number;
}

export interface StatementResult {
  statement: string;
  columns?: Column[];
  rows?: unknown[][];
  message?: string;
}

/** The answer of /cql and of /tables/{keyspace}/{table}/rows. */
export interface RowPage {
  columns: Column[];
  rows: (string | null)[][];
  paging_state?: string;
  warnings: string[];
}

export interface TableSummary {
  keyspace: string;
  table: string;
  system: boolean;
  columns: number;
  primary_key: string[];
  rows_estimate: number;
  bytes: number;
  default_time_to_live: number;
}

export interface TableDetail extends TableSummary {
  column_list: {
    name: string;
    type: string;
    kind: "partition_key" | "clustering" | "regular" | "static";
    order?: string;
  }[];
  create_statement: string;
}

export interface DeadLetter {
  topic: string;
  partition: number;
  offset: number;
  timestamp_ms: number;
  source: string;
  rules: string[];
  reason: string;
  raw: Bytes;
  key: Bytes | null;
  origin: { topic: string; partition: number; offset: number; timestamp_ms: number };
}

/** What the server sends over the live socket. */
export type LiveMessage =
  | { channel: string; sequence: number; data: unknown }
  | { channel: string; error: { code: string; message: string } };
