// SPDX-License-Identifier: Apache-2.0
// How transactions end: by their producer, by a successor, by timeout, and after a crash.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker/embedded/blocking.h"
#include "broker/embedded/embedded_broker.h"
#include "broker/embedded/kafka_fault.h"
#include "broker/embedded/log_transactions.h"
#include "runtime/log.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace {

// Kafka's number for whoever wrote a marker; there is one coordinator here.
constexpr std::int32_t kCoordinatorEpoch = 0;
constexpr std::int64_t kIdExpirationMs = 604'800'000;  // transactional.id.expiration.ms

// Completes when all parts have, with the first failure if any.
class Gather {
 public:
  Gather(std::size_t parts, Completion<Result<>> done) : left_(parts), done_(std::move(done)) {}

  void arrive(Result<> part) {
    {
      const MutexLock lock(mutex_);
      if (!part.ok() && outcome_.ok()) outcome_ = std::move(part);
      if (--left_ > 0) return;
    }
    done_(std::move(outcome_));
  }

 private:
  Mutex mutex_;
  std::size_t left_ TM_GUARDED_BY(mutex_);
  Result<> outcome_;
  Completion<Result<>> done_;
};

}  // namespace

LogTransactions::EndingPointer LogTransactions::begin_end(
    const std::string& id, Entry& entry, bool commit, ProducerIdentity marker,
    Completion<Result<ProducerIdentity>> done) {
  entry.ending = true;
  auto ending = std::make_shared<Ending>();
  ending->id = id;
  ending->commit = commit;
  ending->before = entry.record.producer;
  ending->marker_producer = marker;
  ending->answer = marker;
  ending->targets.assign(entry.record.partitions.begin(), entry.record.partitions.end());
  ending->done = std::move(done);
  return ending;
}

void LogTransactions::end(EndTransaction request, Completion<Result<ProducerIdentity>> done) {
  start_end(std::move(request), false, std::move(done));
}

void LogTransactions::end_early(EndTransaction request, Completion<Result<ProducerIdentity>> done) {
  start_end(std::move(request), true, std::move(done));
}

void LogTransactions::start_end(EndTransaction request, bool early,
                                Completion<Result<ProducerIdentity>> done) {
  const bool bump = request.version == TransactionVersion::V2;
  EndingPointer ending;
  Result<ProducerIdentity> answer;
  {
    const MutexLock lock(mutex_);
    const auto wanted =
        request.commit ? TransactionState::CompleteCommit : TransactionState::CompleteAbort;
    const auto known = entries_.find(request.transactional_id);
    // With version 2 a retry carries the epoch that the first try ended (KIP-890).
    const bool retry = bump && known != entries_.end() && !known->second.ending &&
                       known->second.record.state == wanted &&
                       known->second.record.producer.id == request.producer.id &&
                       known->second.record.producer.epoch == request.producer.epoch + 1;
    auto current = retry ? Result<Entry*>(&known->second)
                         : find_current(request.transactional_id, request.producer);
    if (!current.ok()) {
      answer = std::move(current).error();
    } else if (retry) {
      answer = (*current)->record.producer;
    } else if (Entry& entry = **current; entry.record.state == TransactionState::Ongoing) {
      auto marker = bump ? bumped(request.producer) : Result<ProducerIdentity>(request.producer);
      if (!marker.ok()) {
        answer = std::move(marker).error();
      } else {
        // A new producer id cannot end what the old one began: its last epoch does.
        const ProducerIdentity by = marker->id == request.producer.id
                                        ? *marker
                                        : ProducerIdentity{request.producer.id, INT16_MAX};
        ending = begin_end(request.transactional_id, entry, request.commit, by, std::move(done));
        ending->answer = *marker;
        ending->early = early && !bump;
      }
    } else if (!bump && entry.record.state == wanted) {
      answer = entry.record.producer;
    } else if (bump && !request.commit) {
      // Version 2 may abort before anything was written; the epoch moves all the same.
      answer = bumped(request.producer);
      if (answer.ok()) {
        TransactionRecord next = entry.record;
        next.producer = *answer;
        next.state = TransactionState::CompleteAbort;
        next.update_ms = room_.clock.wall_ms();
        if (auto written = write(request.transactional_id, next); written.ok()) {
          entry.record = std::move(next);
        } else {
          answer = std::move(written).error();
        }
      }
    } else {
      answer = fault(ErrorCode::Conflict, KafkaError::InvalidTxnState,
                     fmt::format("transactional id '{}' is {}, there is nothing to {}",
                                 request.transactional_id, name_of(entry.record.state),
                                 request.commit ? "commit" : "abort"));
    }
  }
  if (ending == nullptr) {
    done(std::move(answer));
  } else if (ending->commit) {
    sync_data(ending);
  } else {
    prepare(ending);
  }
}

