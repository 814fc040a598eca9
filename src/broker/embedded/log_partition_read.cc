// SPDX-License-Identifier: Apache-2.0
// What readers see: watermarks, batches, waiting, offsets by time.
#include <fmt/format.h>

#include <algorithm>

#include "broker/embedded/kafka_fault.h"
#include "broker/embedded/log_partition.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;
using store::log::BatchFrame;
using store::log::ReadChunk;
using store::log::ReadPlan;
using store::log::SegmentLog;

namespace {

constexpr std::size_t kPlainBytesMax = std::size_t{256} << 20;
// What the page cache most likely still has of a log's end.
constexpr std::uint64_t kRecentBytes = std::uint64_t{64} << 20;

// Where to read on when none of the batches has a record; else -1.
std::int64_t next_if_empty(BytesView batches) {
  std::int64_t next = -1;
  while (!batches.empty()) {
    const auto frame = store::log::parse_frame(batches);
    if (!frame.ok() || frame->size > batches.size() || frame->record_count > 0) return -1;
    next = frame->next_offset();
    batches = batches.subspan(frame->size);
  }
  return next;
}

}  // namespace

// Reads what `plan` (which takes the lock) decides on.
template <class Plan>
Result<ReadChunk> LogPartition::read_planned(const Plan& plan, std::size_t max_bytes) const {
  while (true) {
    const ReadPlan planned = TRY(plan());
    auto chunk = SegmentLog::read(planned, max_bytes);
    // Its files may have gone or changed hands in between.
    if (planned.segment != nullptr && planned.segment->retired.load()) continue;
    return chunk;
  }
}

std::int64_t LogPartition::last_stable_offset() const {
  const auto open = log_->producers().first_open_offset();
  return open ? std::min(*open, high_watermark_) : high_watermark_;
}

std::int64_t LogPartition::readable_end(Isolation isolation) const {
  return isolation == Isolation::ReadCommitted ? last_stable_offset() : high_watermark_;
}

void LogPartition::collect_wakes(Calls& calls, bool all) {
  if (waiters_.empty()) return;
  const std::int64_t high = log_ == nullptr ? 0 : readable_end(Isolation::ReadUncommitted);
  const std::int64_t stable = log_ == nullptr ? 0 : readable_end(Isolation::ReadCommitted);
  const std::int64_t start = log_ == nullptr ? 0 : log_->log_start();
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    Waiter& waiter = at->second;
    const std::int64_t end = waiter.isolation == Isolation::ReadCommitted ? stable : high;
    if (!all && end <= waiter.offset && start <= waiter.offset) {
      ++at;
      continue;
    }
    calls.wakes.push_back(std::move(waiter.wake));
    at = waiters_.erase(at);
  }
}

void LogPartition::advance_high_watermark(Calls& calls) {
  const std::int64_t visible =
      settings_.durability == Durability::Sync ? log_->durable_offset() : log_->end_offset();
  high_watermark_ = std::max(high_watermark_, visible);
  collect_wakes(calls, false);
}

WaitId LogPartition::wait_readable(std::int64_t offset, Isolation isolation,
                                   std::move_only_function<void()> wake) {
  Calls calls;
  WaitId id = 0;
  {
    const MutexLock lock(mutex_);
    id = ++last_wait_;
    waiters_.emplace(id, Waiter{offset, isolation, std::move(wake)});
    collect_wakes(calls, !usable().ok());
  }
  calls.run();
  return id;
}

bool LogPartition::cancel_wait(WaitId id) {
  Waiter cancelled;  // destroyed without the lock
  const MutexLock lock(mutex_);
  const auto found = waiters_.find(id);
  if (found == waiters_.end()) return false;
  cancelled = std::move(found->second);
  waiters_.erase(found);
  return true;
}

Result<ReadBatches> LogPartition::read(std::int64_t offset, std::size_t max_bytes,
                                       Isolation isolation) {
  ReadBatches found;
  std::int64_t end = 0;
  const auto plan = [&]() -> Result<ReadPlan> {
    const MutexLock lock(mutex_);
    TRY(usable());
    found.high_watermark = high_watermark_;
    found.last_stable_offset = last_stable_offset();
    found.log_start_offset = log_->log_start();
    if (offset < found.log_start_offset || offset > log_->end_offset()) {
      return fault(ErrorCode::InvalidArgument, KafkaError::OffsetOutOfRange,
                   fmt::format("partition {}-{} holds offsets {} to {}, not {}", topic_, index_,
                               found.log_start_offset, log_->end_offset(), offset));
    }
    end = readable_end(isolation);
    return log_->plan_read(offset, end);
  };
  ReadChunk chunk = TRY(read_planned(plan, max_bytes));
  // What compaction has emptied is passed over while something follows: some clients do not go on
  // behind batches without records.
  for (std::int64_t next = next_if_empty(chunk.batches); next >= 0 && next < end;
       next = next_if_empty(chunk.batches)) {
    offset = next;
    chunk = TRY(read_planned(plan, max_bytes));
  }
  found.memory = std::move(chunk.memory);
  found.batches = chunk.batches;
  shared_.metrics.read_bytes.add(found.batches.size());
  if (isolation == Isolation::ReadCommitted && !found.batches.empty()) {
    std::int64_t from = 0;
    std::int64_t to = 0;
    for (BytesView rest = found.batches; !rest.empty();) {
      const BatchFrame frame = TRY(store::log::parse_frame(rest));
      if (rest.data() == found.batches.data()) from = frame.base_offset;
      to = frame.next_offset();
      rest = rest.subspan(frame.size);
    }
    const MutexLock lock(mutex_);
    TRY(usable());
    for (const auto& range : log_->aborted_between(from, to)) {
      found.aborted.push_back({range.producer_id, range.first_offset});
    }
  }
  return found;
}

