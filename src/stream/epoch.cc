// SPDX-License-Identifier: Apache-2.0
#include "stream/epoch.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::stream {
namespace {

constexpr std::size_t kLatencySamples = 4096;
constexpr std::size_t kPrefetchAhead = 8;
constexpr std::size_t kGroupsPerChunk = 16'384;
constexpr std::int64_t kWriteTimesKept = 24LL * 3600 * 1'000'000;

std::chrono::microseconds passed(const Clock& clock, std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic() - since);
}

}  // namespace

EpochProcessor::EpochProcessor(Parts parts) : parts_(parts), spec_(parts.plan->spec()) {}

Result<> EpochProcessor::step(std::string_view name) const {
  return parts_.options.before_step ? parts_.options.before_step(name) : Result<>();
}

Result<EpochOutcome> EpochProcessor::run(Batch& batch, broker::TransactionalWriter& writer,
                                         const Clocking& clocking) {
  EpochOutcome outcome;
  part_ = EpochPart::Process;
  auto& state = parts_.state;
  outcome.record = state.record;
  ++outcome.record.epoch;
  auto begin = parts_.clock.monotonic();
  TRY(writer.begin());
  TRY(step("state"));
  if (spec_.window) {
    TRY(merge_windows(batch, writer, clocking, outcome));
  } else {
    TRY(deduplicate(batch, outcome));
    advance(batch, clocking, outcome);
    outcome.state_time = passed(parts_.clock, begin);
    begin = parts_.clock.monotonic();
    TRY(emit_rows(batch, writer, outcome));
  }
  part_ = EpochPart::Sink;
  TRY(parts_.sink.flush());
  outcome.sink_time = passed(parts_.clock, begin);
  part_ = EpochPart::Process;
  begin = parts_.clock.monotonic();
  TRY(step("sink_written"));
  TRY(count_rejected(batch, outcome));
  TRY(parts_.letters.write(batch, outcome.record, writer));
  TRY(step("dead_letters"));

  auto& record = outcome.record;
  record.input_rows += batch.rows;
  record.output_rows += outcome.output_rows;
  record.rejected_rows += outcome.rejected_rows;
  record.duplicate_rows += outcome.duplicate_rows;
  record.late_rows += outcome.late_rows;
  for (const auto& [rule, rows] : outcome.rejected) record.rejected_by_rule[rule] += rows;
  ChangelogBatch changes(record.epoch);
  state.write_changes(changes, record);
  TRY(writer.write({parts_.places.changelog_topic, 0}, changes.records()));
  std::vector<broker::CommittedOffset> offsets;
  for (const auto& position : record.positions) {
    offsets.push_back({{record.topic, position.partition}, position.next_offset, ""});
  }
  TRY(writer.commit_offsets(parts_.places.group, offsets));
  outcome.log_time = passed(parts_.clock, begin);
  begin = parts_.clock.monotonic();
  TRY(step("before_commit"));
  part_ = EpochPart::Commit;
  TRY(writer.commit());
  TRY(step("after_commit"));
  part_ = EpochPart::Process;
  state.commit(record);
  parts_.letters.committed();
  outcome.commit_time = passed(parts_.clock, begin);
  std::ranges::sort(outcome.latency_us);
  return outcome;
}

// Keeps the first row of each key. Rows are seen slice by slice, so in the order of the log.
Result<> EpochProcessor::deduplicate(Batch& batch, EpochOutcome& outcome) {
  auto& seen = parts_.state.seen;
  if (!seen) return {};
  const std::int64_t within = spec_.dedup->within.count();
  for (auto& slice : batch.slices) {
    const auto& keys = slice->dedup_keys;
    for (auto& output : slice->outputs) {
      std::vector<std::uint32_t> stay;
      std::vector<std::uint32_t> places;
      std::vector<std::uint32_t> kept_keys;
      const std::size_t rows = output.rows.rows();
      stay.reserve(rows);
      places.reserve(rows);
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t index = output.first_key + i;
        if (index + kPrefetchAhead < keys.hashes.size()) {
          seen->prefetch(keys.hashes[index + kPrefetchAhead]);
        }
        const std::int64_t time = slice->event_us[output.places[i]];
        const auto before = seen->find(keys.hashes[index], keys.key(index));
        // By the rows' own times, not the watermark: a replay decides the same.
        if (before && (within == 0 || time < *before + within)) {
          ++outcome.duplicate_rows;
          continue;
        }
        seen->put(keys.hashes[index], keys.key(index), time);
        ++outcome.keys_added;
        stay.push_back(static_cast<std::uint32_t>(output.rows.at(i)));
        places.push_back(output.places[i]);
        kept_keys.push_back(static_cast<std::uint32_t>(index));
      }
      if (stay.size() == rows) continue;
      output = {output.rows.select(std::move(stay)), std::move(places), output.first_key,
                std::move(kept_keys)};
    }
  }
  return {};
}

