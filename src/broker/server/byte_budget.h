// SPDX-License-Identifier: Apache-2.0
// Bounds the memory that the requests of all connections take together.
#pragma once

#include <cstddef>
#include <deque>

#include "base/mutex.h"
#include "runtime/completion.h"

namespace tidemill::broker::server {

// Thread: any. Waiters are served in order.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Waits until the bytes are free; one request above the whole limit is let through alone. False
  // once the budget is closed.
  asio::awaitable<bool> acquire(std::size_t bytes) {
    if (try_acquire(bytes)) co_return true;
    auto wait = [this, bytes](Completion<bool> done) { enqueue(bytes, std::move(done)); };
    co_return co_await completion_of<bool>(std::move(wait));
  }
  void release(std::size_t bytes);
  // Lets all waiters go empty-handed.
  void close();
  std::size_t used() const {
    const MutexLock lock(mutex_);
    return used_;
  }

 private:
  struct Waiter {
    std::size_t bytes;
    Completion<bool> done;
  };
  bool fits(std::size_t bytes) const TM_REQUIRES(mutex_) {
    return used_ == 0 || used_ + bytes <= limit_;
  }
  bool try_acquire(std::size_t bytes);
  void enqueue(std::size_t bytes, Completion<bool> done);

  const std::size_t limit_;
  mutable Mutex mutex_;
  std::size_t used_ TM_GUARDED_BY(mutex_) = 0;
  bool closed_ TM_GUARDED_BY(mutex_) = false;
  std::deque<Waiter> waiters_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::broker::server
