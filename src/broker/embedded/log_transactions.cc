// SPDX-License-Identifier: Apache-2.0
// Ids, epochs and what belongs to a transaction. How it ends: log_transactions_end.cc.
#include "broker/embedded/log_transactions.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/embedded/embedded_broker.h"
#include "broker/embedded/kafka_fault.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;

namespace {

constexpr std::size_t kReplayBytes = 1 << 20;
constexpr std::size_t kPlainBytesMax = std::size_t{64} << 20;
// An id's last epoch; then it gets another producer id.
constexpr std::int16_t kEpochMax = INT16_MAX - 1;

NewRecord record_of(const Bytes& key, const std::optional<Bytes>& value) {
  NewRecord record;
  record.key = BytesView{key};
  if (value) record.value = BytesView{*value};
  return record;
}

TransactionSummary summary_of(const std::string& id, const TransactionRecord& record) {
  return {.transactional_id = id,
          .producer = record.producer,
          .state = record.state,
          .timeout_ms = record.timeout_ms,
          .start_ms = record.state == TransactionState::Ongoing ? record.start_ms : -1,
          .partitions = {record.partitions.begin(), record.partitions.end()}};
}

}  // namespace

std::string_view name_of(TransactionState state) {
  switch (state) {
    case TransactionState::Empty:
      return "Empty";
    case TransactionState::Ongoing:
      return "Ongoing";
    case TransactionState::PrepareCommit:
      return "PrepareCommit";
    case TransactionState::PrepareAbort:
      return "PrepareAbort";
    case TransactionState::CompleteCommit:
      return "CompleteCommit";
    case TransactionState::CompleteAbort:
      return "CompleteAbort";
    case TransactionState::Dead:
      return "Dead";
    case TransactionState::PrepareEpochFence:
      return "PrepareEpochFence";
  }
  return "Unknown";
}

LogPartition& LogTransactions::partition_of(std::string_view transactional_id) const {
  const auto index =
      coordinator_partition(transactional_id, static_cast<std::int32_t>(partitions_.size()));
  return *partitions_[static_cast<std::size_t>(index)];
}

TopicPartition LogTransactions::offsets_partition(const std::string& group) const {
  return {std::string(kOffsetsTopic), room_.offsets.partition_index(group)};
}

Result<> LogTransactions::replay(LogPartition& partition) {
  std::int64_t offset = partition.offsets().log_start_offset;
  while (true) {
    const ReadBatches read = TRY(partition.read(offset, kReplayBytes, Isolation::ReadUncommitted));
    if (read.batches.empty()) return {};
    BytesView rest = read.batches;
    while (const auto batch = TRY(kafka::next_batch(rest))) {
      offset = batch->header.last_offset() + 1;
      if (batch->header.control()) continue;  // an end marker has no transactional id
      Bytes unpacked;
      const BytesView plain = TRY(kafka::plain_records(*batch, kPlainBytesMax, unpacked));
      kafka::RecordReader reader(batch->header, plain);
      RecordView record;
      while (TRY(reader.next(record))) {
        std::string id = TRY(decode_transaction_key(record.key));
        if (record.has_value()) {
          entries_[std::move(id)].record = TRY(decode_transaction_value(record.value));
        } else {
          entries_.erase(id);
        }
      }
    }
  }
}

Result<> LogTransactions::write(const std::string& id, const TransactionRecord& record) {
  kafka::BatchBuilder builder(room_.clock.wall_ms());
  const Bytes key = encode_transaction_key(id);
  builder.add(record_of(key, encode_transaction_value(record)));
  Bytes batch = TRY(builder.finish());
  Result<> outcome;
  partition_of(id).append(batch, AckWhen::Deferred, Origin::Coordinator,
                          [&outcome](Result<Appended> appended) {
                            if (!appended.ok()) outcome = std::move(appended).error();
                          });
  return outcome;
}

Result<> LogTransactions::write_tombstone(const std::string& id) {
  kafka::BatchBuilder builder(room_.clock.wall_ms());
  const Bytes key = encode_transaction_key(id);
  builder.add(record_of(key, std::nullopt));
  Bytes batch = TRY(builder.finish());
  Result<> outcome;
  partition_of(id).append(batch, AckWhen::Deferred, Origin::Coordinator,
                          [&outcome](Result<Appended> appended) {
                            if (!appended.ok()) outcome = std::move(appended).error();
                          });
  return outcome;
}

