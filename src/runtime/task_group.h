// SPDX-License-Identifier: Apache-2.0
// TaskGroup: the gate all background coroutines pass. Nothing is detached.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "runtime/task.h"

namespace tidemill {

// Owns running tasks: counts them, logs their failures, cancels and awaits them on stop().
//
// Thread:   spawn() from any; stop() from a thread that runs none of the executors used.
// Lifetime: stop() before destruction; the destructor checks that nothing runs.
class TaskGroup {
 public:
  explicit TaskGroup(std::string name);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the task on the executor. After stop() it is destroyed unstarted. Cancellation ends the
  // socket or timer operation the task waits for with operation_aborted; a Cancelled result is not
  // a failure.
  void spawn(const asio::any_io_executor& executor, std::string_view what, Task<> task);
  // Refuses new tasks, cancels the running ones and waits until all have ended.
  void stop();
  std::size_t running() const;
  std::uint64_t failures() const;

 private:
  struct Member;
  void finished(std::list<std::shared_ptr<Member>>::iterator at, std::string_view what,
                const Result<>& outcome);

  std::string name_;
  mutable Mutex mutex_;
  CondVar emptied_;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  std::uint64_t failures_ TM_GUARDED_BY(mutex_) = 0;
  std::list<std::shared_ptr<Member>> members_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill
