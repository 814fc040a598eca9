// SPDX-License-Identifier: Apache-2.0
// OffsetStore over the partitions of __consumer_offsets.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/log_partition.h"
#include "broker/embedded/offset_store.h"

namespace tidemill::broker::embedded {

// The partition of __consumer_offsets and __transaction_state that keeps a name: Java's
// String.hashCode() modulo the partitions, as Kafka does it.
std::int32_t coordinator_partition(std::string_view name, std::int32_t partitions);

class LogOffsetStore final : public OffsetStore {
 public:
  explicit LogOffsetStore(Clock& clock) : clock_(clock) {}

  // Replays the log. Before anything else.
  Result<> open(std::vector<std::shared_ptr<LogPartition>> partitions);

  void commit(const std::string& group, std::vector<OffsetCommit> offsets,
              Completion<Result<>> done) override;
  void commit_in_transaction(const std::string& group, ProducerIdentity producer,
                             std::vector<OffsetCommit> offsets, AckWhen when,
                             Completion<Result<>> done) override;
  std::optional<StoredOffset> find(const std::string& group,
                                   const TopicPartition& source) const override;
  std::vector<std::pair<TopicPartition, StoredOffset>> list(
      const std::string& group) const override;
  std::vector<std::string> groups() const override;
  void erase(const std::string& group, std::vector<TopicPartition> sources,
             Completion<Result<>> done) override;
  void erase_group(const std::string& group, Completion<Result<>> done) override;
  void write_group_records(const std::string& group, std::vector<GroupRecord> records,
                           Completion<Result<>> done) override;
  std::vector<GroupRecord> take_group_records() override;

  // The partition that keeps the group.
  std::int32_t partition_index(std::string_view group) const {
    return coordinator_partition(group, static_cast<std::int32_t>(partitions_.size()));
  }
  // Offsets of all groups for a deleted topic.
  void erase_topic(const std::string& topic);
  // After the end marker of the producer's transaction is in the log.
  void complete_transaction(std::int64_t producer_id, bool commit, std::int64_t marker_offset);
  // Writes everything anew and drops the log before it, where the log has outgrown the limit.
  Result<> compact(std::uint64_t bytes_max);

 private:
  struct Entry {
    StoredOffset stored;
    std::int64_t log_offset = -1;  // the newer record wins, whatever order completions come in
  };
  using GroupOffsets = std::map<TopicPartition, Entry>;
  struct PendingOffset {
    std::string group;
    OffsetCommit commit;
    std::int64_t timestamp_ms = 0;
  };
  struct Change {
    std::string group;
    TopicPartition source;
    std::optional<StoredOffset> value;  // none: erased
  };
  struct Write;

  LogPartition& partition_of(std::string_view group) const;
  Result<> replay(LogPartition& partition);
  Result<> replay_batch(BytesView batch);
  void append(const std::string& group, Bytes batch, AckWhen when,
              Completion<Result<Appended>> done);
  void apply(const Change& change, std::int64_t log_offset) TM_REQUIRES(mutex_);
  void add_pending(const std::string& group, std::int64_t producer_id, OffsetCommit commit,
                   std::int64_t timestamp_ms) TM_REQUIRES(mutex_);
  Result<Bytes> snapshot(std::size_t partition) const TM_REQUIRES(mutex_);

  Clock& clock_;
  std::vector<std::shared_ptr<LogPartition>> partitions_;
  mutable Mutex mutex_;
  std::map<std::string, GroupOffsets, std::less<>> groups_ TM_GUARDED_BY(mutex_);
  std::map<std::int64_t, std::vector<PendingOffset>> pending_ TM_GUARDED_BY(mutex_);
  std::map<Bytes, Bytes> group_records_ TM_GUARDED_BY(mutex_);
  std::size_t in_flight_ TM_GUARDED_BY(mutex_) = 0;  // in the log, not in the maps yet
};

}  // namespace tidemill::broker::embedded
