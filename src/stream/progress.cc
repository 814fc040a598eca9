// SPDX-License-Identifier: Apache-2.0
#include "stream/progress.h"

#include <algorithm>
#include <cmath>

namespace tidemill::stream {
namespace {

std::int64_t ms(std::chrono::microseconds time) {
  return (time.count() + 500) / 1000;
}

double quantile_ms(const std::vector<std::int64_t>& sorted_us, double q) {
  if (sorted_us.empty()) return 0;
  const auto at =
      static_cast<std::size_t>(std::llround(q * static_cast<double>(sorted_us.size() - 1)));
  return static_cast<double>(sorted_us[at]) / 1000.0;
}

}  // namespace

Progress make_progress(const QuerySpec& spec, const QueryMemory& memory, const Batch& batch,
                       const EpochOutcome& outcome, const EpochRecord& before,
                       const EpochTimes& times) {
  Progress progress;
  progress.batch_id = static_cast<std::int64_t>(outcome.record.epoch);
  const auto total = times.total;
  progress.duration_ms = ms(total);
  progress.input_rows = batch.rows;
  if (total.count() > 0) {
    progress.processed_rows_per_second =
        static_cast<double>(batch.rows) * 1e6 / static_cast<double>(total.count());
  }
  progress.duration_ms_by_phase = {
      // Asked once a trigger. A pipelined query never asks: what it fetches tells the end.
      {"latestOffset", ms(times.latest_offset)},
      {"getBatch", ms(batch.fetch_time)},
      {"queryPlanning", 0},  // planned once, when the query starts
      {"prepare", ms(batch.prepare_time)},
      {"state", ms(outcome.state_time)},
      {"addBatch", ms(batch.prepare_time + outcome.state_time + outcome.sink_time)},
      {"sink", ms(outcome.sink_time)},
      {"walCommit", ms(outcome.log_time)},
      {"commitOffsets", ms(outcome.commit_time)},
      {"triggerExecution", ms(total)},
  };
  if (outcome.event_rows > 0) {
    progress.event_time_min_us = outcome.event_min_us;
    progress.event_time_max_us = outcome.event_max_us;
    progress.event_time_avg_us =
        static_cast<std::int64_t>(outcome.event_sum_us / static_cast<double>(outcome.event_rows));
  }
  if (outcome.record.watermark_us != INT64_MIN) progress.watermark_us = outcome.record.watermark_us;
  if (memory.seen) {
    progress.state_operators.push_back({.operator_name = "dedup",
                                        .rows_total = memory.seen->size(),
                                        .rows_updated = outcome.keys_added,
                                        .rows_removed = outcome.keys_removed,
                                        .memory_bytes = memory.seen->memory_bytes()});
  }
  if (memory.windows) {
    progress.state_operators.push_back({.operator_name = "windowAggregate",
                                        .rows_total = memory.windows->size(),
                                        .rows_updated = outcome.keys_added,
                                        .rows_removed = outcome.keys_removed,
                                        .memory_bytes = memory.windows->memory_bytes(),
                                        .rows_dropped_by_watermark = outcome.late_rows});
  }
  if (memory.written) {
    progress.state_operators.push_back({.operator_name = "writeTimes",
                                        .rows_total = memory.written->size(),
                                        .memory_bytes = memory.written->memory_bytes()});
  }
  progress.source.description = "kafka[" + spec.source.topic + "]";
  progress.source.input_rows = batch.rows;
  auto& source = progress.source;
  for (std::size_t i = 0; i < outcome.record.positions.size(); ++i) {
    const auto& position = outcome.record.positions[i];
    if (i < before.positions.size()) {
      source.start[spec.source.topic][position.partition] = before.positions[i].next_offset;
    }
    source.end[spec.source.topic][position.partition] = position.next_offset;
    const std::int64_t latest = i < batch.latest.size() ? batch.latest[i] : -1;
    source.latest[spec.source.topic][position.partition] = std::max(latest, position.next_offset);
  }
  progress.output_rows = outcome.output_rows;
  progress.latency_ms_p50 = quantile_ms(outcome.latency_us, 0.5);
  progress.latency_ms_p95 = quantile_ms(outcome.latency_us, 0.95);
  progress.latency_ms_p99 = quantile_ms(outcome.latency_us, 0.99);
  progress.latency_ms_max = quantile_ms(outcome.latency_us, 1);
  progress.dead_letter_rows = outcome.rejected;
  progress.late_rows = outcome.late_rows;
  progress.duplicates_dropped = outcome.duplicate_rows;
  return progress;
}

}  // namespace tidemill::stream
