// SPDX-License-Identifier: Apache-2.0
// Listens for Kafka clients.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "broker/api/request_context.h"
#include "broker/server/connection.h"
#include "runtime/listener.h"

namespace tidemill::broker::server {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9092;  // 0: a free one
  // What clients are told to connect to; empty and 0: where the asking client did connect to.
  std::string advertised_host = {};
  std::uint16_t advertised_port = 0;
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 0;       // 0: no limit of its own
  std::size_t request_memory_bytes_max = 512 << 20;  // large requests of all connections together
  ConnectionLimits limits = {};
  SessionLimits session_limits = {};
  std::shared_ptr<const TlsContext> tls = nullptr;  // null: plain text
  std::chrono::milliseconds stop_grace{1'000};      // for answers under way
};

// All outlive the server.
struct ServerRuntime {
  IoThreads& io;
  Metrics& metrics;
};

// Thread:   start() and stop() from a thread that runs no I/O.
// Lifetime: stop() (or the destructor) refuses new connections and requests, lets answers under way
//           leave, answers joins and syncs that wait with NOT_COORDINATOR, then closes. Appends
//           that are not durable yet complete later, into the void: close the broker before the I/O
//           threads go.
class KafkaServer {
 public:
  // Fails with the address when it cannot listen.
  static Result<std::unique_ptr<KafkaServer>> start(ServerOptions options, api::Services services,
                                                    ServerRuntime runtime);
  virtual ~KafkaServer() = default;
  virtual std::uint16_t port() const = 0;
  virtual void stop() = 0;
};

}  // namespace tidemill::broker::server
