// SPDX-License-Identifier: Apache-2.0
// Transactions over the partitions of __transaction_state.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/log_offset_store.h"
#include "broker/embedded/log_partition.h"
#include "broker/embedded/producer_ids.h"
#include "broker/embedded/transaction_records.h"
#include "broker/embedded/transactions.h"

namespace tidemill::broker::embedded {

// What the coordinator asks of the broker; all outlive it.
struct TransactionsRoom {
  Clock& clock;
  ProducerIds& ids;
  LogOffsetStore& offsets;
  std::function<std::shared_ptr<LogPartition>(const TopicPartition&)> find_partition;
  std::function<std::vector<std::shared_ptr<LogPartition>>()> all_partitions;
  std::chrono::milliseconds timeout_max;
};

// How a transaction ends:
//   commit: sync the data; write PrepareCommit and sync it (from here on it is committed); write
//   the
//           markers and sync them; write CompleteCommit.
//   abort:  write PrepareAbort, the markers and CompleteAbort; nothing needs to be on disk, as an
//           open transaction the coordinator does not know is aborted at the next start.
// Records of one id are written under the lock, so the log has them in the order they happened.
class LogTransactions final : public Transactions {
 public:
  explicit LogTransactions(TransactionsRoom room) : room_(std::move(room)) {}

  // Replays the log, finishes what was prepared, aborts what nobody knows. Before anything else.
  Result<> open(std::vector<std::shared_ptr<LogPartition>> partitions);

  void init_producer_id(std::optional<std::string> transactional_id,
                        std::chrono::milliseconds timeout, std::optional<ProducerIdentity> current,
                        Completion<Result<ProducerIdentity>> done) override;
  void add_partitions(const std::string& transactional_id, ProducerIdentity producer,
                      std::vector<TopicPartition> partitions, Completion<Result<>> done) override;
  void add_offsets(const std::string& transactional_id, ProducerIdentity producer,
                   const std::string& group, Completion<Result<>> done) override;
  void commit_offsets(const std::string& transactional_id, ProducerIdentity producer,
                      const std::string& group, std::vector<OffsetCommit> offsets,
                      TransactionVersion version, Completion<Result<>> done) override;
  void end(EndTransaction request, Completion<Result<ProducerIdentity>> done) override;
  void verify(const std::string& transactional_id, ProducerIdentity producer,
              const TopicPartition& target, TransactionVersion version,
              Completion<Result<>> done) override;
  std::vector<TransactionSummary> list() const override;
  std::optional<TransactionSummary> describe(const std::string& transactional_id) const override;

  // For our own writers: as commit_offsets, synced with the transaction.
  Result<> commit_offsets_deferred(const std::string& transactional_id, ProducerIdentity producer,
                                   const std::string& group, std::vector<OffsetCommit> offsets);
  // Waits for the end of the transaction before, where end_early() left it running.
  Result<> add_partition(const std::string& transactional_id, ProducerIdentity producer,
                         const TopicPartition& target);
  // As end(), but complete once the transaction is decided and visible. Version 1 alone.
  void end_early(EndTransaction request, Completion<Result<ProducerIdentity>> done);

  // Aborts transactions open for longer than they asked for, retries markers that could not be
  // written, forgets ids unused for a week.
  void run_housekeeping();
  // Writes everything anew and drops the log before it, where the log has outgrown the limit.
  Result<> compact(std::uint64_t bytes_max);
  // Waiting ends are answered with Unavailable; the next open finishes them.
  void stop();

 private:
  struct Entry {
    TransactionRecord record;
    bool ending = false;   // between Prepare and Complete, or about to be
    bool decided = false;  // the same, and its producer has been told
  };
  struct Ending {
    std::string id;
    bool commit = false;
    ProducerIdentity before;              // whose transaction it is
    ProducerIdentity marker_producer;     // who signs the markers
    ProducerIdentity answer;              // who goes on
    std::vector<TopicPartition> targets;  // without a marker yet
    std::vector<TopicPartition> marked;   // with one, perhaps not on disk yet
    bool again = false;                   // some of the targets may have one already
    bool early = false;                   // see end_early()
    Completion<Result<ProducerIdentity>> done;
  };
  using EndingPointer = std::shared_ptr<Ending>;

  LogPartition& partition_of(std::string_view transactional_id) const;
  Result<> replay(LogPartition& partition) TM_REQUIRES(mutex_);
  Result<> write(const std::string& id, const TransactionRecord& record) TM_REQUIRES(mutex_);
  Result<> write_tombstone(const std::string& id) TM_REQUIRES(mutex_);
  Result<Entry*> find_current(const std::string& id, ProducerIdentity producer) TM_REQUIRES(mutex_);
  Result<> add(const std::string& id, ProducerIdentity producer,
               std::vector<TopicPartition> partitions) TM_REQUIRES(mutex_);
  Result<> check_added(const std::string& id, ProducerIdentity producer,
                       const TopicPartition& target) TM_REQUIRES(mutex_);
  TopicPartition offsets_partition(const std::string& group) const;
  Result<ProducerIdentity> bumped(ProducerIdentity producer);

  // Begins the end of an ongoing transaction; the steps follow each other through completions.
  EndingPointer begin_end(const std::string& id, Entry& entry, bool commit, ProducerIdentity marker,
                          Completion<Result<ProducerIdentity>> done) TM_REQUIRES(mutex_);
  void sync_data(const EndingPointer& ending);
  void prepare(const EndingPointer& ending);
  void write_markers(const EndingPointer& ending);
  void sync_markers(const EndingPointer& ending);
  void retry_later(const EndingPointer& ending, std::vector<TopicPartition> targets,
                   const Error& why);
  bool needs_marker(const Ending& ending, const TopicPartition& target) const;
  void start_end(EndTransaction request, bool early, Completion<Result<ProducerIdentity>> done);
  void finish_end(const EndingPointer& ending);
  void fail_end(const EndingPointer& ending, Error failure);
  void init_existing(const std::string& id, std::int32_t timeout_ms,
                     Completion<Result<ProducerIdentity>> done);

  const TransactionsRoom room_;
  std::vector<std::shared_ptr<LogPartition>> partitions_;
  mutable Mutex mutex_;
  CondVar finished_;  // an ending entry no longer is
  bool stopped_ TM_GUARDED_BY(mutex_) = false;
  std::map<std::string, Entry, std::less<>> entries_ TM_GUARDED_BY(mutex_);
  std::vector<EndingPointer> stuck_ TM_GUARDED_BY(mutex_);  // markers could not be written
};

}  // namespace tidemill::broker::embedded
