// SPDX-License-Identifier: Apache-2.0
// Committed offsets of consumer groups: a map in memory and records in __consumer_offsets in
// Kafka's encoding, shared by Broker::commit_offsets, TransactionalWriter::commit_offsets and the
// group APIs. Group state machines live in broker/groups and keep their metadata records here too.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/partition.h"

namespace tidemill::broker::embedded {

struct OffsetCommit {
  TopicPartition source;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
};

struct StoredOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
  std::int64_t commit_timestamp_ms = 0;
  bool pending = false;  // an open transaction holds a newer one (UNSTABLE_OFFSET_COMMIT)
};

// A record of __consumer_offsets that is not an offset (group metadata, KIP-848 records): key and
// value in Kafka's encoding, version prefix included.
struct GroupRecord {
  Bytes key;
  std::optional<Bytes> value;  // none: a tombstone
};

// Thread:  any; completions may come from any thread and with no lock held.
// Durable: a completed write survives a crash; what is visible to find() is on disk.
class OffsetStore {
 public:
  virtual ~OffsetStore() = default;

  virtual void commit(const std::string& group, std::vector<OffsetCommit> offsets,
                      Completion<Result<>> done) = 0;
  // Visible once complete_transaction() says commit.
  virtual void commit_in_transaction(const std::string& group, ProducerIdentity producer,
                                     std::vector<OffsetCommit> offsets, AckWhen when,
                                     Completion<Result<>> done) = 0;

  virtual std::optional<StoredOffset> find(const std::string& group,
                                           const TopicPartition& source) const = 0;
  // Every offset of the group, sorted by topic and partition.
  virtual std::vector<std::pair<TopicPartition, StoredOffset>> list(
      const std::string& group) const = 0;
  // Names of all groups that have offsets.
  virtual std::vector<std::string> groups() const = 0;

  // Writes tombstones (OffsetDelete, DeleteGroups, a topic's deletion, expiry).
  virtual void erase(const std::string& group, std::vector<TopicPartition> sources,
                     Completion<Result<>> done) = 0;
  // All offsets of the group.
  virtual void erase_group(const std::string& group, Completion<Result<>> done) = 0;

  // Writes group metadata records, in order, in one batch.
  virtual void write_group_records(const std::string& group, std::vector<GroupRecord> records,
                                   Completion<Result<>> done) = 0;
  // The newest record per key (tombstones left out): what the replay at start found and what was
  // written since. For broker/groups, before it serves.
  virtual std::vector<GroupRecord> take_group_records() = 0;
};

}  // namespace tidemill::broker::embedded
