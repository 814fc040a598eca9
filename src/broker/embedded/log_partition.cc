// SPDX-License-Identifier: Apache-2.0
// Opening, appending, syncing. Reading: log_partition_read.cc. Maintenance: log_partition_care.cc.
#include "broker/embedded/log_partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker/embedded/kafka_fault.h"
#include "runtime/log.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;
using store::log::BatchFrame;
using store::log::SegmentLog;
using store::log::SequenceVerdict;

namespace {

constexpr std::size_t kPlainBytesMax = std::size_t{256} << 20;

}  // namespace

void LogPartition::Calls::run() {
  for (auto& wake : wakes) wake();
  for (auto& [done, answer] : acks) done(std::move(answer));
  wakes.clear();
  acks.clear();
}

LogPartition::LogPartition(PartitionShared shared, std::string topic, Uuid topic_id,
                           std::int32_t index, std::string folder, const TopicSettings& settings)
    : shared_(shared),
      topic_(std::move(topic)),
      topic_id_(topic_id),
      index_(index),
      folder_(std::move(folder)),
      settings_(settings) {}

std::shared_ptr<LogPartition> LogPartition::open(PartitionShared shared, std::string topic,
                                                 Uuid topic_id, std::int32_t index,
                                                 std::string folder, const TopicSettings& settings,
                                                 const PartitionOpening& opening) {
  auto partition = std::make_shared<LogPartition>(shared, std::move(topic), topic_id, index,
                                                  std::move(folder), settings);
  const MutexLock lock(partition->mutex_);
  if (auto opened = partition->open_log(opening); !opened.ok()) {
    partition->damage_ = std::move(opened).error();
    log_error("broker", "partition {}-{} is refused: {}", partition->topic_, index,
              partition->damage_->message);
    shared.metrics.damaged_partitions.add(1);
  }
  return partition;
}

store::log::LogSettings LogPartition::log_settings() const {
  return {.segment_bytes = static_cast<std::uint64_t>(settings_.segment_bytes),
          // What must be compacted by then must be in a full segment before.
          .segment_ms = settings_.compacted
                            ? std::min(settings_.segment_ms, settings_.max_compaction_lag_ms)
                            : settings_.segment_ms,
          .index_interval_bytes = static_cast<std::uint32_t>(settings_.index_interval_bytes),
          .write_zeros_ahead = settings_.durability == Durability::Sync};
}

Result<> LogPartition::open_log(const PartitionOpening& opening) {
  durable_before_ = opening.durable_offset;
  log_ = TRY(SegmentLog::open(
      shared_.files, folder_, log_settings(),
      {.durable_offset = opening.durable_offset,
       .clean = opening.clean,
       .unsynced_was_visible = !opening.clean && settings_.durability != Durability::Sync,
       .sync_by = opening.sync_by,
       .now_ms = shared_.clock.wall_ms()}));
  high_watermark_ = log_->end_offset();
  if (!log_->to_seal().empty()) request_flush(AckWhen::Written);
  return {};
}

Result<> LogPartition::usable() const {
  if (deleted_) {
    return fault(ErrorCode::NotFound, KafkaError::UnknownTopicOrPartition,
                 fmt::format("topic '{}' is deleted", topic_));
  }
  if (damage_) {
    Error refused = fault(damage_->code, KafkaError::KafkaStorageError,
                          fmt::format("partition {}-{}: {}", topic_, index_, damage_->message));
    refused.hint = damage_->hint;
    return refused;
  }
  return {};
}

Result<> LogPartition::health() const {
  const MutexLock lock(mutex_);
  return usable();
}