void EpochProcessor::advance(const Batch& batch, const Clocking& clocking, EpochOutcome& outcome) {
  auto& record = outcome.record;
  for (std::size_t i = 0; i < batch.next.size(); ++i) {
    record.positions[i].next_offset = batch.next[i];
  }
  for (const auto& slice : batch.slices) {
    for (const auto& run : slice->runs) {
      auto& newest = record.positions[run.partition].max_event_us;
      newest = std::max(newest, run.event_max_us);
      outcome.event_min_us = std::min(outcome.event_min_us, run.event_min_us);
      outcome.event_max_us = std::max(outcome.event_max_us, run.event_max_us);
    }
    outcome.event_sum_us += slice->event_sum_us;
    outcome.event_rows += slice->accepted.size();
  }
  const std::int64_t delay = spec_.source.watermark ? spec_.source.watermark->delay.count() : 0;
  std::int64_t least = INT64_MAX;
  for (std::size_t i = 0; i < record.positions.size(); ++i) {
    if (i < clocking.idle.size() && clocking.idle[i]) continue;
    const std::int64_t newest = record.positions[i].max_event_us;
    least = std::min(least, newest == INT64_MIN ? INT64_MIN : newest - delay);
  }
  if (least != INT64_MAX) record.watermark_us = std::max(record.watermark_us, least);
  if (clocking.idle_close) record.watermark_us = std::max(record.watermark_us, idle_end_us());
}

// With nothing coming, the wall clock stands in for event time; but only as far as there are
// windows to close, so that what comes after the silence is not late without need.
std::int64_t EpochProcessor::idle_end_us() const {
  if (!parts_.state.windows || !spec_.window->close_after_idle) return INT64_MIN;
  const std::int64_t delay = spec_.source.watermark ? spec_.source.watermark->delay.count() : 0;
  const std::int64_t after = spec_.window->close_after.count();
  const auto end = parts_.state.windows->newest_end_us(parts_.clock.wall_us() - delay - after);
  return end == INT64_MIN ? end : end + after;
}

bool EpochProcessor::has_idle_work() const {
  return idle_end_us() > parts_.state.record.watermark_us;
}

std::size_t EpochProcessor::forget() {
  auto& memory = parts_.state;
  const std::int64_t watermark = memory.record.watermark_us;
  const std::int64_t within = spec_.dedup ? spec_.dedup->within.count() : 0;
  const std::int64_t kept = memory.seen && within > 0 ? within : kWriteTimesKept;
  if (watermark == INT64_MIN) return 0;
  // Each sweep copies what stays, so it waits until an eighth may go.
  if (forgotten_us_ != INT64_MIN && watermark - forgotten_us_ < kept / 8) return 0;
  forgotten_us_ = watermark;
  std::size_t gone = 0;
  if (memory.seen && within > 0) gone += memory.seen->forget_below(watermark - within);
  if (memory.written) gone += memory.written->forget_below(watermark - kWriteTimesKept);
  return gone;
}

Result<> EpochProcessor::emit_rows(Batch& batch, broker::TransactionalWriter& writer,
                                   EpochOutcome& outcome) {
  auto& written = parts_.state.written;
  // A later run's writes win over those of one that crashed within the same millisecond.
  const auto run = static_cast<std::int64_t>(outcome.record.run % 1000);
  std::uint64_t rows = 0;
  for (const auto& slice : batch.slices) {
    for (const auto& output : slice->outputs) rows += output.rows.rows();
  }
  const std::size_t sample_each = std::max<std::size_t>(rows / kLatencySamples, 1);
  const std::int64_t now = parts_.clock.wall_us();
  for (auto& slice : batch.slices) {
    for (const auto& output : slice->outputs) {
      if (output.rows.rows() == 0) continue;
      origins_.resize(output.rows.rows());
      for (std::size_t i = 0; i < origins_.size(); ++i) {
        const std::uint32_t place = output.places[i];
        RowOrigin& origin = origins_[i];
        origin.event_time_us = slice->event_us[place];
        origin.record_time_us = slice->record_us[place];
        origin.write_time_us = origin.record_time_us + run;
        if (written) {
          const auto& keys = slice->sink_keys;
          const std::size_t key = output.key_of(i);
          const auto last = written->find(keys.hashes[key], keys.key(key));
          if (last) origin.write_time_us = std::max(origin.write_time_us, *last + 1);
          written->put(keys.hashes[key], keys.key(key), origin.write_time_us);
        }
        if (i % sample_each == 0) outcome.latency_us.push_back(now - origin.record_time_us);
      }
      part_ = EpochPart::Sink;
      TRY(parts_.sink.write(output.rows, origins_, writer));
      part_ = EpochPart::Process;
      outcome.output_rows += output.rows.rows();
    }
  }
  return {};
}

