// SPDX-License-Identifier: Apache-2.0
// Accepts connections on one address and spreads them over the I/O threads. What they speak is the
// sessions' business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "runtime/session.h"
#include "runtime/threads.h"

namespace tidemill {

struct ListenerOptions {
  std::string name = {};  // label of the metrics: "kafka"
  std::string part = {};  // in log lines: "broker.server"
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;        // 0: a free one
  std::string port_option = {};  // "broker.port", for the message when the port is taken
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 0;  // 0: no limit of its own
  SessionLimits limits = {};
  std::shared_ptr<const TlsContext> tls = nullptr;  // null: none
  std::chrono::milliseconds stop_grace{1'000};      // for answers under way
  std::chrono::milliseconds sweep_interval{1'000};  // how often overdue sessions are looked for
};

// All outlive the listener.
struct ListenerRuntime {
  IoThreads& io;
  Clock& clock;
  Metrics& metrics;
};

// Called on the I/O thread on which the session will live.
using MakeSession = std::function<std::shared_ptr<Session>(SessionStart)>;

// Thread:   open(), start(), stop() from a thread that runs no I/O; each() from any.
// Lifetime: stop() (or the destructor) before what the sessions use goes.
class Listener {
 public:
  // Takes the port. Fails with the address when it cannot.
  static Result<std::unique_ptr<Listener>> open(ListenerOptions options, ListenerRuntime runtime,
                                                MakeSession make_session);
  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;
  // The address it is bound to, as text.
  virtual std::string address() const = 0;
  // Lets clients in.
  virtual void start() = 0;
  // Calls the function for every session, each on its own thread; returns before that.
  virtual void each(const std::function<void(Session&)>& function) = 0;
  // Lets nobody in any more and drains the sessions: for owners that have something to release
  // before sessions can end. stop() does it too.
  virtual void refuse_new() = 0;
  // Waits a grace for sessions to end, then ends them. No session's task runs once it returns.
  virtual void stop() = 0;
};

}  // namespace tidemill
