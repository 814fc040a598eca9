// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/log_writer.h"

#include <fmt/format.h>

#include "broker/embedded/blocking.h"
#include "broker/embedded/kafka_fault.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;

namespace {

// What a record takes beyond key, value and headers, at most: five varints and the attributes.
constexpr std::size_t kRecordOverheadBytes = 1 + 5 + 10 + 5 + 5 + 5 + 1;

std::size_t bytes_of(const NewRecord& record) {
  return kRecordOverheadBytes + (record.key ? record.key->size() : 0) +
         (record.value ? record.value->size() : 0) + record.headers.size();
}

}  // namespace

Result<> build_batches(std::span<const NewRecord> records, std::int64_t batch_bytes_max,
                       const std::function<kafka::BatchBuilder()>& begin_batch,
                       const std::function<Result<>(Bytes, std::int32_t)>& append) {
  const auto room = static_cast<std::size_t>(std::max<std::int64_t>(
      0, batch_bytes_max - static_cast<std::int64_t>(kafka::kBatchHeaderBytes)));
  auto builder = begin_batch();
  const auto flush = [&]() -> Result<> {
    const std::int32_t count = builder.count();
    if (count == 0) return {};
    TRY(append(TRY(builder.finish()), count));
    builder = begin_batch();
    return {};
  };
  for (const NewRecord& record : records) {
    const std::size_t size = bytes_of(record);
    if (size > room) {
      return fault(
          ErrorCode::TooLarge, KafkaError::MessageTooLarge,
          fmt::format("record of {} bytes exceeds max.message.bytes {}", size, batch_bytes_max));
    }
    if (builder.plain_bytes() + size > room) TRY(flush());
    builder.add(record);
  }
  return flush();
}

LogWriter::~LogWriter() {
  if (!open_) return;
  if (auto aborted = abort(); !aborted.ok()) {
    log_warning("broker", "open transaction of '{}' is left to its timeout: {}", id_,
                aborted.error().message);
  }
}

Result<> LogWriter::check_open() const {
  if (open_) return {};
  return fault(ErrorCode::InvalidArgument, KafkaError::InvalidTxnState,
               fmt::format("writer '{}' has no open transaction", id_));
}

Result<> LogWriter::begin() {
  if (open_) {
    return fault(ErrorCode::InvalidArgument, KafkaError::InvalidTxnState,
                 fmt::format("writer '{}' has an open transaction", id_));
  }
  open_ = true;
  touched_ = false;
  for (auto& [which, target] : targets_) target.added = false;
  return {};
}

Result<> LogWriter::write(const TopicPartition& which, std::span<const NewRecord> records) {
  TRY(check_open());
  Target& target = targets_[which];
  if (target.partition == nullptr || !target.partition->health().ok()) {
    // Also after a topic was deleted and made again.
    target = {.partition = TRY(broker_.get_partition(which)), .next_sequence = 0, .added = false};
  }
  if (!target.added) {
    TRY(broker_.log_transactions().add_partition(id_, producer_, which));
    target.added = true;
    touched_ = true;
  }
  const std::int64_t now = broker_.clock().wall_ms();
  const auto begin_batch = [&] {
    return kafka::BatchBuilder(now, {.id = producer_.id,
                                     .epoch = producer_.epoch,
                                     .base_sequence = target.next_sequence,
                                     .transactional = true});
  };
  const auto append = [&](Bytes batch, std::int32_t count) -> Result<> {
    Result<> outcome;
    target.partition->append(batch, AckWhen::Deferred, Origin::Client,
                             [&outcome](Result<Appended> appended) {
                               if (!appended.ok()) outcome = std::move(appended).error();
                             });
    if (outcome.ok()) {
      target.next_sequence = store::log::next_sequence(target.next_sequence, count);
    }
    return outcome;
  };
  return build_batches(records, target.partition->max_message_bytes(), begin_batch, append);
}

Result<> LogWriter::commit_offsets(const std::string& group,
                                   std::span<const CommittedOffset> offsets) {
  TRY(check_open());
  std::vector<OffsetCommit> commits;
  commits.reserve(offsets.size());
  for (const CommittedOffset& offset : offsets) {
    commits.push_back(
        {.source = offset.source, .offset = offset.offset, .metadata = offset.metadata});
  }
  touched_ = true;
  return broker_.log_transactions().commit_offsets_deferred(id_, producer_, group,
                                                            std::move(commits));
}

Result<> LogWriter::end(bool commit) {
  TRY(check_open());
  if (touched_) {
    producer_ = TRY(
        await_completion<Result<ProducerIdentity>>([&](Completion<Result<ProducerIdentity>> done) {
          broker_.log_transactions().end_early({.transactional_id = id_,
                                                .producer = producer_,
                                                .commit = commit,
                                                .version = TransactionVersion::V1},
                                               std::move(done));
        }));
  }
  open_ = false;
  return {};
}

Result<> LogWriter::commit() {
  return end(true);
}

Result<> LogWriter::abort() {
  auto ended = end(false);
  // Fenced: whoever took over has aborted it.
  if (!ended.ok() && ended.error().code == ErrorCode::Conflict) open_ = false;
  return ended;
}

}  // namespace tidemill::broker::embedded
