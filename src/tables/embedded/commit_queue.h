// SPDX-License-Identifier: Apache-2.0
// Group commit: one thread writes everything waiting as one batch with one sync.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/mutex.h"
#include "runtime/completion.h"
#include "runtime/threads.h"
#include "store/rocks/database.h"
#include "tables/embedded/encode.h"
#include "tables/embedded/header_flags.h"
#include "tables/embedded/metrics.h"

namespace tidemill::tables::embedded {

struct CommitOptions {
  bool sync_each = true;
  std::chrono::milliseconds sync_interval{1000};  // unless sync_each
  std::size_t pending_bytes_max = 64U << 20;
};

// Thread:   submit() from any, it never blocks on the disk; completions run on the queue's thread.
// Lifetime: stop() completes what was submitted; what comes later is refused with Unavailable.
// Durable:  when a completion is called with success and sync_each, else sync_interval later.
class CommitQueue {
 public:
  CommitQueue(store::rocks::Database& database, HeaderFlags& headers, StoreMetrics& metrics,
              CommitOptions options);
  ~CommitQueue() { stop(); }
  // Takes both and calls `done` later; a failure is a refusal that leaves them to the caller.
  // Nothing to write is not too much: `done` comes after everything submitted before.
  Result<> submit(EncodedWrites& writes, Completion<Result<>>& done);
  void stop();

 private:
  struct Waiting {
    EncodedWrites writes;
    Completion<Result<>> done;
  };
  void run();
  Result<> write(const std::vector<Waiting>& group);
  void sync_if_written();

  store::rocks::Database& database_;
  HeaderFlags& headers_;
  StoreMetrics& metrics_;
  CommitOptions options_;
  store::rocks::Batch batch_;  // the queue's thread only
  bool unsynced_ = false;      // the queue's thread only
  std::chrono::steady_clock::time_point last_sync_{};

  Mutex mutex_;
  CondVar changed_;
  std::vector<Waiting> waiting_ TM_GUARDED_BY(mutex_);
  std::size_t pending_bytes_ TM_GUARDED_BY(mutex_) = 0;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  Thread thread_;  // last: uses all of the above
};

}  // namespace tidemill::tables::embedded
