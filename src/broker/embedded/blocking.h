// SPDX-License-Identifier: Apache-2.0
// Waits for a completion; for the port's blocking calls, never on an I/O or flusher thread.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "runtime/completion.h"

namespace tidemill::broker::embedded {

// await_completion<Result<>>([&](Completion<Result<>> done) { start(std::move(done)); })
template <class T, class Start>
T await_completion(Start start) {
  struct Slot {
    Mutex mutex;
    CondVar arrived;
    std::optional<T> value TM_GUARDED_BY(mutex);
  };
  // Shared: the completing thread may still hold the lock when the waiter goes on.
  auto slot = std::make_shared<Slot>();
  start(Completion<T>([slot](T value) {
    const MutexLock lock(slot->mutex);
    slot->value = std::move(value);
    slot->arrived.notify_one();
  }));
  const MutexLock lock(slot->mutex);
  while (!slot->value) slot->arrived.wait(slot->mutex);
  return *std::move(slot->value);
}

}  // namespace tidemill::broker::embedded
