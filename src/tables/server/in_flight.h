// SPDX-License-Identifier: Apache-2.0
// Counts requests that the blocking pool or the store still works on, so that the server can wait
// for them before it goes.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/mutex.h"

namespace tidemill::tables::server {

// Thread: any.
class InFlight {
 public:
  void begin() {
    const MutexLock lock(mutex_);
    ++count_;
  }
  void end() {
    const MutexLock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void wait_for_none() {
    const MutexLock lock(mutex_);
    while (count_ > 0) none_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar none_;
  std::size_t count_ TM_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemill::tables::server
