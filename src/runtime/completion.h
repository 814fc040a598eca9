// SPDX-License-Identifier: Apache-2.0
// The door from callbacks into coroutines.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "runtime/task.h"

namespace tidemill {

// Called once, from any thread; the waiting coroutine continues on its own executor.
template <class T>
using Completion = std::move_only_function<void(T)>;

// co_await completion_of<T>([&](Completion<T> done) { start(std::move(done)); }): suspends until
// `done` is called. Cannot be cancelled: whoever takes `done` must call it, also when stopping.
template <class T, class Start>
asio::awaitable<T> completion_of(Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
      [](auto handler, Start begin) {
        auto executor = asio::get_associated_executor(handler);
        begin(Completion<T>([handler = std::move(handler), executor](T value) mutable {
          asio::post(executor, [handler = std::move(handler), value = std::move(value)]() mutable {
            std::move(handler)(std::move(value));
          });
        }));
      },
      asio::use_awaitable, std::move(start));
}

}  // namespace tidemill
