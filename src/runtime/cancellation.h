// SPDX-License-Identifier: Apache-2.0
// How a task learns that it is to end.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include "runtime/task.h"

namespace tidemill {

// Whether the running task has been cancelled. A cancellation ends the operation that the task
// waits for, if any, and is not repeated: loops ask before each wait, or one that comes between two
// waits is lost. Only where this_coro::throw_if_cancelled(false) was set.
inline asio::awaitable<bool> stop_requested() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace tidemill