void LogTransactions::sync_data(const EndingPointer& ending) {
  std::vector<std::shared_ptr<LogPartition>> partitions;
  for (const TopicPartition& target : ending->targets) {
    if (auto partition = room_.find_partition(target)) partitions.push_back(std::move(partition));
  }
  const auto next = [this, ending](Result<> synced) {
    if (synced.ok()) {
      prepare(ending);
    } else {
      fail_end(ending, std::move(synced).error());
    }
  };
  if (partitions.empty()) return next({});
  auto gather = std::make_shared<Gather>(partitions.size(), next);
  for (const auto& partition : partitions) {
    partition->sync([gather](Result<> synced) { gather->arrive(std::move(synced)); });
  }
}

void LogTransactions::prepare(const EndingPointer& ending) {
  Result<> written;
  {
    const MutexLock lock(mutex_);
    TransactionRecord& record = entries_.at(ending->id).record;
    TransactionRecord next = record;
    next.state = ending->commit ? TransactionState::PrepareCommit : TransactionState::PrepareAbort;
    next.producer = ending->marker_producer;
    next.update_ms = room_.clock.wall_ms();
    written = write(ending->id, next);
    if (written.ok()) record = std::move(next);
  }
  if (!written.ok()) return fail_end(ending, std::move(written).error());
  if (!ending->commit) return write_markers(ending);
  partition_of(ending->id).sync([this, ending](Result<> synced) {
    if (synced.ok()) {
      write_markers(ending);
    } else {
      fail_end(ending, std::move(synced).error());
    }
  });
}

// Nothing has been decided: the transaction stays open.
void LogTransactions::fail_end(const EndingPointer& ending, Error failure) {
  {
    const MutexLock lock(mutex_);
    Entry& entry = entries_.at(ending->id);
    entry.ending = false;
    entry.record.state = TransactionState::Ongoing;
    entry.record.producer = ending->before;
  }
  ending->done(std::move(failure));
}

// Whether the producer's transaction is open there. A partition that is refused cannot tell.
bool LogTransactions::needs_marker(const Ending& ending, const TopicPartition& target) const {
  const auto partition = room_.find_partition(target);
  if (partition == nullptr) return false;  // deleted since
  if (!partition->health().ok()) return true;
  return std::ranges::any_of(partition->producers(), [&ending](const ProducerSummary& state) {
    return state.producer.id == ending.before.id && state.transaction_start_offset >= 0;
  });
}

// Decided, but not written everywhere: again later, readers of read_committed wait.
void LogTransactions::retry_later(const EndingPointer& ending, std::vector<TopicPartition> targets,
                                  const Error& why) {
  log_warning("broker", "transaction of '{}' waits for its markers: {}", ending->id, why.message);
  ending->targets = std::move(targets);
  ending->again = true;
  {
    const MutexLock lock(mutex_);
    if (!stopped_) {
      stuck_.push_back(ending);
      return;
    }
  }
  ending->done(fault(ErrorCode::Unavailable, KafkaError::CoordinatorNotAvailable,
                     "the broker stops; the transaction's end is finished at the next start"));
}

