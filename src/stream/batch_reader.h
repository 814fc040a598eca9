// SPDX-License-Identifier: Apache-2.0
// The part of an epoch that needs no state: fetch and prepare. Runs ahead of the epoch that is
// being committed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "broker/broker.h"
#include "runtime/clock.h"
#include "runtime/threads.h"
#include "stream/stage.h"
#include "stream/worker_pool.h"

namespace tidemill::stream {

// What one epoch reads.
struct Batch {
  std::vector<RecordChunk> chunks;
  std::vector<std::unique_ptr<Slice>> slices;
  std::vector<std::int64_t> next;    // by partition: where to read on
  std::vector<std::int64_t> latest;  // by partition: the end as far as known; -1: not known
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  bool full = false;  // it stopped at the limit: there is more
  std::chrono::microseconds fetch_time{0};
  std::chrono::microseconds prepare_time{0};
  bool moved = false;  // some position went on
};

// Thread: one at a time; start() hands the reading to a thread of its own until take().
class BatchReader {
 public:
  struct Options {
    std::string topic;
    std::size_t bytes_max = 16UL * 1024 * 1024;
    std::size_t slice_rows = 4096;
  };
  BatchReader(broker::Broker& broker, std::shared_ptr<const StagePlan> plan,
              std::vector<std::unique_ptr<StageWorker>>& workers, WorkerPool& pool,
              const Clock& clock, Options options);
  ~BatchReader();

  // What the slices are checked against; before the first read, not while one runs.
  void set_limits(StageWorker::Limits limits) { limits_ = std::move(limits); }

  // Reads from the positions up to the byte limit; waits so long for the first record.
  Result<std::unique_ptr<Batch>> read(const std::vector<std::int64_t>& positions,
                                      std::chrono::milliseconds wait);
  void start(std::vector<std::int64_t> positions);
  bool is_started() const { return started_; }
  Result<std::unique_ptr<Batch>> take();
  void discard();
  // Gives the slices' buffers back.
  void recycle(std::unique_ptr<Batch> batch);

 private:
  void serve();
  Result<> prepare(Batch& batch);
  std::shared_ptr<ChunkBuffer> buffer(std::size_t rows);

  broker::Broker& broker_;
  std::shared_ptr<const StagePlan> plan_;
  std::vector<std::unique_ptr<StageWorker>>& workers_;
  WorkerPool& pool_;
  const Clock& clock_;
  Options options_;
  StageWorker::Limits limits_;
  std::vector<ColumnType> types_;

  Mutex buffers_mutex_;
  std::vector<std::shared_ptr<ChunkBuffer>> buffers_ TM_GUARDED_BY(buffers_mutex_);

  bool started_ = false;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  std::optional<std::vector<std::int64_t>> asked_ TM_GUARDED_BY(mutex_);
  std::optional<Result<std::unique_ptr<Batch>>> answer_ TM_GUARDED_BY(mutex_);
  Thread thread_;  // last: it uses all of the above
};

}  // namespace tidemill::stream
