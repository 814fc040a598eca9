// SPDX-License-Identifier: Apache-2.0
// Runs continuous queries: epochs, state, watermarks, commit (docs/dev/engine.md). Knows no SQL
// statements: sql/ gives it QuerySpecs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "stream/query.h"

namespace tidemill::stream {

class Sink;

// Makes the sink of a query (stream/sink.h): checks the options against the output columns, creates
// what is missing (table, topic). InvalidArgument names the option or the column.
using SinkMaker = std::function<Result<std::unique_ptr<Sink>>(const QuerySpec&)>;

// One finished epoch, under the names of Spark's StreamingQueryProgress where it has them.
struct Progress {
  struct SourceOffsets {
    std::string description;
    std::map<std::string, std::map<std::int32_t, std::int64_t>>
        start;  // topic -> partition -> next
    std::map<std::string, std::map<std::int32_t, std::int64_t>> end;
    std::map<std::string, std::map<std::int32_t, std::int64_t>> latest;
    std::uint64_t input_rows = 0;
  };
  struct StateOperator {
    std::string operator_name;
    std::uint64_t rows_total = 0;
    std::uint64_t rows_updated = 0;
    std::uint64_t rows_removed = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t rows_dropped_by_watermark = 0;
  };
  std::int64_t batch_id = 0;
  std::int64_t timestamp_ms = 0;
  std::int64_t duration_ms = 0;
  std::uint64_t input_rows = 0;
  double input_rows_per_second = 0;
  double processed_rows_per_second = 0;
  std::map<std::string, std::int64_t> duration_ms_by_phase;  // Spark's keys: addBatch, getBatch ...
  std::int64_t event_time_min_us = -1, event_time_max_us = -1, event_time_avg_us = -1;
  std::int64_t watermark_us = -1;
  std::vector<StateOperator> state_operators;
  SourceOffsets source;
  std::string sink_description;
  std::uint64_t output_rows = 0;
  double latency_ms_p50 = 0, latency_ms_p95 = 0, latency_ms_p99 = 0, latency_ms_max = 0;
  std::map<std::string, std::uint64_t> dead_letter_rows;  // by rule
  std::uint64_t late_rows = 0;
  std::uint64_t duplicates_dropped = 0;
  std::uint64_t sink_retries = 0;
};

enum class QueryState { Starting, Running, Paused, Failed, Finished };

struct QueryTotals {
  std::uint64_t input_rows = 0, output_rows = 0, rejected_rows = 0, duplicate_rows = 0,
                late_rows = 0, epochs = 0;
  std::map<std::string, std::uint64_t> rejected_by_rule;
};

struct QueryStatus {
  QuerySpec spec;
  std::string id;      // stable over restarts
  std::string run_id;  // new at each start
  QueryState state = QueryState::Starting;
  std::string error;  // why it failed
  std::int64_t started_at_ms = 0;
  std::uint64_t restarts = 0;
  std::int64_t lag = 0;  // records present and not yet committed
  std::int64_t watermark_ms = -1;
  QueryTotals totals;
  std::optional<Progress> progress;  // the newest
};

struct EngineOptions {
  std::size_t worker_threads = 2;
  std::size_t epoch_bytes_max = 16 * 1024 * 1024;  // two epochs are in memory at a time
  std::chrono::milliseconds pipelined_epoch_min{20};
  std::chrono::milliseconds pipelined_epoch_max{200};
  std::size_t progress_history = 600;
  std::string state_folder;  // of the snapshots; empty: state comes back from the changelog alone
  std::uint64_t snapshot_bytes_min = 16 * 1024 * 1024;  // of changelog, until the next snapshot
  // For tests: called before each step of an epoch; an error fails the epoch there.
  std::function<Result<>(std::string_view step)> before_step;
};

// Thread:   any; calls may block.
// Lifetime: broker, disk, clock, random, metrics and whatever the sink makers hold outlive it.
// stop() ends every
//           query after the epoch in hand; the destructor calls it.
class Engine {
 public:
  virtual ~Engine() = default;

  // Starts a query, or continues the one of this name where its last committed epoch ended.
  // Conflict when the stored state belongs to another plan_hash.
  virtual Result<> start(const QuerySpec& spec) = 0;
  virtual Result<> pause(const std::string& name) = 0;   // after the epoch in hand
  virtual Result<> resume(const std::string& name) = 0;  // also runs a finished AVAILABLE NOW again
  // Makes it the query that keeps the bad records of its source, from where the last one stopped,
  // or one that keeps none (stream/letter_keeper.h). At most one query of a source may keep them.
  virtual Result<> keep_letters(const std::string& name) = 0;
  virtual Result<> leave_letters(const std::string& name) = 0;
  // Ends it and removes its state, its committed offsets and its changelog.
  virtual Result<> drop(const std::string& name) = 0;
  virtual std::vector<QueryStatus> list() const = 0;
  virtual Result<QueryStatus> status(const std::string& name) const = 0;
  virtual Result<std::vector<Progress>> progress(const std::string& name,
                                                 std::size_t last) const = 0;
  // Returns once every record present at the call is committed; Timeout else, and the query's own
  // error when it fails.
  virtual Result<> wait(const std::string& name, std::chrono::milliseconds limit) = 0;
  virtual void stop() = 0;
};

std::unique_ptr<Engine> make_engine(EngineOptions options, broker::Broker& broker, Disk& disk,
                                    std::map<std::string, SinkMaker> sinks, const Clock& clock,
                                    Random& random, Metrics& metrics);

}  // namespace tidemill::stream
