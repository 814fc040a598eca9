// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/flusher.h"

#include <utility>

namespace tidemill::broker::embedded {
namespace {

constexpr int kThreads = 3;

}  // namespace

Flusher::Flusher(Clock& clock) : clock_(clock) {
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back("log-flusher", [this](const std::stop_token&) { run(); });
  }
}

void Flusher::request(std::shared_ptr<Flushable> what) {
  const MutexLock lock(mutex_);
  waiting_.push_back(std::move(what));
  changed_.notify_one();
}

void Flusher::request_within(std::shared_ptr<Flushable> what, std::chrono::milliseconds delay) {
  const MutexLock lock(mutex_);
  later_.emplace(clock_.monotonic() + delay, std::move(what));
  changed_.notify_one();
}

void Flusher::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (Thread& thread : threads_) thread.stop();
}

void Flusher::run() {
  while (true) {
    std::shared_ptr<Flushable> next;
    {
      const MutexLock lock(mutex_);
      while (true) {
        const auto now = clock_.monotonic();
        while (!later_.empty() && (stopping_ || later_.begin()->first <= now)) {
          waiting_.push_back(std::move(later_.begin()->second));
          later_.erase(later_.begin());
        }
        if (!waiting_.empty() || stopping_) break;
        if (later_.empty()) {
          changed_.wait(mutex_);
        } else {
          changed_.wait_for(mutex_, later_.begin()->first - now);
        }
      }
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next->flush();
  }
}

}  // namespace tidemill::broker::embedded