Result<> EpochProcessor::merge_windows(Batch& batch, broker::TransactionalWriter& writer,
                                       const Clocking& clocking, EpochOutcome& outcome) {
  const auto& window = *spec_.window;
  auto& windows = *parts_.state.windows;
  const auto begin = parts_.clock.monotonic();
  const std::int64_t after = window.close_after.count();
  const auto closed_until = [&](std::int64_t watermark) {
    return watermark == INT64_MIN ? watermark : watermark - after;
  };
  const std::int64_t closed_us = closed_until(parts_.state.record.watermark_us);
  std::vector<Result<>> outcomes(batch.slices.size());
  parts_.pool.run(batch.slices.size(), [&](std::size_t item, std::size_t worker) {
    outcomes[item] = parts_.workers[worker]->aggregate(*batch.slices[item], closed_us);
  });
  for (auto& result : outcomes) TRY(std::move(result));
  std::int64_t newest_record_us = 0;
  for (const auto& slice : batch.slices) {
    for (const auto time : slice->record_us) newest_record_us = std::max(newest_record_us, time);
  }
  const auto write_us = newest_record_us + static_cast<std::int64_t>(outcome.record.run % 1000);
  for (const auto& slice : batch.slices) {
    for (const auto& partial : slice->partial) TRY(windows.merge(partial, write_us));
  }
  advance(batch, clocking, outcome);
  const auto closed = windows.close_until(closed_until(outcome.record.watermark_us));
  outcome.keys_added = windows.rows_updated();
  outcome.keys_removed = closed.size();
  outcome.state_time = passed(parts_.clock, begin);
  TRY(emit_groups(closed, writer, outcome));
  if (window.emit == Emit::OnUpdate) TRY(emit_groups(windows.changed(), writer, outcome));
  return {};
}

Result<> EpochProcessor::emit_groups(
    std::span<const std::pair<std::int64_t, const WindowGroup*>> groups,
    broker::TransactionalWriter& writer, EpochOutcome& outcome) {
  const std::int64_t now = parts_.clock.wall_us();
  while (!groups.empty()) {
    const auto part = groups.first(std::min(groups.size(), kGroupsPerChunk));
    groups = groups.subspan(part.size());
    const Chunk rows = TRY(parts_.state.windows->rows(part));
    Result<std::vector<OutputRows>> outputs;
    parts_.pool.run(1, [&](std::size_t, std::size_t worker) {
      outputs = parts_.workers[worker]->finish(rows);
    });
    TRY(Result<>(outputs.ok() ? Result<>() : Result<>(outputs.error())));
    for (const auto& output : *outputs) {
      origins_.resize(output.rows.rows());
      for (std::size_t i = 0; i < origins_.size(); ++i) {
        const auto& [start, group] = part[output.places[i]];
        origins_[i].event_time_us = start + spec_.window->size.count();
        origins_[i].record_time_us = group->last_write_us;
        origins_[i].write_time_us = group->last_write_us;
        if (outcome.latency_us.size() < kLatencySamples) {
          outcome.latency_us.push_back(now - group->last_write_us);
        }
      }
      part_ = EpochPart::Sink;
      TRY(parts_.sink.write(output.rows, origins_, writer));
      part_ = EpochPart::Process;
      outcome.output_rows += output.rows.rows();
    }
  }
  return {};
}

Result<> EpochProcessor::count_rejected(const Batch& batch, EpochOutcome& outcome) const {
  const auto& source = spec_.source;
  for (const auto& slice : batch.slices) {
    outcome.late_rows += slice->late.size();
    for (const auto& rejection : slice->rejected) {
      ++outcome.rejected_rows;
      for (const auto& rule : rejection.rules) ++outcome.rejected[rule];
      if (source.on_error != OnError::Fail) continue;
      const auto& record = slice->record(rejection.row);
      return error(ErrorCode::InvalidArgument,
                   fmt::format("record at offset {} of '{}' partition {} violates {}: {}",
                               record.offset, source.topic,
                               slice->run_of(rejection.row).chunk->source.partition,
                               join_rules(rejection.rules), rejection.reason))
          .with_hint("create the source with ON ERROR DEAD LETTER to go on without it");
    }
  }
  return {};
}

}  // namespace tidemill::stream
