// SPDX-License-Identifier: Apache-2.0
// EmbeddedBroker over one data folder:
//
//   lock              taken while a process has the folder open
//   clean-shutdown    there only while the folder is closed properly
//   topics.registry   which topics exist (topic_registry.h)
//   flushed-offsets   up to where each partition is known to be on disk
//   producer-ids      the reserved ones
//   logs/<topic>-<partition>/
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/embedded_broker.h"
#include "broker/embedded/flusher.h"
#include "broker/embedded/log_offset_store.h"
#include "broker/embedded/log_partition.h"
#include "broker/embedded/log_transactions.h"
#include "broker/embedded/metrics.h"
#include "broker/embedded/producer_ids.h"
#include "broker/embedded/topic_registry.h"
#include "runtime/threads.h"
#include "store/log/file_cache.h"

namespace tidemill::broker::embedded {

class LogBroker final : public EmbeddedBroker {
 public:
  LogBroker(EmbeddedOptions options, EmbeddedRuntime runtime);
  ~LogBroker() override;
  Result<> start();

  Result<> close() override;
  std::shared_ptr<const Topic> find_topic(std::string_view name) const override;
  std::shared_ptr<const Topic> find_topic(const Uuid& id) const override;
  std::shared_ptr<Partition> find_partition(std::string_view topic,
                                            std::int32_t index) const override;
  std::shared_ptr<Partition> find_partition(const Uuid& topic_id,
                                            std::int32_t index) const override;
  std::vector<std::shared_ptr<const Topic>> topics() const override;
  Result<> check_topic(const NewTopic& topic) const override;
  Result<> set_topic_configs(const std::string& topic, const TopicConfigs& overrides) override;
  OffsetStore& offset_store() override { return offsets_; }
  Transactions& transactions() override { return transactions_; }
  void set_group_directory(GroupDirectory* directory) override;
  const Uuid& cluster_id() const override { return cluster_id_; }
  const EmbeddedOptions& options() const override { return options_; }
  void run_housekeeping() override;

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

  // For writers.
  Result<std::shared_ptr<LogPartition>> get_partition(const TopicPartition& which) const;
  LogTransactions& log_transactions() { return transactions_; }
  Clock& clock() { return runtime_.clock; }

 private:
  struct LogTopic {
    std::shared_ptr<const Topic> view;
    std::vector<std::shared_ptr<LogPartition>> logs;
  };
  using Topics = std::map<std::string, std::shared_ptr<const LogTopic>, std::less<>>;

  std::string path(std::string_view name) const {
    return options_.folder + "/" + std::string(name);
  }
  std::string partition_folder(std::string_view topic, std::int32_t index) const;
  Result<> lock_folder();
  Result<> remove_strays(const StoredRegistry& registry);
  Result<> create_internal_topic(std::string_view name, std::int32_t partitions);
  Result<TopicSettings> settings_of(const TopicConfigs& overrides) const;
  std::shared_ptr<const LogTopic> find_log_topic(std::string_view name) const;
  Result<std::shared_ptr<const LogTopic>> get_topic(std::string_view name) const;
  // Topic changes, one at a time.
  Result<std::shared_ptr<const LogTopic>> add_topic(const StoredTopic& topic) TM_REQUIRES(changes_);
  Result<std::vector<std::shared_ptr<LogPartition>>> make_partitions(const StoredTopic& topic,
                                                                     std::int32_t from)
      TM_REQUIRES(changes_);
  Result<> store_registry(const Topics& topics) TM_REQUIRES(changes_);
  void publish(Topics topics);
  Topics copy_topics() const;
  std::shared_ptr<const LogTopic> make_topic(const StoredTopic& topic,
                                             std::vector<std::shared_ptr<LogPartition>> logs) const;
  Result<> change_configs(const std::string& topic, const TopicConfigs& overrides)
      TM_REQUIRES(changes_);
  std::vector<std::shared_ptr<LogPartition>> all_partitions() const;
  TopicInfo info_of(const LogTopic& topic) const;
  Result<> write_checkpoint();
  void take_care();
  void housekeep();
  void compact_partitions();
  void compact_in_turns();

  const EmbeddedOptions options_;
  const EmbeddedRuntime runtime_;
  std::unique_ptr<File> lock_file_;
  Uuid cluster_id_;
  bool started_ = false;  // else close() leaves the folder as it was found
  LogMetrics metrics_;
  store::log::FileCache files_;
  Flusher flusher_;
  ProducerIds ids_;
  LogOffsetStore offsets_;
  LogTransactions transactions_;

  Mutex changes_;  // before mutex_
  mutable Mutex mutex_;
  CondVar stopped_;
  Topics topics_ TM_GUARDED_BY(mutex_);
  std::map<Uuid, std::shared_ptr<const LogTopic>> by_id_ TM_GUARDED_BY(mutex_);
  bool closing_ TM_GUARDED_BY(mutex_) = false;
  GroupDirectory* directory_ TM_GUARDED_BY(mutex_) = nullptr;

  Mutex checkpoint_;  // one writer at a time
  std::vector<FlushedOffset> checkpointed_ TM_GUARDED_BY(checkpoint_);

  std::atomic<bool> stop_compaction_{false};

  Thread housekeeper_;  // last: they use everything above
  Thread compactor_;
};

}  // namespace tidemill::broker::embedded
