// SPDX-License-Identifier: Apache-2.0
// Threads that all queries share for the parallel part of their epochs.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "runtime/threads.h"

namespace tidemill::stream {

// Thread:   any may call run().
// Lifetime: no run() is under way when it is destroyed.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();
  std::size_t size() const { return threads_.size(); }
  // Calls work(item, worker) for every item below `items`, each once, on the workers, and returns
  // when all are done. No two calls have the same worker at the same time.
  void run(std::size_t items, const std::function<void(std::size_t, std::size_t)>& work);

 private:
  struct Job {
    const std::function<void(std::size_t, std::size_t)>* work;
    std::size_t items;
    std::size_t next = 0;
    std::size_t done = 0;
  };
  void serve(std::size_t worker, const std::stop_token& token);

  Mutex mutex_;
  CondVar changed_;
  CondVar finished_;
  std::deque<Job*> jobs_ TM_GUARDED_BY(mutex_);
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

}  // namespace tidemill::stream