Result<LogTransactions::Entry*> LogTransactions::find_current(const std::string& id,
                                                              ProducerIdentity producer) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.record.producer.id != producer.id) {
    return fault(
        ErrorCode::Conflict, KafkaError::InvalidProducerIdMapping,
        fmt::format("transactional id '{}' does not belong to producer {}", id, producer.id));
  }
  Entry& entry = found->second;
  if (entry.record.producer.epoch != producer.epoch) {
    return fault(ErrorCode::Conflict, KafkaError::ProducerFenced,
                 fmt::format("transactional id '{}' is at epoch {}, not {}: another producer took "
                             "over or the transaction timed out",
                             id, entry.record.producer.epoch, producer.epoch));
  }
  if (entry.ending) {
    return fault(ErrorCode::Unavailable, KafkaError::ConcurrentTransactions,
                 fmt::format("transactional id '{}' is ending its transaction", id));
  }
  return &entry;
}

Result<> LogTransactions::add(const std::string& id, ProducerIdentity producer,
                              std::vector<TopicPartition> partitions) {
  Entry* entry = TRY(find_current(id, producer));
  const bool ongoing = entry->record.state == TransactionState::Ongoing;
  if (ongoing && std::ranges::all_of(partitions, [entry](const TopicPartition& partition) {
        return entry->record.partitions.contains(partition);
      })) {
    return {};
  }
  TransactionRecord next = entry->record;
  next.update_ms = room_.clock.wall_ms();
  if (!ongoing) {
    next.state = TransactionState::Ongoing;
    next.start_ms = next.update_ms;
    next.partitions.clear();
  }
  for (TopicPartition& partition : partitions) next.partitions.insert(std::move(partition));
  TRY(write(id, next));
  entry->record = std::move(next);
  return {};
}

Result<> LogTransactions::check_added(const std::string& id, ProducerIdentity producer,
                                      const TopicPartition& target) {
  const Entry* entry = TRY(find_current(id, producer));
  if (entry->record.state != TransactionState::Ongoing ||
      !entry->record.partitions.contains(target)) {
    return fault(ErrorCode::Conflict, KafkaError::InvalidTxnState,
                 fmt::format("partition {}-{} is not part of a transaction of '{}'", target.topic,
                             target.partition, id));
  }
  return {};
}

void LogTransactions::add_partitions(const std::string& transactional_id, ProducerIdentity producer,
                                     std::vector<TopicPartition> partitions,
                                     Completion<Result<>> done) {
  Result<> outcome;
  {
    const MutexLock lock(mutex_);
    outcome = add(transactional_id, producer, std::move(partitions));
  }
  done(std::move(outcome));
}

Result<> LogTransactions::add_partition(const std::string& transactional_id,
                                        ProducerIdentity producer, const TopicPartition& target) {
  const MutexLock lock(mutex_);
  // Its Ongoing record must not overtake the sync of the markers before: a crash in between would
  // find nobody to write them again.
  while (!stopped_) {
    const auto found = entries_.find(transactional_id);
    if (found == entries_.end() || !found->second.decided) break;
    finished_.wait(mutex_);
  }
  return add(transactional_id, producer, {target});
}

void LogTransactions::add_offsets(const std::string& transactional_id, ProducerIdentity producer,
                                  const std::string& group, Completion<Result<>> done) {
  add_partitions(transactional_id, producer, {offsets_partition(group)}, std::move(done));
}

void LogTransactions::verify(const std::string& transactional_id, ProducerIdentity producer,
                             const TopicPartition& target, TransactionVersion version,
                             Completion<Result<>> done) {
  Result<> outcome;
  {
    const MutexLock lock(mutex_);
    outcome = version == TransactionVersion::V2 ? add(transactional_id, producer, {target})
                                                : check_added(transactional_id, producer, target);
  }
  done(std::move(outcome));
}

void LogTransactions::commit_offsets(const std::string& transactional_id, ProducerIdentity producer,
                                     const std::string& group, std::vector<OffsetCommit> offsets,
                                     TransactionVersion version, Completion<Result<>> done) {
  Result<> outcome;
  {
    const MutexLock lock(mutex_);
    const TopicPartition target = offsets_partition(group);
    outcome = version == TransactionVersion::V2 ? add(transactional_id, producer, {target})
                                                : check_added(transactional_id, producer, target);
  }
  if (!outcome.ok()) {
    done(std::move(outcome));
    return;
  }
  room_.offsets.commit_in_transaction(group, producer, std::move(offsets), AckWhen::Durable,
                                      std::move(done));
}

Result<> LogTransactions::commit_offsets_deferred(const std::string& transactional_id,
                                                  ProducerIdentity producer,
                                                  const std::string& group,
                                                  std::vector<OffsetCommit> offsets) {
  TRY(add_partition(transactional_id, producer, offsets_partition(group)));
  Result<> outcome;
  room_.offsets.commit_in_transaction(group, producer, std::move(offsets), AckWhen::Deferred,
                                      [&outcome](Result<> done) { outcome = std::move(done); });
  return outcome;
}

Result<ProducerIdentity> LogTransactions::bumped(ProducerIdentity producer) {
  if (producer.epoch >= kEpochMax) return ProducerIdentity{TRY(room_.ids.next()), 0};
  return ProducerIdentity{producer.id, static_cast<std::int16_t>(producer.epoch + 1)};
}