bool LogPartition::is_recent(std::int64_t offset) const {
  const MutexLock lock(mutex_);
  return log_ == nullptr || log_->bytes_from(offset) <= kRecentBytes;
}

std::uint64_t LogPartition::readable_bytes(std::int64_t offset, Isolation isolation) const {
  const MutexLock lock(mutex_);
  if (log_ == nullptr || offset >= readable_end(isolation)) return 0;
  return log_->bytes_from(offset);
}

PartitionOffsets LogPartition::offsets() const {
  const MutexLock lock(mutex_);
  if (log_ == nullptr) return {};
  return {.log_start_offset = log_->log_start(),
          .last_stable_offset = last_stable_offset(),
          .high_watermark = high_watermark_,
          .log_end_offset = log_->end_offset()};
}

std::uint64_t LogPartition::bytes_on_disk() const {
  const MutexLock lock(mutex_);
  return log_ == nullptr ? 0 : log_->bytes();
}

std::int64_t LogPartition::max_timestamp() const {
  const MutexLock lock(mutex_);
  return log_ == nullptr ? -1 : log_->max_timestamp();
}

// The first record at or after the time from the chunk on; offset -1 where records before the log
// start or of a control batch are all that reach it.
Result<FoundOffset> LogPartition::find_in(std::int64_t timestamp_ms, ReadChunk chunk,
                                          std::int64_t end_offset) const {
  while (!chunk.batches.empty()) {
    std::int64_t log_start = 0;
    std::int64_t after = 0;
    const auto plan_next = [&]() -> Result<ReadPlan> {
      const MutexLock lock(mutex_);
      TRY(usable());
      return log_->plan_read(after, end_offset);
    };
    {
      const MutexLock lock(mutex_);
      TRY(usable());
      log_start = log_->log_start();
    }
    const auto header = TRY(kafka::parse_batch_header(chunk.batches));
    after = header.last_offset() + 1;
    if (after > log_start && !header.control() && header.max_timestamp >= timestamp_ms) {
      Bytes unpacked;
      const BytesView plain =
          TRY(kafka::plain_records({header, chunk.batches}, kPlainBytesMax, unpacked));
      kafka::RecordReader reader(header, plain);
      RecordView record;
      while (TRY(reader.next(record))) {
        if (record.timestamp_ms < timestamp_ms || record.offset < log_start) continue;
        return FoundOffset{record.offset, record.timestamp_ms, header.leader_epoch};
      }
    }
    chunk = TRY(read_planned(plan_next, 0));
  }
  return FoundOffset{};
}

Result<FoundOffset> LogPartition::find_timestamp(std::int64_t timestamp_ms, Isolation isolation) {
  std::int64_t end = 0;
  const auto plan = [&]() -> Result<ReadPlan> {
    const MutexLock lock(mutex_);
    TRY(usable());
    end = readable_end(isolation);
    return log_->plan_read_time(timestamp_ms, end);
  };
  ReadChunk chunk = TRY(read_planned(plan, 0));
  return find_in(timestamp_ms, std::move(chunk), end);
}

Result<FoundOffset> LogPartition::find_max_timestamp() {
  std::int64_t newest = 0;
  std::int64_t end = 0;
  const auto plan = [&]() -> Result<ReadPlan> {
    const MutexLock lock(mutex_);
    TRY(usable());
    newest = log_->max_timestamp();
    end = log_->end_offset();
    return log_->plan_read_max_timestamp();
  };
  ReadChunk chunk = TRY(read_planned(plan, 0));
  return find_in(newest, std::move(chunk), end);
}

std::int32_t LogPartition::leader_epoch() const {
  const MutexLock lock(mutex_);
  return log_ == nullptr ? 0 : log_->leader_epoch();
}

std::vector<EpochStart> LogPartition::leader_epochs() const {
  const MutexLock lock(mutex_);
  std::vector<EpochStart> epochs;
  if (log_ == nullptr) return epochs;
  for (const auto& epoch : log_->epochs()) epochs.push_back({epoch.epoch, epoch.start_offset});
  return epochs;
}

EpochStart LogPartition::end_of_epoch(std::int32_t epoch) const {
  const MutexLock lock(mutex_);
  EpochStart found{.epoch = -1, .start_offset = -1};
  if (log_ == nullptr) return found;
  const auto& epochs = log_->epochs();
  if (epoch > epochs.back().epoch) return found;
  for (std::size_t i = 0; i < epochs.size() && epochs[i].epoch <= epoch; ++i) {
    const bool last = i + 1 == epochs.size();
    found = {epochs[i].epoch, last ? log_->end_offset() : epochs[i + 1].start_offset};
  }
  return found;
}

std::vector<ProducerSummary> LogPartition::producers() const {
  const MutexLock lock(mutex_);
  std::vector<ProducerSummary> summaries;
  if (log_ == nullptr) return summaries;
  for (const auto& [id, state] : log_->producers().all()) {
    summaries.push_back({.producer = {id, state.epoch},
                         .last_sequence = state.last_sequence(),
                         .last_timestamp_ms = state.last_timestamp_ms,
                         .coordinator_epoch = state.coordinator_epoch,
                         .transaction_start_offset = state.transaction_start});
  }
  std::ranges::sort(summaries, {}, &ProducerSummary::producer);
  return summaries;
}

}  // namespace tidemill::broker::embedded
