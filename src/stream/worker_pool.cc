// SPDX-License-Identifier: Apache-2.0
#include "stream/worker_pool.h"

#include <algorithm>
#include <string>

namespace tidemill::stream {

WorkerPool::WorkerPool(std::size_t threads) {
  const std::size_t count = std::max<std::size_t>(threads, 1);
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back("stream-" + std::to_string(i),
                          [this, i](const std::stop_token& token) { serve(i, token); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void WorkerPool::run(std::size_t items, const std::function<void(std::size_t, std::size_t)>& work) {
  if (items == 0) return;
  Job job{&work, items};
  mutex_.lock();
  jobs_.push_back(&job);
  changed_.notify_all();
  while (job.done < job.items) finished_.wait(mutex_);
  mutex_.unlock();
}

void WorkerPool::serve(std::size_t worker, const std::stop_token&) {
  mutex_.lock();
  while (true) {
    while (jobs_.empty() && !stopping_) changed_.wait(mutex_);
    if (jobs_.empty()) break;
    // In turn, so that a query that drains a backlog does not starve the others.
    Job* job = jobs_.front();
    jobs_.pop_front();
    const std::size_t item = job->next++;
    if (job->next < job->items) jobs_.push_back(job);
    mutex_.unlock();
    (*job->work)(item, worker);
    mutex_.lock();
    if (++job->done == job->items) finished_.notify_all();
  }
  mutex_.unlock();
}

}  // namespace tidemill::stream
