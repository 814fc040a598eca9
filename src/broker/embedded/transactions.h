// SPDX-License-Identifier: Apache-2.0
// The transaction coordinator (KIP-98, KIP-890): transactional ids, producer ids and epochs, which
// partitions a transaction touched, and its two-phase end. State is kept in __transaction_state in
// Kafka's encoding.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/embedded/offset_store.h"
#include "broker/embedded/partition.h"

namespace tidemill::broker::embedded {

// Kafka's numbers, as __transaction_state stores them.
enum class TransactionState : std::int8_t {
  Empty = 0,
  Ongoing = 1,
  PrepareCommit = 2,
  PrepareAbort = 3,
  CompleteCommit = 4,
  CompleteAbort = 5,
  Dead = 6,
  PrepareEpochFence = 7,
};
// "Ongoing", "PrepareCommit", ... as ListTransactions and DescribeTransactions write them.
std::string_view name_of(TransactionState state);

struct TransactionSummary {
  std::string transactional_id;
  ProducerIdentity producer;
  TransactionState state = TransactionState::Empty;
  std::int32_t timeout_ms = 0;
  std::int64_t start_ms = -1;  // of the open transaction
  std::vector<TopicPartition> partitions;
};

enum class TransactionVersion : std::int8_t {
  V1 = 1,
  V2 = 2,  // KIP-890: each end bumps the epoch, Produce adds partitions on its own
};

struct EndTransaction {
  std::string transactional_id;
  ProducerIdentity producer;
  bool commit = false;
  TransactionVersion version = TransactionVersion::V1;
};

// Thread:  any. Completions may come from any thread, with no lock held; all but verify() and the
//          listings touch the log, so nothing blocks the caller longer than a page-cache write.
// Durable: what a completion reports survives a crash. A transaction is committed once its
//          PrepareCommit record is on disk; after a crash the markers that are missing are written
//          before the broker opens.
// Errors (with Kafka's code in detail): Conflict for a fenced producer (PRODUCER_FENCED,
//          INVALID_PRODUCER_EPOCH), a wrong id mapping (INVALID_PRODUCER_ID_MAPPING) or a state in
//          the way (CONCURRENT_TRANSACTIONS, retryable; INVALID_TXN_STATE).
class Transactions {
 public:
  virtual ~Transactions() = default;

  // Without a transactional id: a fresh producer id with epoch 0 (never given out twice, also
  // across crashes). With one: the id's producer with its epoch bumped; an open transaction of the
  // older one is aborted first. `current` is what the client believes it is (InitProducerId v3+).
  virtual void init_producer_id(std::optional<std::string> transactional_id,
                                std::chrono::milliseconds timeout,
                                std::optional<ProducerIdentity> current,
                                Completion<Result<ProducerIdentity>> done) = 0;
  virtual void add_partitions(const std::string& transactional_id, ProducerIdentity producer,
                              std::vector<TopicPartition> partitions,
                              Completion<Result<>> done) = 0;
  // Adds the group's partition of __consumer_offsets.
  virtual void add_offsets(const std::string& transactional_id, ProducerIdentity producer,
                           const std::string& group, Completion<Result<>> done) = 0;
  // TxnOffsetCommit: adds the group like add_offsets where version 2 asks for it, then writes the
  // offsets as part of the transaction.
  virtual void commit_offsets(const std::string& transactional_id, ProducerIdentity producer,
                              const std::string& group, std::vector<OffsetCommit> offsets,
                              TransactionVersion version, Completion<Result<>> done) = 0;
  // Gives the producer to go on with: with V2 its epoch is bumped. A retried end succeeds.
  virtual void end(EndTransaction request, Completion<Result<ProducerIdentity>> done) = 0;

  // Whether a transactional Produce may go to the partition; to be asked before append(). With V2
  // adds the partition (and then completes only after the record is written).
  virtual void verify(const std::string& transactional_id, ProducerIdentity producer,
                      const TopicPartition& target, TransactionVersion version,
                      Completion<Result<>> done) = 0;

  virtual std::vector<TransactionSummary> list() const = 0;
  virtual std::optional<TransactionSummary> describe(const std::string& transactional_id) const = 0;
};

}  // namespace tidemill::broker::embedded
