// SPDX-License-Identifier: Apache-2.0
// Group commit: the threads of a data folder that sync what has been appended.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "runtime/clock.h"
#include "runtime/threads.h"

namespace tidemill::broker::embedded {

// Something with bytes that are not on disk yet.
class Flushable {
 public:
  virtual ~Flushable() = default;
  // Syncs everything written so far, once, and completes who waits for it. On a flusher's thread.
  virtual void flush() = 0;
};

// Serves who asks, each by one sync: whatever is appended to a partition while it is being synced
// shares its next sync. Different partitions are synced side by side, because a disk takes several
// flushes in little more time than one (4 files: 587 us side by side, 3349 us one by one).
//
// Thread:   any.
// Lifetime: stop() serves what was asked for, then ends; requests after it are dropped.
class Flusher {
 public:
  explicit Flusher(Clock& clock);
  ~Flusher() { stop(); }
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  // The caller sees to it that one is not requested twice before its flush() begins.
  void request(std::shared_ptr<Flushable> what);
  void request_within(std::shared_ptr<Flushable> what, std::chrono::milliseconds delay);
  void stop();

 private:
  void run();

  Clock& clock_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Flushable>> waiting_ TM_GUARDED_BY(mutex_);
  std::multimap<std::chrono::steady_clock::time_point, std::shared_ptr<Flushable>> later_
      TM_GUARDED_BY(mutex_);
  std::vector<Thread> threads_;  // last: they use the members above
};

}  // namespace tidemill::broker::embedded
