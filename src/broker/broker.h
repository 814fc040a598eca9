// SPDX-License-Identifier: Apache-2.0
// PORT: topics and records. What the engine, the web server and the command line see of the log;
// embedded/ implements it on our own segments, librdkafka/ on Apache Kafka. The contract suite
// tests/contract/broker judges both.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "model/record.h"

namespace tidemill::broker {

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;                // -1: the broker's num.partitions
  std::map<std::string, std::string> configs;  // Kafka's topic configuration names
};

struct PartitionInfo {
  std::int32_t partition = 0;
  std::int32_t leader_epoch = 0;
  std::int64_t log_start_offset = 0;
  std::int64_t high_watermark = 0;
  std::int64_t last_stable_offset = 0;
  std::uint64_t bytes = 0;
};

struct ConfigValue {
  std::string name;
  std::string value;
  bool is_default = true;
};

struct TopicInfo {
  std::string name;
  Uuid id;
  bool internal = false;
  std::vector<PartitionInfo> partitions;
  std::vector<ConfigValue> configs;  // every topic configuration, sorted by name
  std::int64_t last_timestamp_ms = -1;
};

enum class Isolation { ReadUncommitted, ReadCommitted };

struct FetchPosition {
  TopicPartition source;
  std::int64_t offset = 0;
};

struct FetchLimits {
  std::size_t max_bytes = 4 * 1024 * 1024;  // per partition; at least one batch comes all the same
  std::chrono::milliseconds max_wait{0};    // when no position has anything to read
  Isolation isolation = Isolation::ReadCommitted;
};

enum class OffsetSpec { Earliest, Latest, Timestamp };

struct ProducedAt {
  std::int64_t base_offset = 0;
  std::int64_t timestamp_ms = 0;  // of the first record, as stored
};

struct CommittedOffset {
  TopicPartition source;
  std::int64_t offset = -1;  // -1: none
  std::string metadata;
};

struct GroupMember {
  std::string member_id;
  std::string instance_id;  // empty: not static
  std::string client_id;
  std::string host;
  std::vector<TopicPartition> assignment;
};

struct GroupInfo {
  std::string group;
  std::string state;  // Kafka's: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead
  std::string protocol_type;
  std::string protocol;
  std::vector<GroupMember> members;
};

// One writer whose records of several partitions become visible together or not at all (KIP-98).
// Opening one with an id that is in use fences the older one and aborts its open transaction.
//
// Thread:   one at a time.
// Lifetime: the broker outlives it. Destroying it aborts an open transaction.
// Errors:   Conflict when fenced by a newer writer with the same id: open a new one.
class TransactionalWriter {
 public:
  virtual ~TransactionalWriter() = default;
  virtual Result<> begin() = 0;
  // Appends to the open transaction; the views may go once it returns.
  virtual Result<> write(const TopicPartition& target, std::span<const NewRecord> records) = 0;
  // Offsets that become the group's committed ones with the transaction.
  virtual Result<> commit_offsets(const std::string& group,
                                  std::span<const CommittedOffset> offsets) = 0;
  // After: everything of the transaction survives a crash and is visible to read_committed.
  virtual Result<> commit() = 0;
  virtual Result<> abort() = 0;
};

// Calls block (never from an I/O thread) and are safe from any thread.
//
// Errors: NotFound for an unknown topic or partition, AlreadyExists, InvalidArgument for a bad name
//         or configuration, TooLarge for a record above max.message.bytes, Corrupt for a damaged
//         partition, Exhausted for a full disk, Unavailable once the broker stops.
class Broker {
 public:
  virtual ~Broker() = default;

  virtual Result<TopicInfo> create_topic(const NewTopic& topic) = 0;
  virtual Result<> delete_topic(const std::string& topic) = 0;
  virtual Result<> create_partitions(const std::string& topic, std::int32_t total) = 0;
  virtual Result<> alter_topic(
      const std::string& topic,
      const std::map<std::string, std::optional<std::string>>& configs) = 0;
  virtual Result<std::vector<TopicInfo>> list_topics() = 0;
  virtual Result<TopicInfo> describe_topic(const std::string& topic) = 0;

  // After: the records survive a crash (unless the topic's durability says otherwise).
  virtual Result<ProducedAt> produce(const TopicPartition& target,
                                     std::span<const NewRecord> records) = 0;
  virtual Result<std::unique_ptr<TransactionalWriter>> open_writer(
      const std::string& transactional_id) = 0;

  // One chunk per position that has something new (perhaps without records, where only aborted or
  // control records were passed over), in the order asked, starting with the record at the
  // offset; empty after max_wait. An offset out of range fails with InvalidArgument.
  virtual Result<std::vector<RecordChunk>> fetch(std::span<const FetchPosition> positions,
                                                 const FetchLimits& limits) = 0;
  // Latest honours the isolation; Timestamp gives the first record at or after it, else the end.
  virtual Result<std::int64_t> find_offset(const TopicPartition& source, OffsetSpec spec,
                                           std::int64_t timestamp_ms = -1,
                                           Isolation isolation = Isolation::ReadCommitted) = 0;

  virtual Result<std::vector<CommittedOffset>> committed_offsets(const std::string& group) = 0;
  virtual Result<> commit_offsets(const std::string& group,
                                  std::span<const CommittedOffset> offsets) = 0;
  virtual Result<std::vector<GroupInfo>> list_groups() = 0;
  virtual Result<GroupInfo> describe_group(const std::string& group) = 0;
};

}  // namespace tidemill::broker
