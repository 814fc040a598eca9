// SPDX-License-Identifier: Apache-2.0
// std::shared_mutex with Clang's lock annotations. Never held over co_await.
#pragma once

#include <shared_mutex>

#define TM_REQUIRES_SHARED(...) __attribute__((requires_shared_capability(__VA_ARGS__)))

namespace tidemill {

// Many at once, or one alone.
class __attribute__((capability("shared_mutex"))) SharedMutex {
 public:
  void lock() __attribute__((acquire_capability())) { mutex_.lock(); }
  void unlock() __attribute__((release_capability())) { mutex_.unlock(); }
  void lock_shared() __attribute__((acquire_shared_capability())) { mutex_.lock_shared(); }
  void unlock_shared() __attribute__((release_shared_capability())) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class __attribute__((scoped_lockable)) SharedLock {
 public:
  explicit SharedLock(SharedMutex& mutex) __attribute__((acquire_shared_capability(mutex)))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~SharedLock() __attribute__((release_capability())) { mutex_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class __attribute__((scoped_lockable)) ExclusiveLock {
 public:
  explicit ExclusiveLock(SharedMutex& mutex) __attribute__((acquire_capability(mutex)))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~ExclusiveLock() __attribute__((release_capability())) { mutex_.unlock(); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace tidemill