void LogTransactions::write_markers(const EndingPointer& ending) {
  auto targets = std::exchange(ending->targets, {});
  std::erase_if(targets, [&](const TopicPartition& target) {
    return ending->again ? !needs_marker(*ending, target) : room_.find_partition(target) == nullptr;
  });
  struct Failed {
    Mutex mutex;
    std::vector<TopicPartition> targets TM_GUARDED_BY(mutex);
  };
  auto failed = std::make_shared<Failed>();
  const auto next = [this, ending, failed](const Result<>& written) {
    if (written.ok()) return sync_markers(ending);
    std::vector<TopicPartition> left;
    {
      const MutexLock lock(failed->mutex);
      left = failed->targets;
    }
    retry_later(ending, std::move(left), written.error());
  };
  if (targets.empty()) return next({});
  ending->marked.insert(ending->marked.end(), targets.begin(), targets.end());
  auto gather = std::make_shared<Gather>(targets.size(), next);
  for (const TopicPartition& target : targets) {
    auto answered = [this, ending, target, gather, failed](Result<Appended> appended) {
      if (appended.ok()) {
        if (target.topic == kOffsetsTopic) {
          room_.offsets.complete_transaction(ending->before.id, ending->commit,
                                             appended->base_offset);
        }
        return gather->arrive({});
      }
      if (appended.error().code == ErrorCode::NotFound) return gather->arrive({});
      {
        const MutexLock lock(failed->mutex);
        failed->targets.push_back(target);
      }
      gather->arrive(std::move(appended).error());
    };
    if (const auto partition = room_.find_partition(target)) {
      partition->append_marker(ending->marker_producer, ending->commit, kCoordinatorEpoch,
                               AckWhen::Written, std::move(answered));
    } else {
      gather->arrive({});
    }
  }
}

// CompleteCommit must not reach the disk before the markers: it ends the search for lost ones.
void LogTransactions::sync_markers(const EndingPointer& ending) {
  if (!ending->commit || ending->marked.empty()) return finish_end(ending);
  if (ending->early) {
    {
      const MutexLock lock(mutex_);
      entries_.at(ending->id).decided = true;
    }
    std::exchange(ending->done, [](const Result<ProducerIdentity>&) {})(ending->answer);
  }
  std::vector<std::shared_ptr<LogPartition>> partitions;
  for (const TopicPartition& target : ending->marked) {
    if (auto partition = room_.find_partition(target)) partitions.push_back(std::move(partition));
  }
  if (partitions.empty()) return finish_end(ending);
  auto gather = std::make_shared<Gather>(partitions.size(), [this, ending](const Result<>& synced) {
    if (synced.ok() || synced.error().code == ErrorCode::NotFound) return finish_end(ending);
    // Reading the log again after a failed sync may lose the marker.
    retry_later(ending, std::exchange(ending->marked, {}), synced.error());
  });
  for (const auto& partition : partitions) {
    partition->sync([gather](Result<> synced) { gather->arrive(std::move(synced)); });
  }
}

void LogTransactions::finish_end(const EndingPointer& ending) {
  {
    const MutexLock lock(mutex_);
    Entry& entry = entries_.at(ending->id);
    TransactionRecord next = entry.record;
    next.state =
        ending->commit ? TransactionState::CompleteCommit : TransactionState::CompleteAbort;
    next.producer = ending->answer;
    next.partitions.clear();
    next.update_ms = room_.clock.wall_ms();
    // Without this record the next start finds the markers and writes it.
    if (auto written = write(ending->id, next); !written.ok()) {
      log_warning("broker", "end of the transaction of '{}' is not noted: {}", ending->id,
                  written.error().message);
    }
    entry.record = std::move(next);
    entry.ending = entry.decided = false;
    finished_.notify_all();
  }
  ending->done(ending->answer);
}

void LogTransactions::run_housekeeping() {
  std::vector<EndingPointer> aborts;
  std::vector<EndingPointer> stuck;
  {
    const MutexLock lock(mutex_);
    const std::int64_t now = room_.clock.wall_ms();
    stuck.swap(stuck_);
    std::vector<std::string> expired;
    for (auto& [id, entry] : entries_) {
      const TransactionRecord& record = entry.record;
      if (entry.ending) continue;
      if (record.state == TransactionState::Ongoing) {
        if (now - record.start_ms <= record.timeout_ms) continue;
        auto fenced = bumped(record.producer);
        if (!fenced.ok()) continue;
        log_warning("broker", "transaction of '{}' is aborted after {} ms", id, record.timeout_ms);
        aborts.push_back(
            begin_end(id, entry, false, *fenced, [](const Result<ProducerIdentity>&) {}));
      } else if (now - record.update_ms > kIdExpirationMs) {
        expired.push_back(id);
      }
    }
    for (const std::string& id : expired) {
      if (write_tombstone(id).ok()) entries_.erase(id);
    }
  }
  for (const auto& ending : aborts) prepare(ending);
  for (const auto& ending : stuck) write_markers(ending);
}

