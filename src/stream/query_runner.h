// SPDX-License-Identifier: Apache-2.0
// Drives one query: triggers, epochs one after the other, pause and resume, retries.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/threads.h"
#include "stream/batch_reader.h"
#include "stream/engine.h"
#include "stream/epoch.h"
#include "stream/letter_keeper.h"
#include "stream/metrics.h"
#include "stream/query_memory.h"
#include "stream/sink.h"
#include "stream/worker_pool.h"

namespace tidemill::stream {

// Thread:   any for the public part; the epochs run on a thread of its own.
// Lifetime: what Seams refers to outlives it. stop() before destruction, the destructor calls it.
class QueryRunner {
 public:
  struct Seams {
    broker::Broker& broker;
    Disk& disk;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    WorkerPool& pool;
    const EngineOptions& options;
  };
  // Compiles the query, makes its sink and topics, restores its state.
  static Result<std::unique_ptr<QueryRunner>> start(const QuerySpec& spec, const SinkMaker& maker,
                                                    const Seams& seams);
  ~QueryRunner();

  Result<> pause();
  Result<> resume();
  void keep_letters(bool keep);  // from the next epoch on
  void stop();                   // after the epoch in hand; saves a snapshot
  QueryStatus status() const;
  std::vector<Progress> progress(std::size_t last) const;
  Result<> wait(std::chrono::milliseconds limit) const;
  const QueryPlaces& places() const { return places_; }

 private:
  enum class Wish { Run, Pause, Stop };
  enum class Until { Always, Targets };

  QueryRunner(const QuerySpec& spec, const Seams& seams);
  Result<> prepare(const SinkMaker& maker);
  Result<> make_topics();
  Result<> recover();
  Result<> find_positions();
  Result<> follow_letters();
  bool skip_expired();
  void serve();
  void run_until_wish();
  Result<> run_trigger();
  Result<> run_pipelined();
  Result<> drain(const std::vector<std::int64_t>& targets);
  Result<std::vector<std::int64_t>> ends() const;
  Result<std::vector<std::int64_t>> timed_ends();
  Result<> run_epoch(std::unique_ptr<Batch> batch, bool idle_close);
  Result<> initial_epoch();
  EpochProcessor::Clocking clocking(const Batch& batch, bool idle_close);
  void publish(const Batch& batch, const EpochOutcome& outcome,
               std::chrono::steady_clock::time_point begin, const EpochRecord& before);
  void failed(const Error& failure);
  bool wait_for(std::chrono::milliseconds time);  // false: a wish came
  bool wished(Wish wish) const;
  void set_state(QueryState state, const std::string& error);
  void save_snapshot(bool always);

  QuerySpec spec_;
  Seams seams_;
  QueryPlaces places_;
  QueryMetrics metrics_;
  std::shared_ptr<const StagePlan> plan_;
  std::vector<std::unique_ptr<StageWorker>> workers_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<QueryMemory> memory_;
  LetterKeeper letters_;
  std::unique_ptr<broker::TransactionalWriter> writer_;
  std::unique_ptr<BatchReader> reader_;
  std::unique_ptr<EpochProcessor> processor_;
  bool dirty_ = true;  // recover() before the next epoch
  std::chrono::milliseconds back_off_{0};
  std::chrono::microseconds ends_time_{0};  // of asking where the topic ends, for the next epoch
  std::vector<std::chrono::steady_clock::time_point> data_at_;  // by partition: last records
  std::chrono::steady_clock::time_point next_discovery_{};

  mutable Mutex mutex_;
  mutable CondVar changed_;
  Wish wish_ TM_GUARDED_BY(mutex_) = Wish::Run;
  QueryState state_ TM_GUARDED_BY(mutex_) = QueryState::Starting;
  std::string error_ TM_GUARDED_BY(mutex_);
  std::string run_id_ TM_GUARDED_BY(mutex_);
  std::int64_t started_at_ms_ TM_GUARDED_BY(mutex_) = 0;
  std::uint64_t restarts_ TM_GUARDED_BY(mutex_) = 0;
  std::uint64_t sink_retries_ TM_GUARDED_BY(mutex_) = 0;
  std::uint64_t epochs_ TM_GUARDED_BY(mutex_) = 0;
  EpochRecord committed_ TM_GUARDED_BY(mutex_);
  std::deque<Progress> history_ TM_GUARDED_BY(mutex_);
  Thread thread_;  // last: it uses all of the above
};

}  // namespace tidemill::stream
