// SPDX-License-Identifier: Apache-2.0
// Listens for CQL clients (native protocol v3 to v5).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/listener.h"
#include "runtime/metrics.h"
#include "runtime/threads.h"
#include "security/user_store.h"
#include "tables/statements/executor.h"

namespace tidemill::tables::server {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9042;  // 0: a free one
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 0;  // 0: no limit of its own
  std::size_t frame_bytes_max = 16U << 20;
  // Requests of one connection read but not answered, and bytes of answers not sent: above,
  // reading pauses.
  std::size_t requests_in_flight_max = 4096;
  std::size_t response_bytes_queued_max = 64U << 20;
  SessionLimits session_limits = {.idle_timeout = std::chrono::milliseconds(0)};
  std::shared_ptr<const TlsContext> tls = nullptr;  // null: plain text
  // PasswordAuthenticator; null: AllowAllAuthenticator. Outlives the server and its connections.
  const security::UserStore* users = nullptr;
  std::chrono::milliseconds stop_grace{1'000};
};

// All outlive the server.
struct ServerRuntime {
  IoThreads& io;
  BlockingPool& blocking;
  Metrics& metrics;
  Clock& clock;
};

// Thread:   start() and stop() from a thread that runs no I/O.
// Lifetime: stop() (or the destructor) refuses new connections and requests, waits for those under
//           way, then closes.
class CqlServer {
 public:
  // Fails with the address when it cannot listen.
  static Result<std::unique_ptr<CqlServer>> start(ServerOptions options,
                                                  statements::Executor& executor,
                                                  ServerRuntime runtime);
  virtual ~CqlServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual void stop() = 0;
};

}  // namespace tidemill::tables::server