Result<> LogTransactions::compact(std::uint64_t bytes_max) {
  for (const auto& partition : partitions_) {
    if (partition->bytes_on_disk() <= bytes_max) continue;
    std::int64_t start = -1;
    {
      const MutexLock lock(mutex_);
      start = partition->offsets().log_end_offset;
      for (const auto& [id, entry] : entries_) {
        if (&partition_of(id) == partition.get()) TRY(write(id, entry.record));
      }
    }
    TRY(await_completion<Result<>>(
        [&partition](Completion<Result<>> done) { partition->sync(std::move(done)); }));
    TRY(partition->delete_records(start));
  }
  return {};
}

void LogTransactions::stop() {
  std::vector<EndingPointer> stuck;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    finished_.notify_all();
    stuck.swap(stuck_);
  }
  for (const auto& ending : stuck) {
    ending->done(fault(ErrorCode::Unavailable, KafkaError::CoordinatorNotAvailable,
                       "the broker stops; the transaction's end is finished at the next start"));
  }
}

Result<> LogTransactions::open(std::vector<std::shared_ptr<LogPartition>> partitions) {
  partitions_ = std::move(partitions);
  std::vector<EndingPointer> prepared;
  std::map<std::int64_t, std::set<TopicPartition>> ongoing;
  bool complete = true;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;  // what cannot be finished now fails instead of waiting
    for (const auto& partition : partitions_) {
      complete = complete && partition->health().ok();
      if (partition->health().ok()) TRY(replay(*partition));
    }
    for (auto& [id, entry] : entries_) {
      const TransactionRecord& record = entry.record;
      if (record.state == TransactionState::Ongoing) {
        ongoing[record.producer.id].insert(record.partitions.begin(), record.partitions.end());
      }
      const bool commit = record.state == TransactionState::PrepareCommit;
      if (!commit && record.state != TransactionState::PrepareAbort) continue;
      prepared.push_back(
          begin_end(id, entry, commit, record.producer, [](const Result<ProducerIdentity>&) {}));
      // Markers that made it to the log need no second one; a damaged partition takes none.
      std::erase_if(prepared.back()->targets, [&](const TopicPartition& target) {
        const auto partition = room_.find_partition(target);
        return partition == nullptr || !partition->health().ok() ||
               !needs_marker(*prepared.back(), target);
      });
      if (prepared.back()->marker_producer.epoch == INT16_MAX) {
        prepared.back()->answer = TRY(bumped(record.producer));
      }
    }
  }
  for (const auto& ending : prepared) {
    log_info("broker", "transaction of '{}' is finished after a crash: {}", ending->id,
             ending->commit ? "commit" : "abort");
    TRY(await_completion<Result<>>([&](Completion<Result<>> done) {
      ending->done = [done = std::move(done)](Result<ProducerIdentity> ended) mutable {
        done(ended.ok() ? Result<>{} : Result<>(std::move(ended).error()));
      };
      write_markers(ending);
    }));
  }
  {
    const MutexLock lock(mutex_);
    stopped_ = false;
  }
  // Who could know of more is damaged: leave everything as it is.
  if (!complete) return {};
  // Written without anybody to end it: its coordinator record did not survive the crash.
  for (const auto& partition : room_.all_partitions()) {
    const TopicPartition here{partition->topic(), partition->index()};
    for (const ProducerSummary& state : partition->producers()) {
      if (state.transaction_start_offset < 0) continue;
      const auto known = ongoing.find(state.producer.id);
      if (known != ongoing.end() && known->second.contains(here)) continue;
      log_info("broker",
               "partition {}-{}: open transaction of producer {} is aborted after a crash",
               here.topic, here.partition, state.producer.id);
      Result<Appended> marked;
      partition->append_marker(
          state.producer, false, kCoordinatorEpoch, AckWhen::Written,
          [&marked](Result<Appended> outcome) { marked = std::move(outcome); });
      if (!marked.ok()) return std::move(marked).error();
      if (here.topic == kOffsetsTopic) {
        room_.offsets.complete_transaction(state.producer.id, false, marked->base_offset);
      }
    }
  }
  return {};
}

}  // namespace tidemill::broker::embedded
