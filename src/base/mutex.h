// SPDX-License-Identifier: Apache-2.0
// std::mutex with Clang's lock annotations (libstdc++'s carries none). Never held over co_await.
#pragma once

#include <condition_variable>
#include <mutex>

#define TM_GUARDED_BY(mutex) __attribute__((guarded_by(mutex)))
#define TM_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define TM_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))

namespace tidemill {

class __attribute__((capability("mutex"))) Mutex {
 public:
  void lock() __attribute__((acquire_capability())) { mutex_.lock(); }
  void unlock() __attribute__((release_capability())) { mutex_.unlock(); }
  bool try_lock() __attribute__((try_acquire_capability(true))) { return mutex_.try_lock(); }

 private:
  std::mutex mutex_;
};

class __attribute__((scoped_lockable)) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) __attribute__((acquire_capability(mutex))) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() __attribute__((release_capability())) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
class CondVar {
 public:
  void wait(Mutex& mutex) TM_REQUIRES(mutex) { condition_.wait(mutex); }
  template <class Rep, class Period>
  bool wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> limit) TM_REQUIRES(mutex) {
    return condition_.wait_for(mutex, limit) == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace tidemill
