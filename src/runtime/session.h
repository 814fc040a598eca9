// SPDX-License-Identifier: Apache-2.0
// One accepted connection: what is the same for every protocol. Its two tasks, and what closes it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "runtime/clock.h"
#include "runtime/listener_metrics.h"
#include "runtime/socket.h"

namespace tidemill {

struct SessionLimits {
  // Without a request or an answer, and nothing owed or on its way, for that long: closed. 0:
  // never.
  std::chrono::milliseconds idle_timeout{600'000};
  // From accept until the first request (handshake and login included) has come.
  std::chrono::milliseconds first_request_timeout{30'000};
  // A request that began to come, or an answer that is being sent, may take that long and a second
  // more for each 16 KiB moved.
  std::chrono::milliseconds stall_timeout{60'000};
};

// What the listener gives a session to begin with.
struct SessionStart {
  Socket socket;
  std::string part;
  std::string peer_host;
  std::string here_host;
  std::uint16_t here_port = 0;
  SessionLimits limits;
  Clock& clock;
  ListenerMetrics metrics;
};

// Something on its way since `began`, piece by piece.
class Transfer {
 public:
  void begin(std::chrono::steady_clock::time_point now) {
    began_ = now;
    moved_ = 0;
  }
  void end() { began_.reset(); }
  bool going_on() const { return began_.has_value(); }
  std::size_t& moved() { return moved_; }
  // A client that sends a byte a minute moves too.
  bool is_overdue(std::chrono::steady_clock::time_point now, std::chrono::milliseconds limit) const;

 private:
  std::optional<std::chrono::steady_clock::time_point> began_;
  std::size_t moved_ = 0;
};

// Reading and writing are two tasks, so that answers leave while a long request is being served.
//
// Thread:   the socket's executor only.
// Lifetime: shared by its two tasks and by requests under way; may outlive the listener, not the
//           clock and the metrics.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(SessionStart start);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The two tasks; the listener spawns them.
  Task<> read_requests();
  Task<> write_answers();
  bool ended() const { return reading_ended_ && writing_ended_; }
  // Stops reading; what was read is still answered.
  void drain() { socket_.stop_receiving(); }
  // Idle, silent, or stuck in the middle of something for too long.
  void close_if_overdue(std::chrono::steady_clock::time_point now);
  const asio::any_io_executor& executor() const { return executor_; }

 protected:
  // Reads and serves until the client ends. A failure is told to reading_failed(),
  // one of the TLS handshake before it is not.
  virtual Task<> read_loop() = 0;
  // Sends answers until reading has ended and nothing is owed.
  virtual Task<> write_loop() = 0;
  virtual void reading_failed(const Error& reason) = 0;
  // Whether requests wait for their answers, or answers for the client.
  virtual bool owes_answers() const = 0;
  // Whether more may be read.
  virtual bool has_room() const = 0;

  Task<> wait_for_room();
  // Waits until wake_writer(); Cancelled once the connection is being closed.
  Task<> wait_for_answers();
  void wake_writer() { answers_ready_.cancel(); }
  void wake_reader() { room_made_.cancel(); }
  // A whole request has come.
  void request_came() { last_active_ = now(); }
  // Whether the client is who it says, or need not say; ends the time it has for that.
  void establish() { established_ = true; }
  bool established() const { return established_; }
  void close(CloseReason reason, std::string_view why);
  asio::awaitable<Socket::Moved> write(std::span<const asio::const_buffer> buffers);
  std::chrono::steady_clock::time_point now() const { return clock_.monotonic(); }
  bool reading_ended() const { return reading_ended_; }
  bool writing_ended() const { return writing_ended_; }

  Socket socket_;
  const std::string part_;
  const std::string peer_host_;
  Transfer receiving_;

 private:
  const asio::any_io_executor executor_;
  const SessionLimits limits_;
  Clock& clock_;
  ListenerMetrics metrics_;
  asio::steady_timer answers_ready_;
  asio::steady_timer room_made_;
  Transfer sending_;
  const std::chrono::steady_clock::time_point opened_;
  std::chrono::steady_clock::time_point last_active_;
  bool established_ = false;
  bool reading_ended_ = false;
  bool writing_ended_ = false;
};

}  // namespace tidemill
