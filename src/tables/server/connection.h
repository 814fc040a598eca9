// SPDX-License-Identifier: Apache-2.0
// One client's connection: frames in, answers out in any order, each with its request's stream.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "tables/server/cql_server.h"
#include "tables/server/in_flight.h"
#include "tables/server/metrics.h"
#include "tables/server/request_handler.h"
#include "wire/cql/compression.h"

namespace tidemill::tables::server {

// Everything a connection works with. The last reference to a connection may go after the server,
// with a request that just left the blocking pool: its end touches nothing but the metrics, which
// are references to what outlives both.
struct ConnectionServices {
  const ServerOptions& options;
  statements::Executor& executor;
  BlockingPool& blocking;
  ServerMetrics metrics;
  InFlight& in_flight;
  Clock& clock;
};

// Requests are decoded as they are read. Plain writes of one read go to the store together and are
// answered when they are durable; everything that may block runs on the blocking pool.
//
// Thread:   the socket's executor only; send_event() posts to it.
// Lifetime: shared by its two tasks and by requests under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, ConnectionServices services);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> read_requests();
  Task<> write_responses();
  bool ended() const { return reading_ended_ && writing_ended_; }
  // Stops reading; what was read is still answered.
  void drain();
  void send_event(const wire::cql::SchemaChange& change);
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  // Plain writes of one read, applied as one.
  struct WriteGroup {
    std::vector<embedded::Mutation> mutations;
    std::vector<Frame> answers;
  };

  Task<> read_loop();
  // Takes whole frames off the buffer; the number of bytes used.
  Outcome<std::size_t> take_frames(BytesView bytes);
  Outcome<> take_segments();
  Outcome<> serve_frame(const wire::cql::FrameHeader& header, BytesView body);
  Outcome<> check_header(const wire::cql::FrameHeader& header);
  void serve(const RequestHead& head, BytesView body);
  void serve_startup(const RequestHead& head, BytesView body);
  void serve_register(const RequestHead& head, BytesView body);
  void serve_statement(const RequestHead& head, BytesView body);
  void run_blocking_work(std::shared_ptr<Work> work);
  void apply_writes();
  void refuse(const RequestHead& head, const wire::cql::CqlError& error);
  void answer(Frame frame);
  void answer_empty(const RequestHead& head, Opcode opcode);
  void finish_request(Frame frame);
  Bytes take_outgoing();
  bool has_room() const;
  Task<> wait_for_room();
  void close();

  asio::ip::tcp::socket socket_;
  asio::any_io_executor executor_;
  ConnectionServices services_;
  asio::steady_timer response_ready_;
  asio::steady_timer room_made_;

  Bytes buffer_;            // read, not yet taken
  std::size_t filled_ = 0;  // of buffer_
  Bytes envelopes_;         // out of v5 segments, not yet whole
  std::deque<Frame> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  std::size_t unanswered_ = 0;
  WriteGroup writes_;

  int version_ = 0;  // 0: no frame yet
  bool started_ = false;
  bool framed_ = false;      // v5 segments, both ways
  bool frame_next_ = false;  // from the answer to STARTUP on
  bool wants_events_ = false;
  bool refused_ = false;  // nothing more is read
  bool reading_ended_ = false;
  bool writing_ended_ = false;
  wire::cql::Compression compression_ = wire::cql::Compression::None;
  std::string keyspace_;
};

}  // namespace tidemill::tables::server
