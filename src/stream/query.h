// SPDX-License-Identifier: Apache-2.0
// What a continuous query is, as plain data: sql/ makes it from text, the engine runs it. All SQL
// in here is DuckDB's, over named inputs the engine provides as table functions; nothing in this
// file parses.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/column.h"

namespace tidemill::stream {

// Where a source column takes its value from.
enum class ColumnOrigin { Json, Key, Timestamp, Offset, Partition, Topic, Headers };

struct SourceColumn {
  Column column;
  ColumnOrigin origin = ColumnOrigin::Json;
  std::string json_field;  // the member of the record's JSON object
  // TEXT COERCE: a JSON number, boolean, array or object becomes its JSON text. Without it such a
  // value violates the rule "type_<column>".
  bool coerce = false;
};

struct Constraint {
  std::string name;
  std::string check_sql;  // boolean expression over the source's columns; NULL passes, as in SQL
};

struct Watermark {
  std::string column;  // the event time: a TIMESTAMP or TIMESTAMPTZ column
  std::chrono::microseconds delay{0};
};

enum class OnError { DeadLetter, Skip, Fail };
enum class Startup { Earliest, Latest };

struct SourceSpec {
  std::string name;
  std::string topic;
  std::vector<SourceColumn> columns;
  std::vector<Constraint> constraints;
  std::optional<Watermark> watermark;
  OnError on_error = OnError::DeadLetter;
  std::string dead_letter_topic;
  Startup startup = Startup::Earliest;
  bool reject_unknown_fields = false;
  std::chrono::milliseconds idle_timeout{10'000};  // a silent partition leaves the watermark's min
  std::chrono::milliseconds max_future_skew{300'000};
  // What feeds the topic, unless something outside does: generator, http, file; empty: nothing.
  std::string connector;
  std::map<std::string, std::string> connector_options;
  // The project's folder, which relative paths in the options start from; empty: the instance's.
  std::string folder;
};

// SELECT DISTINCT ON (keys) ... WITHIN: of the rows with equal keys the first wins, in the order of
// the log; a key is forgotten `within` after its row's event time. Zero: never.
struct Dedup {
  std::vector<std::string> key_columns;  // of the stage's output
  std::chrono::microseconds within{0};
};

// NULL is the neutral element of all three: what merges with it stays.
enum class Merge { Sum, Min, Max };

// One accumulator column; an aggregate may need several (avg: a sum and a count).
struct Accumulator {
  Column column;
  Merge merge = Merge::Sum;
};

enum class Emit { OnWindowClose, OnUpdate };
enum class OnLate { Drop, DeadLetter };

// Tumbling-window GROUP BY. The stage's select_sql gives one row per group of a batch: window_start
// (TIMESTAMP), the keys, the accumulators. The engine merges them by (window_start, keys);
// final_sql turns merged rows into the query's output.
struct WindowAggregate {
  std::chrono::microseconds size{0};
  std::vector<Column> keys;
  std::vector<Accumulator> accumulators;
  // SELECT ... FROM closed: `closed` has window_start and window_end (TIMESTAMP), the keys and the
  // accumulators under their names.
  std::string final_sql;
  Emit emit = Emit::OnWindowClose;
  std::chrono::microseconds close_after{0};  // EMIT ON WINDOW CLOSE AFTER
  std::optional<std::chrono::microseconds> close_after_idle;
  OnLate on_late = OnLate::Drop;
};

enum class TriggerKind { Pipelined, Every, AvailableNow };

struct Trigger {
  TriggerKind kind = TriggerKind::Pipelined;
  std::chrono::milliseconds every{0};
};

struct SinkSpec {
  std::string connector;  // "cassandra", "kafka", "blackhole"
  std::map<std::string, std::string> options;
};

enum class QueryKind { Sink, MaterializedView };

struct QuerySpec {
  std::string name;
  QueryKind kind = QueryKind::Sink;
  std::string sql;  // as the user wrote it
  SourceSpec source;
  // SELECT ... FROM input [WHERE ...] [GROUP BY ...]: `input` has the source's columns. Without a
  // window it keeps the order of rows.
  std::string select_sql;
  std::optional<Dedup> dedup;
  std::optional<WindowAggregate> window;
  std::vector<Column> output;  // what reaches the sink
  // Columns of the output that tell its rows apart: the window and the group's keys, or those of
  // DISTINCT ON; empty: none do. An upsert sink takes them unless its options name others.
  std::vector<std::string> key;
  SinkSpec sink;
  Trigger trigger;
  // Whether this one of the queries over its source keeps the bad records (letter_keeper.h); the
  // engine's keep_letters() changes it.
  bool keeps_letters = true;
  std::string plan_hash;  // of everything that the stored state depends on
};

}  // namespace tidemill::stream
