// SPDX-License-Identifier: Apache-2.0
// Test code: the broker port in memory, with transactions and a seam for faults.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/broker.h"

namespace tidemill::stream::testing {

class FakeBroker final : public broker::Broker {
 public:
  // Called before each commit; an error makes it fail with nothing committed.
  std::function<Result<>()> before_commit;
  std::function<void()> before_find_offset;  // a slow one

  struct Stored {
    std::optional<std::string> key, value;
    std::string headers;
    std::int64_t timestamp_ms = 0;
    std::uint64_t transaction = 0;  // 0: none
    bool marker = false;
  };
  // What read_committed sees, as (key, value, headers).
  std::vector<Stored> committed(const std::string& topic) const;
  std::map<std::int32_t, std::int64_t> group(const std::string& name) const;
  std::size_t commits() const;
  // Retention: what is below the offset is gone.
  void expire(const std::string& topic, std::int64_t offset) {
    const MutexLock lock(mutex_);
    log_start_[topic] = offset;
  }

  Result<broker::TopicInfo> create_topic(const broker::NewTopic& topic) override;
  Result<> delete_topic(const std::string& topic) override;
  Result<> create_partitions(const std::string& topic, std::int32_t total) override;
  Result<> alter_topic(const std::string&,
                       const std::map<std::string, std::optional<std::string>>&) override {
    return {};
  }
  Result<std::vector<broker::TopicInfo>> list_topics() override;
  Result<broker::TopicInfo> describe_topic(const std::string& topic) override;
  Result<broker::ProducedAt> produce(const TopicPartition& target,
                                     std::span<const NewRecord> records) override;
  Result<std::unique_ptr<broker::TransactionalWriter>> open_writer(const std::string& id) override;
  Result<std::vector<RecordChunk>> fetch(std::span<const broker::FetchPosition> positions,
                                         const broker::FetchLimits& limits) override;
  Result<std::int64_t> find_offset(const TopicPartition& source, broker::OffsetSpec spec,
                                   std::int64_t timestamp_ms, broker::Isolation isolation) override;
  Result<std::vector<broker::CommittedOffset>> committed_offsets(const std::string& group) override;
  Result<> commit_offsets(const std::string& group,
                          std::span<const broker::CommittedOffset> offsets) override;
  Result<std::vector<broker::GroupInfo>> list_groups() override {
    return std::vector<broker::GroupInfo>();
  }
  Result<broker::GroupInfo> describe_group(const std::string&) override {
    return error(ErrorCode::NotFound, "no groups");
  }

 private:
  friend class FakeWriter;
  using Partition = std::vector<Stored>;

  void append(const TopicPartition& target, const NewRecord& record, std::uint64_t transaction)
      TM_REQUIRES(mutex_);
  std::int64_t stable_end(const Partition& partition) const TM_REQUIRES(mutex_);
  Result<Partition*> find(const TopicPartition& source) TM_REQUIRES(mutex_);
  void end_transaction(std::uint64_t id, bool commit) TM_REQUIRES(mutex_);

  mutable Mutex mutex_;
  CondVar grown_;
  std::map<std::string, std::vector<Partition>> topics_ TM_GUARDED_BY(mutex_);
  std::set<std::uint64_t> open_ TM_GUARDED_BY(mutex_);
  std::set<std::uint64_t> aborted_ TM_GUARDED_BY(mutex_);
  std::map<std::uint64_t, std::set<TopicPartition>> touched_ TM_GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> writers_ TM_GUARDED_BY(mutex_);     // id -> epoch
  std::map<std::string, std::uint64_t> writer_txn_ TM_GUARDED_BY(mutex_);  // id -> open one
  std::map<std::string, std::map<std::int32_t, broker::CommittedOffset>> groups_
      TM_GUARDED_BY(mutex_);
  std::uint64_t next_transaction_ TM_GUARDED_BY(mutex_) = 1;
  std::size_t commits_ TM_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::int64_t> log_start_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::stream::testing
