// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/flusher.h"

#include <utility>

namespace tidemill::broker::embedded {

Flusher::Flusher(Clock& clock)
    : clock_(clock), thread_("log-flusher", [this](const std::stop_token&) { run(); }) {}

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
    changed_.notify_one();
  }
  thread_.stop();
}

void Flusher::run() {
  std::vector<std::shared_ptr<Flushable>> round;
  while (true) {
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
      round.swap(waiting_);
    }
    for (const auto& what : round) what->flush();
    round.clear();
  }
}

}  // namespace tidemill::broker::embedded
