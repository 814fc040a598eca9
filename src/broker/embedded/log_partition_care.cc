// SPDX-License-Identifier: Apache-2.0
// Retention, deletion of records, repair and closing.
#include <fmt/format.h>

#include <algorithm>

#include "broker/embedded/kafka_fault.h"
#include "broker/embedded/log_partition.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {

using store::log::SegmentLog;

void LogPartition::set_settings(const TopicSettings& settings) {
  const MutexLock lock(mutex_);
  settings_ = settings;
  if (log_ != nullptr) log_->set_settings(log_settings());
}

std::int64_t LogPartition::durable_offset() const {
  const MutexLock lock(mutex_);
  return log_ == nullptr ? durable_before_ : log_->durable_offset();
}

std::int64_t LogPartition::max_message_bytes() const {
  const MutexLock lock(mutex_);
  return settings_.max_message_bytes;
}

// The state file first, then the files: a crash in between leaves segments below the log start,
// which the next open removes.
Result<std::int64_t> LogPartition::move_log_start(std::int64_t before) {
  const MutexLock one_at_a_time(maintenance_);
  Bytes state;
  {
    const MutexLock lock(mutex_);
    TRY(usable());
    if (before <= log_->log_start()) return log_->log_start();
    state = log_->encode_state(before);
  }
  TRY(SegmentLog::write_state(shared_.files.disk(), folder_, state));
  std::vector<std::shared_ptr<store::log::Segment>> gone;
  Calls calls;
  std::int64_t start = 0;
  {
    const MutexLock lock(mutex_);
    TRY(usable());
    gone = log_->advance_log_start(before);
    start = log_->log_start();
    collect_wakes(calls, false);
  }
  calls.run();
  for (const auto& segment : gone) TRY(segment->remove_files());
  if (!gone.empty()) TRY(shared_.files.disk().sync_directory(folder_));
  return start;
}

Result<std::int64_t> LogPartition::delete_records(std::int64_t before) {
  {
    const MutexLock lock(mutex_);
    TRY(usable());
    if (before < 0) before = high_watermark_;
    if (before > high_watermark_) {
      return fault(ErrorCode::InvalidArgument, KafkaError::OffsetOutOfRange,
                   fmt::format("partition {}-{} ends at offset {}, cannot delete before {}", topic_,
                               index_, high_watermark_, before));
    }
  }
  return move_log_start(before);
}

void LogPartition::run_retention(std::int64_t producer_expiration_ms) {
  std::int64_t start = 0;
  {
    const MutexLock lock(mutex_);
    if (!usable().ok()) return;
    const std::int64_t now = shared_.clock.wall_ms();
    log_->producers().expire(now - producer_expiration_ms);
    // Only what is on disk can be deleted; without durability `sync` nobody else asks for it.
    if (log_->durable_offset() < log_->end_offset()) ask_flusher();
    if (!settings_.deletes) return;
    const std::int64_t limit = std::min(last_stable_offset(), log_->durable_offset());
    start = log_->retention_start(settings_.retention_ms, settings_.retention_bytes, limit, now);
    if (start <= log_->log_start()) return;
  }
  if (const auto moved = move_log_start(start); !moved.ok()) {
    log_warning("broker", "partition {}-{}: old records stay: {}", topic_, index_,
                moved.error().message);
  }
}

void LogPartition::repair() {
  {
    const MutexLock lock(mutex_);
    if (!needs_repair_ || deleted_) return;
  }
  const MutexLock no_compaction(compaction_);
  Calls calls;
  {
    const MutexLock lock(mutex_);
    if (!needs_repair_ || deleted_) return;
    const PartitionOpening opening{.durable_offset = log_->durable_offset(), .clean = false};
    auto old = std::move(log_);
    if (auto opened = open_log(opening); !opened.ok()) {
      log_ = std::move(old);
      damage_ = std::move(opened).error();
      return;
    }
    needs_repair_ = false;
    damage_.reset();
    log_info("broker", "partition {}-{} works again, it ends at offset {}", topic_, index_,
             log_->end_offset());
    collect_wakes(calls, false);
  }
  calls.run();
}

void LogPartition::mark_deleted() {
  // Whoever writes into the folder must be through before it goes.
  cancel_compaction_.store(true);
  const MutexLock no_compaction(compaction_);
  Calls calls;
  {
    const MutexLock lock(mutex_);
    deleted_ = true;
    const Error gone = usable().error();
    for (PendingAck& ack : pending_) calls.acks.emplace_back(std::move(ack.done), gone);
    pending_.clear();
    collect_wakes(calls, true);
    log_.reset();
  }
  calls.run();
}

bool LogPartition::was_recovered() const {
  const MutexLock lock(mutex_);
  return log_ != nullptr && log_->recovery().scanned_bytes > 0;
}

Result<> LogPartition::close(store::log::SyncBy sync_by) {
  Calls calls;
  Result<> closed;
  {
    const MutexLock lock(mutex_);
    if (log_ != nullptr && !deleted_ && !needs_repair_) {
      closed = log_->close(sync_by);
      if (closed.ok()) {
        advance_high_watermark(calls);
        complete_durable(calls);
      }
    }
    const Error stopping = fault(ErrorCode::Unavailable, KafkaError::NotLeaderOrFollower,
                                 fmt::format("partition {}-{} is closed", topic_, index_));
    if (!damage_) damage_ = stopping;
    for (PendingAck& ack : pending_) calls.acks.emplace_back(std::move(ack.done), stopping);
    pending_.clear();
    collect_wakes(calls, true);
  }
  calls.run();
  return closed;
}

}  // namespace tidemill::broker::embedded
