// SPDX-License-Identifier: Apache-2.0
#include "runtime/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "base/check.h"
#include "runtime/log.h"

namespace tidemill {

struct TaskGroup::Member {
  asio::any_io_executor executor;
  asio::cancellation_signal cancel;
};

TaskGroup::TaskGroup(std::string name) : name_(std::move(name)) {}

TaskGroup::~TaskGroup() {
  TM_CHECK(running() == 0, "task group '{}' destroyed with {} running tasks", name_, running());
}

void TaskGroup::spawn(const asio::any_io_executor& executor, std::string_view what, Task<> task) {
  auto member = std::make_shared<Member>();
  member->executor = executor;
  std::list<std::shared_ptr<Member>>::iterator at;
  {
    const MutexLock lock(mutex_);
    if (stopping_) return;
    at = members_.insert(members_.end(), member);
  }
  auto done = [this, at, member, what = std::string(what)](std::exception_ptr thrown,
                                                           Result<> outcome) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const boost::system::system_error& e) {
        // What a coroutine that was cancelled between two waits meets at the next one.
        outcome = error(
            e.code() == asio::error::operation_aborted ? ErrorCode::Cancelled : ErrorCode::Internal,
            e.what());
      } catch (const std::exception& e) {
        outcome = error(ErrorCode::Internal, e.what());
      } catch (...) {
        outcome = error(ErrorCode::Internal, "unknown exception");
      }
    }
    finished(at, what, outcome);
  };
  // The slot may be used on the member's executor only, so starting happens there too.
  asio::post(executor, [member, executor, task = std::move(task), done]() mutable {
    asio::co_spawn(executor, std::move(task),
                   asio::bind_cancellation_slot(member->cancel.slot(), std::move(done)));
  });
}

void TaskGroup::finished(std::list<std::shared_ptr<Member>>::iterator at, std::string_view what,
                         const Result<>& outcome) {
  const bool failed = !outcome.ok() && outcome.error().code != ErrorCode::Cancelled;
  if (failed) log_warning(name_, "{} failed: {}", what, outcome.error().message);
  const MutexLock lock(mutex_);
  if (failed) ++failures_;
  members_.erase(at);
  if (members_.empty()) emptied_.notify_all();
}

void TaskGroup::stop() {
  const MutexLock lock(mutex_);
  stopping_ = true;
  for (auto& member : members_) {
    asio::post(member->executor,
               [member] { member->cancel.emit(asio::cancellation_type::terminal); });
  }
  while (!members_.empty()) emptied_.wait(mutex_);
}

std::size_t TaskGroup::running() const {
  const MutexLock lock(mutex_);
  return members_.size();
}

std::uint64_t TaskGroup::failures() const {
  const MutexLock lock(mutex_);
  return failures_;
}

}  // namespace tidemill