// Everything that can be said of the batches without the log. Sets log append time where the topic
// wants it.
Result<std::vector<BatchFrame>> LogPartition::check_batches(std::span<std::uint8_t> batches,
                                                            Origin origin,
                                                            const TopicSettings& settings) const {
  const std::int64_t now = shared_.clock.wall_ms();
  const auto refused = [this](ErrorCode code, KafkaError kafka, std::string_view why) {
    return fault(code, kafka, fmt::format("partition {}-{}: {}", topic_, index_, why));
  };
  std::vector<BatchFrame> frames;
  while (!batches.empty()) {
    const auto frame = store::log::parse_frame(batches);
    if (!frame.ok() || frame->size > batches.size()) {
      return refused(ErrorCode::Corrupt, KafkaError::CorruptMessage,
                     frame.ok() ? fmt::format("batch of {} bytes is cut short to {}", frame->size,
                                              batches.size())
                                : frame.error().message);
    }
    const auto batch = batches.first(frame->size);
    if (auto valid = kafka::validate_produced(batch); !valid.ok()) {
      return refused(valid.error().code,
                     valid.error().code == ErrorCode::Corrupt ? KafkaError::CorruptMessage
                                                              : KafkaError::InvalidRecord,
                     valid.error().message);
    }
    if (origin == Origin::Client &&
        static_cast<std::int64_t>(frame->size) > settings.max_message_bytes) {
      return refused(ErrorCode::TooLarge, KafkaError::MessageTooLarge,
                     fmt::format("batch of {} bytes exceeds max.message.bytes {}", frame->size,
                                 settings.max_message_bytes));
    }
    if (settings.timestamp_type == TimestampType::LogAppendTime) {
      kafka::set_log_append_time(batch, now);
    } else if (origin == Origin::Client) {
      const bool ahead = frame->max_timestamp > now &&
                         frame->max_timestamp - now > settings.timestamp_after_max_ms;
      const bool behind = frame->base_timestamp >= 0 && frame->base_timestamp < now &&
                          now - frame->base_timestamp > settings.timestamp_before_max_ms;
      if (ahead || behind) {
        return refused(
            ErrorCode::InvalidArgument, KafkaError::InvalidTimestamp,
            fmt::format(
                "timestamp {} is too far {} the clock ({}); see message.timestamp.{}.max.ms",
                ahead ? frame->max_timestamp : frame->base_timestamp, ahead ? "ahead of" : "behind",
                now, ahead ? "after" : "before"));
      }
    }
    if (settings.compacted && origin == Origin::Client) {
      const kafka::BatchView view{*kafka::parse_batch_header(batch), batch};
      if (auto valid = kafka::validate_records(view, kPlainBytesMax, true); !valid.ok()) {
        return refused(valid.error().code,
                       valid.error().code == ErrorCode::Corrupt ? KafkaError::CorruptMessage
                                                                : KafkaError::InvalidRecord,
                       valid.error().message);
      }
    }
    frames.push_back(*store::log::parse_frame(batch));
    batches = batches.subspan(frame->size);
  }
  const bool idempotent =
      std::ranges::any_of(frames, [](const BatchFrame& frame) { return frame.producer_id >= 0; });
  if (frames.empty() || (idempotent && frames.size() > 1)) {
    return refused(
        ErrorCode::InvalidArgument, KafkaError::InvalidRecord,
        frames.empty() ? "no record batch" : "an idempotent producer sends one batch at a time");
  }
  return frames;
}

// What KIP-98 says of the batch: nothing if it may be appended, else the answer.
std::optional<Result<LogPartition::PendingAck>> LogPartition::check_sequence(
    const BatchFrame& frame) const {
  const auto check = log_->producers().check(frame);
  const auto refused = [&](KafkaError kafka, std::string_view why) {
    return Result<PendingAck>(
        fault(ErrorCode::Conflict, kafka,
              fmt::format("partition {}-{}: producer {} epoch {} sequence {}: {}", topic_, index_,
                          frame.producer_id, frame.producer_epoch, frame.base_sequence, why)));
  };
  switch (check.verdict) {
    case SequenceVerdict::Accept:
      return std::nullopt;
    case SequenceVerdict::Duplicate:
      shared_.metrics.duplicate_batches.add();
      return Result<PendingAck>(PendingAck{
          .end_offset = check.original.last_offset + 1,
          .answer = {.base_offset = check.original.base_offset,
                     .log_append_time_ms = settings_.timestamp_type == TimestampType::LogAppendTime
                                               ? check.original.timestamp_ms
                                               : -1,
                     .log_start_offset = log_->log_start(),
                     .duplicate = true},
          .done = {}});
    case SequenceVerdict::OldDuplicate:
      return refused(KafkaError::DuplicateSequenceNumber, "was appended before");
    case SequenceVerdict::OutOfOrder:
      return refused(KafkaError::OutOfOrderSequenceNumber,
                     fmt::format("{} was expected", check.expected_sequence));
    case SequenceVerdict::Fenced:
      return refused(KafkaError::InvalidProducerEpoch,
                     fmt::format("epoch {} has taken over", check.current_epoch));
  }
  return std::nullopt;
}

