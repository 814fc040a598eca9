// SPDX-License-Identifier: Apache-2.0
// When a partition is compacted, and how the outcome comes into force (compaction.h: what stays).
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "broker/embedded/log_partition.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {

using store::log::CompactionState;
using store::log::Segment;

std::optional<CompactionTask> LogPartition::plan_compaction() const {
  if (!usable().ok() || !settings_.compacted) return std::nullopt;
  CompactionTask task;
  task.folder = folder_;
  task.now_ms = shared_.clock.wall_ms();
  task.clean_offset = std::max(log_->compaction().clean_offset, log_->log_start());
  task.segments = log_->sealed_segments(std::min(last_stable_offset(), log_->durable_offset()));
  std::uint64_t bytes = 0;
  std::uint64_t dirty_bytes = 0;
  bool overdue = false;
  for (auto at = task.segments.begin(); at != task.segments.end(); ++at) {
    const Segment& segment = **at;
    if (segment.end_offset > task.clean_offset) {
      const std::int64_t newest =
          segment.max_timestamp >= 0 ? segment.max_timestamp : segment.created_ms;
      if (settings_.min_compaction_lag_ms > 0 &&
          task.now_ms - newest < settings_.min_compaction_lag_ms) {
        task.segments.erase(at, task.segments.end());
        break;
      }
      dirty_bytes += segment.bytes;
      overdue = overdue || (segment.first_timestamp >= 0 && task.now_ms - segment.first_timestamp >
                                                                settings_.max_compaction_lag_ms);
    }
    bytes += segment.bytes;
  }
  const bool dirty =
      static_cast<double>(dirty_bytes) > settings_.min_cleanable_ratio * static_cast<double>(bytes);
  if (dirty_bytes == 0 || (!dirty && !overdue)) return std::nullopt;
  task.aborted = log_->aborted_between(task.segments.front()->base_offset, INT64_MAX);
  for (const auto& [producer, state] : log_->producers().all()) {
    task.newest_batches[producer] =
        state.count == 0 ? -1 : state.batches[state.count - 1].last_offset;
  }
  task.segment_bytes = static_cast<std::uint64_t>(settings_.segment_bytes);
  task.index_interval_bytes = static_cast<std::uint32_t>(settings_.index_interval_bytes);
  task.delete_retention_ms = settings_.delete_retention_ms;
  return task;
}

void LogPartition::run_compaction(std::uint64_t key_bytes_max, Random& random,
                                  const std::atomic<bool>& stop) {
  const MutexLock one_at_a_time(compaction_);
  std::optional<CompactionTask> task;
  {
    const MutexLock lock(mutex_);
    task = plan_compaction();
  }
  if (!task) return;
  KeyOffsets keys(key_bytes_max, random);
  Compaction compaction(
      std::move(*task), shared_.files, keys,
      [this, &stop] { return stop.load() || cancel_compaction_.load(); },
      [this](const Compaction::Segments& sources, std::shared_ptr<Segment> made) {
        return replace_segments(sources, std::move(made));
      });
  auto outcome = compaction.run();
  auto finished = outcome.ok() ? finish_compaction(*outcome) : Result<>(outcome.error());
  if (finished.ok()) {
    compaction_failure_.clear();
    shared_.metrics.compactions.add();
    shared_.metrics.compaction_read_bytes.add(outcome->read_bytes);
    shared_.metrics.compaction_kept_bytes.add(outcome->kept_bytes);
    log_info("broker", "partition {}-{}: compacted up to offset {}, {} of {} bytes stay", topic_,
             index_, outcome->clean_offset, outcome->kept_bytes, outcome->read_bytes);
    return;
  }
  if (stop.load() || cancel_compaction_.load()) return;
  shared_.metrics.failed_compactions.add();
  // Tried again at each turn, said once.
  if (finished.error().message == compaction_failure_) return;
  compaction_failure_ = finished.error().message;
  log_warning("broker", "partition {}-{} is not compacted: {}", topic_, index_,
              compaction_failure_);
}

Result<> LogPartition::still_here(const Compaction::Segments& sources) const {
  TRY(usable());
  if (log_->holds(sources)) return {};
  return error(ErrorCode::Conflict, "the segments were removed in the meantime");
}

// The steps are those of store/log/README.md.
Result<> LogPartition::replace_segments(const Compaction::Segments& sources,
                                        std::shared_ptr<Segment> made) {
  const MutexLock one_at_a_time(maintenance_);
  CompactionState state;
  Disk& disk = shared_.files.disk();
  Result<> here;
  {
    const MutexLock lock(mutex_);
    here = still_here(sources);
    state = log_->compaction();
  }
  if (!here.ok()) {
    std::ignore = disk.remove(made->path(store::log::kCompactingExtension));
    return here;
  }
  state.gaps_below = std::max(state.gaps_below, made->end_offset);
  state.replaced_from = made->base_offset;
  state.replaced_to = made->end_offset;
  // Where this fails the order may be on disk all the same.
  Result<> replaced = write_compaction_state(disk, folder_, state);
  if (replaced.ok()) {
    const MutexLock lock(mutex_);
    // Nobody else changes segments below the active one while maintenance_ is held, but the disk
    // may have failed.
    replaced = still_here(sources);
    if (replaced.ok()) replaced = log_->replace(sources, std::move(made));
  }
  for (std::size_t i = 1; i < sources.size() && replaced.ok(); ++i) {
    replaced = sources[i]->remove_files();
  }
  if (replaced.ok()) replaced = disk.sync_directory(folder_);
  state.replaced_from = state.replaced_to = -1;
  if (replaced.ok()) replaced = write_compaction_state(disk, folder_, state);
  Calls calls;
  {
    const MutexLock lock(mutex_);
    if (replaced.ok()) {
      log_->set_compaction(state);
      ask_flusher();  // which writes the new segment's indexes
    } else if (usable().ok()) {
      // The disk may say that the replacement is under way: opening the log finishes it.
      fail_until_repaired(replaced.error(), calls);
    }
  }
  calls.run();
  return replaced;
}

Result<> LogPartition::finish_compaction(const CompactionOutcome& outcome) {
  const MutexLock one_at_a_time(maintenance_);
  CompactionState state;
  {
    const MutexLock lock(mutex_);
    TRY(usable());
    state = log_->compaction();
  }
  state.clean_offset = std::max(state.clean_offset, outcome.clean_offset);
  TRY(write_compaction_state(shared_.files.disk(), folder_, state));
  const MutexLock lock(mutex_);
  TRY(usable());
  log_->set_compaction(state);
  return {};
}

}  // namespace tidemill::broker::embedded
