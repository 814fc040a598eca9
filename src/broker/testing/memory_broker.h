// SPDX-License-Identifier: Apache-2.0
// The Broker port in memory, for tests of what stands on it. Nothing survives but what it holds:
// "a crash" is a new reader or writer on the same MemoryBroker.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/broker.h"

namespace tidemill::broker::testing {

// A record as a test looks at it.
struct Stored {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::int64_t timestamp_ms = 0;
  Bytes headers;
};

// A transaction's records appear when it commits; an aborted one leaves nothing, not even offsets.
//
// Thread: any.
class MemoryBroker final : public Broker {
 public:
  // Timestamps given to records that have none: this one, and one more for each record.
  explicit MemoryBroker(std::int64_t first_timestamp_ms = 1'767'225'600'000)
      : next_timestamp_ms_(first_timestamp_ms) {}

  // Verbs for tests.
  std::vector<Stored> records(const std::string& topic, std::int32_t partition = 0) const;
  // Each commit from now on fails with Unavailable; commit_fails(false) ends it.
  void commit_fails(bool fails);
  std::uint64_t commits() const;

  Result<TopicInfo> create_topic(const NewTopic& topic) override;
  Result<> delete_topic(const std::string& topic) override;
  Result<> create_partitions(const std::string& topic, std::int32_t total) override;
  Result<> alter_topic(const std::string& topic,
                       const std::map<std::string, std::optional<std::string>>& configs) override;
  Result<std::vector<TopicInfo>> list_topics() override;
  Result<TopicInfo> describe_topic(const std::string& topic) override;
  Result<ProducedAt> produce(const TopicPartition& target,
                             std::span<const NewRecord> records) override;
  Result<std::unique_ptr<TransactionalWriter>> open_writer(
      const std::string& transactional_id) override;
  Result<std::vector<RecordChunk>> fetch(std::span<const FetchPosition> positions,
                                         const FetchLimits& limits) override;
  Result<std::int64_t> find_offset(const TopicPartition& source, OffsetSpec spec,
                                   std::int64_t timestamp_ms, Isolation isolation) override;
  Result<std::vector<CommittedOffset>> committed_offsets(const std::string& group) override;
  Result<> commit_offsets(const std::string& group,
                          std::span<const CommittedOffset> offsets) override;
  Result<std::vector<GroupInfo>> list_groups() override;
  Result<GroupInfo> describe_group(const std::string& group) override;

 private:
  friend class MemoryWriter;
  struct Topic {
    Uuid id;
    std::map<std::string, std::string> configs;
    std::vector<std::vector<Stored>> partitions;
  };
  using Pending = std::vector<std::pair<TopicPartition, Stored>>;
  using Groups = std::map<std::string, std::map<TopicPartition, CommittedOffset>>;

  Result<std::vector<Stored>*> partition(const TopicPartition& target) TM_REQUIRES(mutex_);
  TopicInfo info(const std::string& name, const Topic& topic) const TM_REQUIRES(mutex_);
  Stored stored(const NewRecord& record) TM_REQUIRES(mutex_);

  mutable Mutex mutex_;
  CondVar grown_;
  std::map<std::string, Topic> topics_ TM_GUARDED_BY(mutex_);
  Groups groups_ TM_GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> writer_epochs_ TM_GUARDED_BY(mutex_);
  std::uint64_t topics_made_ TM_GUARDED_BY(mutex_) = 0;
  std::uint64_t commits_ TM_GUARDED_BY(mutex_) = 0;
  bool commit_fails_ TM_GUARDED_BY(mutex_) = false;
  std::int64_t next_timestamp_ms_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::broker::testing
