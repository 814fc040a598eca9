// SPDX-License-Identifier: Apache-2.0
#include "runtime/session.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "runtime/cancellation.h"
#include "runtime/log.h"

namespace tidemill {
namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr auto kNever = asio::steady_timer::time_point::max();
constexpr std::size_t kSlowestBytesPerSecond = 16 << 10;

}  // namespace

bool Transfer::is_overdue(std::chrono::steady_clock::time_point now,
                          std::chrono::milliseconds limit) const {
  const std::chrono::milliseconds earned(moved_ * 1000 / kSlowestBytesPerSecond);
  return began_ && now - *began_ > limit + earned;
}

Session::Session(SessionStart start)
    : socket_(std::move(start.socket)),
      part_(std::move(start.part)),
      peer_host_(std::move(start.peer_host)),
      executor_(socket_.executor()),
      limits_(start.limits),
      clock_(start.clock),
      metrics_(start.metrics),
      answers_ready_(executor_, kNever),
      room_made_(executor_, kNever),
      opened_(clock_.monotonic()),
      last_active_(opened_) {
  metrics_.connections.add(1);
}

Session::~Session() {
  metrics_.connections.add(-1);
}

Task<> Session::read_requests() {
  // Waits report a cancellation as their own failure.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto self = shared_from_this();
  Result<> outcome;
  try {
    const auto greeted = co_await socket_.handshake();
    if (greeted.ok()) {
      outcome = co_await read_loop();
    } else {
      // No request was read: nothing for reading_failed().
      close(CloseReason::Handshake, greeted.error().message);
    }
  } catch (const std::exception& thrown) {
    outcome = error(ErrorCode::Internal, thrown.what());
  }
  receiving_.end();
  reading_ended_ = true;
  if (!outcome.ok()) reading_failed(outcome.error());
  wake_writer();
  co_return Result<>{};
}

Task<> Session::write_answers() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto self = shared_from_this();
  Result<> outcome;
  try {
    outcome = co_await write_loop();
    if (outcome.ok()) outcome = co_await socket_.say_goodbye();
  } catch (const std::exception& thrown) {
    outcome = error(ErrorCode::Internal, thrown.what());
  }
  writing_ended_ = true;
  close(CloseReason::Ended, outcome.ok() ? "closed by the client" : outcome.error().message);
  co_return Result<>{};
}

Task<> Session::wait_for_room() {
  while (!has_room()) {
    if (!socket_.is_open() || co_await stop_requested()) break;
    co_await room_made_.async_wait(kDone);
  }
  if (!socket_.is_open() || co_await stop_requested()) {
    co_return error(ErrorCode::Cancelled, "connection is being closed");
  }
  co_return Result<>{};
}

Task<> Session::wait_for_answers() {
  if (!socket_.is_open() || co_await stop_requested()) {
    co_return error(ErrorCode::Cancelled, "connection is being closed");
  }
  co_await answers_ready_.async_wait(kDone);
  co_return Result<>{};
}

asio::awaitable<Socket::Moved> Session::write(std::span<const asio::const_buffer> buffers) {
  sending_.begin(now());
  const auto moved = co_await socket_.write(buffers, sending_.moved());
  sending_.end();
  // However long the answer took, the client's silence begins now.
  last_active_ = now();
  co_return moved;
}

void Session::close(CloseReason reason, std::string_view why) {
  if (!socket_.is_open()) return;
  if (reason == CloseReason::Ended) {
    log_debug(part_, "connection of {} ends: {}", peer_host_, why);
  } else {
    log_info(part_, "connection of {} closed: {}", peer_host_, why);
  }
  metrics_.closed(reason).add();
  socket_.close();
  wake_writer();
  wake_reader();
}

void Session::close_if_overdue(std::chrono::steady_clock::time_point now) {
  if (!established_ && now - opened_ > limits_.first_request_timeout) {
    return close(CloseReason::Silent, "it sent no request, or did not log in, in time");
  }
  if (receiving_.is_overdue(now, limits_.stall_timeout)) {
    return close(CloseReason::Stalled, "a request began and does not get on");
  }
  if (sending_.is_overdue(now, limits_.stall_timeout)) {
    return close(CloseReason::SlowReader, "it does not read its answers");
  }
  const bool ever = limits_.idle_timeout.count() > 0;
  // Who moves a large request or answer is watched by the rules above.
  const bool moving = receiving_.going_on() || sending_.going_on();
  if (ever && established_ && !moving && !owes_answers() &&
      now - last_active_ > limits_.idle_timeout) {
    close(CloseReason::Idle, "idle for too long");
  }
}

}  // namespace tidemill