void LogTransactions::init_producer_id(std::optional<std::string> transactional_id,
                                       std::chrono::milliseconds timeout,
                                       std::optional<ProducerIdentity> current,
                                       Completion<Result<ProducerIdentity>> done) {
  if (!transactional_id) {
    // An idempotent producer that lost track goes on with the next epoch (KIP-360).
    auto fresh = current && current->id >= 0 ? bumped(*current) : bumped({-1, kEpochMax});
    done(std::move(fresh));
    return;
  }
  const std::string& id = *transactional_id;
  if (id.empty() || id.size() > INT16_MAX) {
    done(fault(
        ErrorCode::InvalidArgument, KafkaError::InvalidRequest,
        fmt::format("transactional id has {} bytes, 1 to {} are allowed", id.size(), INT16_MAX)));
    return;
  }
  if (timeout.count() <= 0 || timeout > room_.timeout_max) {
    done(fault(ErrorCode::InvalidArgument, KafkaError::InvalidTransactionTimeout,
               fmt::format("transaction timeout is {} ms, allowed is 1 to {} ms "
                           "(transaction.max.timeout.ms)",
                           timeout.count(), room_.timeout_max.count())));
    return;
  }
  const auto timeout_ms = static_cast<std::int32_t>(timeout.count());
  EndingPointer abort;
  Result<> outcome;
  {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end()) {
      Entry& entry = found->second;
      const ProducerIdentity known = entry.record.producer;
      // After a response that got lost the client still has the epoch before.
      const bool is_current = !current || current->id < 0 ||
                              (current->id == known.id && (current->epoch == known.epoch ||
                                                           current->epoch == known.epoch - 1));
      if (!is_current) {
        outcome = fault(ErrorCode::Conflict, KafkaError::ProducerFenced,
                        fmt::format("transactional id '{}' belongs to producer {} epoch {} now", id,
                                    known.id, known.epoch));
      } else if (entry.ending) {
        outcome = fault(ErrorCode::Unavailable, KafkaError::ConcurrentTransactions,
                        fmt::format("transactional id '{}' is ending its transaction", id));
      } else if (entry.record.state == TransactionState::Ongoing) {
        auto fenced = bumped(known);
        if (!fenced.ok()) {
          outcome = std::move(fenced).error();
        } else {
          abort = begin_end(id, entry, false, *fenced, {});
        }
      }
    }
  }
  if (!outcome.ok()) {
    done(std::move(outcome).error());
    return;
  }
  if (abort != nullptr) {
    abort->done = [this, id, timeout_ms,
                   done = std::move(done)](Result<ProducerIdentity> ended) mutable {
      if (!ended.ok()) {
        done(std::move(ended).error());
        return;
      }
      init_existing(id, timeout_ms, std::move(done));
    };
    prepare(abort);
  } else {
    init_existing(id, timeout_ms, std::move(done));
  }
}

// Gives the id (new, or without an open transaction) its next epoch.
void LogTransactions::init_existing(const std::string& id, std::int32_t timeout_ms,
                                    Completion<Result<ProducerIdentity>> done) {
  Result<ProducerIdentity> outcome;
  {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    const bool known = found != entries_.end();
    if (known &&
        (found->second.ending || found->second.record.state == TransactionState::Ongoing)) {
      outcome = fault(ErrorCode::Unavailable, KafkaError::ConcurrentTransactions,
                      fmt::format("transactional id '{}' is in use", id));
    } else {
      outcome = bumped(known ? found->second.record.producer : ProducerIdentity{-1, kEpochMax});
      if (outcome.ok()) {
        TransactionRecord record{.producer = *outcome,
                                 .timeout_ms = timeout_ms,
                                 .state = TransactionState::Empty,
                                 .partitions = {},
                                 .update_ms = room_.clock.wall_ms()};
        if (auto written = write(id, record); !written.ok()) {
          outcome = std::move(written).error();
        } else {
          entries_[id].record = std::move(record);
        }
      }
    }
  }
  if (!outcome.ok()) {
    done(std::move(outcome));
    return;
  }
  partition_of(id).sync([outcome, done = std::move(done)](Result<> synced) mutable {
    done(synced.ok() ? std::move(outcome) : Result<ProducerIdentity>(std::move(synced).error()));
  });
}

std::vector<TransactionSummary> LogTransactions::list() const {
  const MutexLock lock(mutex_);
  std::vector<TransactionSummary> all;
  for (const auto& [id, entry] : entries_) all.push_back(summary_of(id, entry.record));
  return all;
}

std::optional<TransactionSummary> LogTransactions::describe(
    const std::string& transactional_id) const {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(transactional_id);
  if (found == entries_.end()) return std::nullopt;
  return summary_of(transactional_id, found->second.record);
}

}  // namespace tidemill::broker::embedded
