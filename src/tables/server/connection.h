// SPDX-License-Identifier: Apache-2.0
// One client's connection: frames in, answers out in any order, each with its request's stream.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "runtime/session.h"
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
// Thread:   the socket's executor only.
class Connection final : public Session {
 public:
  Connection(SessionStart start, ConnectionServices services);

  void send_event(const wire::cql::SchemaChange& change);

 private:
  // Of which kind a request is, and when its work began.
  struct Measured {
    RequestMeter* meter = nullptr;
    std::chrono::steady_clock::time_point began = {};
  };
  struct Answer {
    Frame frame;
    Measured measured;
  };
  // Plain writes of one read, applied as one.
  struct WriteGroup {
    std::vector<embedded::Mutation> mutations;
    std::vector<Answer> answers;
  };

  Task<> read_loop() override;
  Task<> write_loop() override;
  void reading_failed(const Error& reason) override;
  bool owes_answers() const override { return unanswered_ > 0 || !outgoing_.empty(); }
  bool has_room() const override;
  std::shared_ptr<Connection> shared() {
    return std::static_pointer_cast<Connection>(shared_from_this());
  }

  // Takes whole frames off the buffer; the number of bytes used.
  Outcome<std::size_t> take_frames(BytesView bytes);
  Outcome<> take_segments();
  Outcome<> serve_frame(const wire::cql::FrameHeader& header, BytesView body);
  Outcome<> check_header(const wire::cql::FrameHeader& header);
  void serve(const RequestHead& head, BytesView body);
  void serve_startup(const RequestHead& head, BytesView body);
  void serve_login(const RequestHead& head, BytesView body);
  void finish_login(const RequestHead& head, std::string name, const Result<>& outcome,
                    const Measured& measured);
  std::size_t frame_bytes_max() const;
  void serve_register(const RequestHead& head, BytesView body);
  void serve_statement(const RequestHead& head, BytesView body);
  void run_blocking_work(std::shared_ptr<Work> work);
  void apply_writes();
  void refuse(const RequestHead& head, const wire::cql::CqlError& error);
  // To the request that is being served.
  void answer(Frame frame) { send({std::move(frame), serving_}); }
  void answer_empty(const RequestHead& head, Opcode opcode);
  // To one that was served before.
  void finish_request(Answer answer);
  void send(Answer answer);
  void measure(const RequestHead& head, std::size_t bytes);
  Bytes take_outgoing();

  ConnectionServices services_;

  std::chrono::steady_clock::time_point arrived_;  // the last bytes
  Bytes buffer_;                                   // read, not yet taken
  std::size_t filled_ = 0;                         // of buffer_
  Bytes envelopes_;                                // out of v5 segments, not yet whole
  std::deque<Frame> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  std::size_t unanswered_ = 0;
  WriteGroup writes_;
  Measured serving_;

  int version_ = 0;  // 0: no frame yet
  // Where clients log in: from STARTUP on, while a password is being checked, and afterwards.
  enum class Login { NotBegun, Wanted, Checking, Done };
  Login login_ = Login::NotBegun;
  asio::steady_timer login_delay_;
  bool started_ = false;
  bool framed_ = false;      // v5 segments, both ways
  bool frame_next_ = false;  // from the answer to STARTUP on
  bool wants_events_ = false;
  bool refused_ = false;  // nothing more is read
  wire::cql::Compression compression_ = wire::cql::Compression::None;
  std::string keyspace_;
  statements::Performer performer_;  // named once it has logged in, before any statement
};

}  // namespace tidemill::tables::server