Result<LogPartition::PendingAck> LogPartition::append_locked(std::span<std::uint8_t> batches,
                                                             std::vector<BatchFrame>& frames,
                                                             Origin origin, Calls& calls) {
  TRY(usable());
  // A coordinator's batches carry no sequence of their own.
  if (frames.size() == 1 && origin == Origin::Client) {
    if (auto answered = check_sequence(frames.front())) return *std::move(answered);
  }
  std::int64_t offset = log_->end_offset();
  const std::int32_t epoch = log_->leader_epoch();
  PendingAck ack{
      .end_offset = 0,
      .answer = {.base_offset = offset,
                 .log_append_time_ms = settings_.timestamp_type == TimestampType::LogAppendTime
                                           ? frames.front().max_timestamp
                                           : -1,
                 .log_start_offset = log_->log_start()},
      .done = {}};
  std::size_t at = 0;
  std::uint64_t records = 0;
  for (BatchFrame& frame : frames) {
    const auto batch = batches.subspan(at, frame.size);
    kafka::set_base_offset(batch, offset);
    kafka::set_leader_epoch(batch, epoch);
    frame.base_offset = offset;
    frame.leader_epoch = epoch;
    offset = frame.next_offset();
    records += static_cast<std::uint64_t>(frame.record_count);
    at += frame.size;
  }
  const std::size_t segments = log_->segments();
  if (auto appended = log_->append(batches, frames, shared_.clock.wall_ms()); !appended.ok()) {
    Error failed = std::move(appended).error();
    failed.detail = static_cast<int>(KafkaError::KafkaStorageError);
    return failed;
  }
  shared_.metrics.appended_bytes.add(batches.size());
  shared_.metrics.appended_records.add(records);
  ack.end_offset = log_->end_offset();
  // A full segment is synced and sealed whatever the durability: retention and memory ask for it.
  if (log_->segments() != segments && segments > 0) ask_flusher();
  advance_high_watermark(calls);
  return ack;
}

// One request at a time, and none while a sync runs: its end asks for the next one.
void LogPartition::ask_flusher() {
  if (std::exchange(flush_requested_, true) || flushing_) return;
  shared_.flusher.request(shared_from_this());
}

void LogPartition::request_flush(AckWhen when) {
  if (when == AckWhen::Deferred) return;
  if (settings_.durability == Durability::Sync) {
    ask_flusher();
  } else if (settings_.durability == Durability::Interval && !flush_planned_) {
    flush_planned_ = true;
    shared_.flusher.request_within(shared_from_this(),
                                   std::chrono::milliseconds{settings_.flush_ms});
  }
}

void LogPartition::finish_append(Result<PendingAck> outcome, AckWhen when,
                                 Completion<Result<Appended>> done, Calls& calls) {
  if (!outcome.ok()) {
    shared_.metrics.rejected_batches.add();
    calls.acks.emplace_back(std::move(done), std::move(outcome).error());
    return;
  }
  PendingAck& ack = *outcome;
  const bool durable = log_->durable_offset() >= ack.end_offset;
  if (!durable) request_flush(when);
  if (durable || when != AckWhen::Durable || settings_.durability != Durability::Sync) {
    calls.acks.emplace_back(std::move(done), ack.answer);
    return;
  }
  ack.done = std::move(done);
  // A duplicate may wait for an older offset than the newest one pending.
  const auto place =
      std::ranges::upper_bound(pending_, ack.end_offset, {}, &PendingAck::end_offset);
  pending_.insert(place, std::move(ack));
}

void LogPartition::append(std::span<std::uint8_t> batches, AckWhen when, Origin origin,
                          Completion<Result<Appended>> done) {
  TopicSettings settings;
  {
    const MutexLock lock(mutex_);
    settings = settings_;
  }
  auto frames = check_batches(batches, origin, settings);
  if (!frames.ok()) {
    shared_.metrics.rejected_batches.add();
    done(std::move(frames).error());
    return;
  }
  Calls calls;
  {
    const MutexLock lock(mutex_);
    auto outcome = append_locked(batches, *frames, origin, calls);
    finish_append(std::move(outcome), when, std::move(done), calls);
  }
  calls.run();
}

