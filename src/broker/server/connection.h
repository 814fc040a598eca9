// SPDX-License-Identifier: Apache-2.0
// One client's connection: frames in, responses out in the order of the requests.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "broker/api/request_context.h"
#include "broker/api/response_slot.h"
#include "broker/server/byte_budget.h"
#include "broker/server/metrics.h"

namespace tidemill::broker::server {

struct ConnectionLimits {
  std::size_t request_bytes_max = 100 << 20;
  // Requests read but not answered, and bytes of responses not sent: above, reading pauses.
  std::size_t requests_in_flight_max = 64;
  std::size_t response_bytes_queued_max = 64 << 20;
  // Without a request for that long, or stuck inside a frame or a write, it is closed.
  std::chrono::milliseconds idle_timeout{600'000};
  std::chrono::milliseconds stall_timeout{60'000};
};

// Reading and writing are two tasks, so that responses leave while a long request is being served.
// Requests are served one after the other; Produce alone lets the next one begin before it is
// answered.
//
// Thread:   the socket's executor only.
// Lifetime: shared by its two tasks; ends when both have.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, api::RequestContext context,
             const ConnectionLimits& limits, ByteBudget& budget, ServerMetrics& metrics);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> read_requests();
  Task<> write_responses();

  // Both tasks are done.
  bool ended() const { return reading_ended_ && writing_ended_; }
  // Stops reading; what was read is still answered.
  void drain();
  void close_if_stalled(std::chrono::steady_clock::time_point now);

 private:
  // A frame's content: in the read buffer, or in memory of its own. Valid until the next one.
  Task<std::optional<BytesView>> next_frame();
  Task<> fill_buffer(std::size_t wanted);
  Task<BytesView> read_large(std::size_t size);
  Task<> read_loop();
  Task<> write_loop();
  Task<> serve(BytesView frame);
  Task<> wait_for_room();
  bool has_room() const;
  void close(const Error& reason);

  asio::ip::tcp::socket socket_;
  api::RequestContext context_;
  const ConnectionLimits& limits_;
  ByteBudget& budget_;
  ServerMetrics& metrics_;
  std::shared_ptr<api::ResponseQueue> responses_;
  asio::steady_timer response_ready_;
  asio::steady_timer room_made_;

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t begin_ = 0;  // of what was read but not served
  std::size_t end_ = 0;
  std::unique_ptr<std::uint8_t[]> large_frame_;
  std::size_t large_bytes_ = 0;  // taken from the budget
  bool reading_ended_ = false;
  bool writing_ended_ = false;
  std::optional<std::chrono::steady_clock::time_point> frame_began_;
  std::optional<std::chrono::steady_clock::time_point> write_began_;
  std::chrono::steady_clock::time_point last_request_;
};

}  // namespace tidemill::broker::server
