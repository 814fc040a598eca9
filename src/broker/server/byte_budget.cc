// SPDX-License-Identifier: Apache-2.0
#include "broker/server/byte_budget.h"

#include <vector>

namespace tidemill::broker::server {

bool ByteBudget::try_acquire(std::size_t bytes) {
  const MutexLock lock(mutex_);
  if (closed_ || !waiters_.empty() || !fits(bytes)) return false;
  used_ += bytes;
  return true;
}

void ByteBudget::enqueue(std::size_t bytes, Completion<bool> done) {
  {
    const MutexLock lock(mutex_);
    if (!closed_ && !(waiters_.empty() && fits(bytes))) {
      waiters_.push_back({bytes, std::move(done)});
      return;
    }
    if (!closed_) used_ += bytes;
    if (closed_) bytes = 0;
  }
  done(bytes > 0);
}

void ByteBudget::release(std::size_t bytes) {
  std::vector<Completion<bool>> served;
  {
    const MutexLock lock(mutex_);
    used_ -= bytes;
    while (!waiters_.empty() && fits(waiters_.front().bytes)) {
      used_ += waiters_.front().bytes;
      served.push_back(std::move(waiters_.front().done));
      waiters_.pop_front();
    }
  }
  for (auto& done : served) done(true);
}

void ByteBudget::close() {
  std::deque<Waiter> refused;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    refused.swap(waiters_);
  }
  for (auto& waiter : refused) waiter.done(false);
}

}  // namespace tidemill::broker::server
