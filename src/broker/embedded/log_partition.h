// SPDX-License-Identifier: Apache-2.0
// Partition over a segment log: checks what comes in, decides what readers may see, wakes them, and
// answers acks=all after the group commit.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/compaction.h"
#include "broker/embedded/flusher.h"
#include "broker/embedded/metrics.h"
#include "broker/embedded/partition.h"
#include "broker/embedded/topic_settings.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "store/log/segment_log.h"

namespace tidemill::broker::embedded {

// What partitions share; outlives them.
struct PartitionShared {
  Clock& clock;
  store::log::FileCache& files;
  Flusher& flusher;
  LogMetrics& metrics;
};

// What the flush checkpoint says of a partition.
struct PartitionOpening {
  std::int64_t durable_offset = 0;
  bool clean = false;
  store::log::SyncBy sync_by = store::log::SyncBy::File;
};

// Thread:   any; the lock is held for checks and page-cache writes, never during a sync.
// Lifetime: close() last, once nobody appends any more.
class LogPartition final : public Partition,
                           public Flushable,
                           public std::enable_shared_from_this<LogPartition> {
 public:
  // A damaged log gives a partition whose health() says why.
  static std::shared_ptr<LogPartition> open(PartitionShared shared, std::string topic,
                                            Uuid topic_id, std::int32_t index, std::string folder,
                                            const TopicSettings& settings,
                                            const PartitionOpening& opening);
  LogPartition(PartitionShared shared, std::string topic, Uuid topic_id, std::int32_t index,
               std::string folder, const TopicSettings& settings);

  const std::string& topic() const override { return topic_; }
  const Uuid& topic_id() const override { return topic_id_; }
  std::int32_t index() const override { return index_; }

  void append(std::span<std::uint8_t> batches, AckWhen when, Origin origin,
              Completion<Result<Appended>> done) override;
  void sync(Completion<Result<>> done) override;
  void append_marker(ProducerIdentity producer, bool commit, std::int32_t coordinator_epoch,
                     AckWhen when, Completion<Result<Appended>> done) override;
  Result<ReadBatches> read(std::int64_t offset, std::size_t max_bytes,
                           Isolation isolation) override;
  bool is_recent(std::int64_t offset) const override;
  std::uint64_t readable_bytes(std::int64_t offset, Isolation isolation) const override;
  WaitId wait_readable(std::int64_t offset, Isolation isolation,
                       std::move_only_function<void()> wake) override;
  bool cancel_wait(WaitId id) override;
  PartitionOffsets offsets() const override;
  std::uint64_t bytes_on_disk() const override;
  Result<> health() const override;
  Result<FoundOffset> find_timestamp(std::int64_t timestamp_ms, Isolation isolation) override;
  Result<FoundOffset> find_max_timestamp() override;
  std::int32_t leader_epoch() const override;
  std::vector<EpochStart> leader_epochs() const override;
  EpochStart end_of_epoch(std::int32_t epoch) const override;
  Result<std::int64_t> delete_records(std::int64_t before) override;
  std::vector<ProducerSummary> producers() const override;

  void flush() override;

  void set_settings(const TopicSettings& settings);
  std::int64_t durable_offset() const;
  std::int64_t max_message_bytes() const;
  std::int64_t max_timestamp() const;
  // Deletes what retention allows, and forgets idle producers.
  void run_retention(std::int64_t producer_expiration_ms);
  // One pass of compaction where the topic's settings ask for one; nothing otherwise. Waits for
  // the disk for as long as that takes; `stop` is asked in between.
  void run_compaction(std::uint64_t key_bytes_max, Random& random, const std::atomic<bool>& stop);
  // After a failed sync: reads the log again, as after a crash.
  void repair();
  // Fails everything from now on and lets go of the files; the folder is the caller's.
  void mark_deleted();
  // Whether opening had to read records that no seal vouched for.
  bool was_recovered() const;
  Result<> close(store::log::SyncBy sync_by = store::log::SyncBy::File);

 private:
  struct PendingAck {
    std::int64_t end_offset = 0;
    Appended answer;
    Completion<Result<Appended>> done;
  };
  struct Waiter {
    std::int64_t offset = 0;
    Isolation isolation = Isolation::ReadUncommitted;
    std::move_only_function<void()> wake;
  };
  // What is to be called once the lock is released.
  struct Calls {
    std::vector<std::move_only_function<void()>> wakes;
    std::vector<std::pair<Completion<Result<Appended>>, Result<Appended>>> acks;
    void run();
  };

  Result<> open_log(const PartitionOpening& opening) TM_REQUIRES(mutex_);
  store::log::LogSettings log_settings() const TM_REQUIRES(mutex_);
  Result<> usable() const TM_REQUIRES(mutex_);
  Result<std::vector<store::log::BatchFrame>> check_batches(std::span<std::uint8_t> batches,
                                                            Origin origin,
                                                            const TopicSettings& settings) const;
  // Appends checked batches; gives what to answer, and from which offset on it is durable.
  Result<PendingAck> append_locked(std::span<std::uint8_t> batches,
                                   std::vector<store::log::BatchFrame>& frames, Origin origin,
                                   Calls& calls) TM_REQUIRES(mutex_);
  std::optional<Result<PendingAck>> check_sequence(const store::log::BatchFrame& frame) const
      TM_REQUIRES(mutex_);
  void finish_append(Result<PendingAck> outcome, AckWhen when, Completion<Result<Appended>> done,
                     Calls& calls) TM_REQUIRES(mutex_);
  void request_flush(AckWhen when) TM_REQUIRES(mutex_);
  void ask_flusher() TM_REQUIRES(mutex_);
  void advance_high_watermark(Calls& calls) TM_REQUIRES(mutex_);
  void complete_durable(Calls& calls) TM_REQUIRES(mutex_);
  void collect_wakes(Calls& calls, bool all) TM_REQUIRES(mutex_);
  std::int64_t last_stable_offset() const TM_REQUIRES(mutex_);
  std::int64_t readable_end(Isolation isolation) const TM_REQUIRES(mutex_);
  Result<std::int64_t> move_log_start(std::int64_t before);
  // Gives nothing where there is not enough to do.
  std::optional<CompactionTask> plan_compaction() const TM_REQUIRES(mutex_);
  Result<> still_here(const Compaction::Segments& sources) const TM_REQUIRES(mutex_);
  Result<> replace_segments(const Compaction::Segments& sources,
                            std::shared_ptr<store::log::Segment> made);
  Result<> finish_compaction(const CompactionOutcome& outcome);
  // Nothing more is taken until repair() has read the log again.
  void fail_until_repaired(Error why, Calls& calls) TM_REQUIRES(mutex_);
  template <class Plan>
  Result<store::log::ReadChunk> read_planned(const Plan& plan, std::size_t max_bytes) const;
  Result<FoundOffset> find_in(std::int64_t timestamp_ms, store::log::ReadChunk chunk,
                              std::int64_t end_offset) const;

  const PartitionShared shared_;
  const std::string topic_;
  const Uuid topic_id_;
  const std::int32_t index_;
  const std::string folder_;

  Mutex compaction_;  // one pass at a time; taken before maintenance_
  std::atomic<bool> cancel_compaction_{false};
  std::string compaction_failure_ TM_GUARDED_BY(compaction_);  // as logged last
  Mutex maintenance_;  // one change of the log start or of segments at a time; before mutex_
  mutable Mutex mutex_;
  TopicSettings settings_ TM_GUARDED_BY(mutex_);
  std::unique_ptr<store::log::SegmentLog> log_ TM_GUARDED_BY(mutex_);  // null: damaged
  std::optional<Error> damage_ TM_GUARDED_BY(mutex_);
  // As the checkpoint said; goes on saying it while the log is refused, lest a later start takes
  // the damage for a torn tail.
  std::int64_t durable_before_ TM_GUARDED_BY(mutex_) = 0;
  bool needs_repair_ TM_GUARDED_BY(mutex_) = false;
  bool deleted_ TM_GUARDED_BY(mutex_) = false;
  bool flush_requested_ TM_GUARDED_BY(mutex_) = false;
  bool flush_planned_ TM_GUARDED_BY(mutex_) = false;
  bool flushing_ TM_GUARDED_BY(mutex_) = false;
  std::int64_t high_watermark_ TM_GUARDED_BY(mutex_) = 0;
  std::deque<PendingAck> pending_ TM_GUARDED_BY(mutex_);  // by end offset
  WaitId last_wait_ TM_GUARDED_BY(mutex_) = 0;
  std::map<WaitId, Waiter> waiters_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::broker::embedded