void LogPartition::append_marker(ProducerIdentity producer, bool commit,
                                 std::int32_t coordinator_epoch, AckWhen when,
                                 Completion<Result<Appended>> done) {
  Bytes marker = kafka::build_end_marker(commit, producer.id, producer.epoch, coordinator_epoch,
                                         shared_.clock.wall_ms());
  std::vector<BatchFrame> frames{*store::log::parse_frame(marker)};
  Calls calls;
  {
    const MutexLock lock(mutex_);
    auto outcome = append_locked(marker, frames, Origin::Coordinator, calls);
    finish_append(std::move(outcome), when, std::move(done), calls);
  }
  calls.run();
}

void LogPartition::sync(Completion<Result<>> done) {
  Calls calls;
  {
    const MutexLock lock(mutex_);
    auto answer = [done = std::move(done)](Result<Appended> synced) mutable {
      done(synced.ok() ? Result<>{} : Result<>(std::move(synced).error()));
    };
    if (auto ok = usable(); !ok.ok()) {
      calls.acks.emplace_back(std::move(answer), std::move(ok).error());
    } else if (log_->durable_offset() >= log_->end_offset()) {
      calls.acks.emplace_back(std::move(answer), Appended{});
    } else {
      pending_.push_back(
          {.end_offset = log_->end_offset(), .answer = {}, .done = std::move(answer)});
      ask_flusher();
    }
  }
  calls.run();
}

void LogPartition::complete_durable(Calls& calls) {
  const std::int64_t durable = log_->durable_offset();
  while (!pending_.empty() && pending_.front().end_offset <= durable) {
    PendingAck& ack = pending_.front();
    calls.acks.emplace_back(std::move(ack.done), ack.answer);
    pending_.pop_front();
  }
}

void LogPartition::fail_until_repaired(Error why, Calls& calls) {
  why.detail = static_cast<int>(KafkaError::KafkaStorageError);
  damage_ = why;
  needs_repair_ = true;
  for (PendingAck& ack : pending_) calls.acks.emplace_back(std::move(ack.done), why);
  pending_.clear();
  collect_wakes(calls, true);
}

void LogPartition::flush() {
  store::log::SyncJob job;
  {
    const MutexLock lock(mutex_);
    flush_planned_ = false;
    if (flushing_) {  // a planned one met a requested one
      flush_requested_ = true;
      return;
    }
    flush_requested_ = false;
    if (deleted_ || log_ == nullptr || needs_repair_) return;
    flushing_ = true;
    job = log_->begin_sync();
  }
  const auto begin = shared_.clock.monotonic();
  auto synced = SegmentLog::run_sync(job);
  shared_.metrics.syncs.observe_us(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(shared_.clock.monotonic() - begin)
          .count()));
  Calls calls;
  std::vector<std::shared_ptr<store::log::Segment>> full;
  {
    const MutexLock lock(mutex_);
    if (!synced.ok()) {
      // What the kernel kept of the unsynced pages is unknown after a failed sync: nothing more is
      // taken until repair() has read the log again.
      shared_.metrics.failed_syncs.add();
      log_error("broker", "partition {}-{}: {}", topic_, index_, synced.error().message);
      fail_until_repaired(std::move(synced).error(), calls);
    } else if (log_ != nullptr && !deleted_) {
      log_->finish_sync(job);
      advance_high_watermark(calls);
      complete_durable(calls);
      full = log_->to_seal();
    }
  }
  calls.run();
  for (const auto& segment : full) {
    if (auto sealed = segment->write_seal(); !sealed.ok()) {
      log_warning("broker", "partition {}-{}: segment {} keeps its index in memory: {}", topic_,
                  index_, segment->base_offset, sealed.error().message);
      continue;
    }
    const MutexLock lock(mutex_);
    if (log_ != nullptr) log_->finish_seal(segment);
  }
  const MutexLock lock(mutex_);
  flushing_ = false;
  if (flush_requested_) shared_.flusher.request(shared_from_this());
}

}  // namespace tidemill::broker::embedded
