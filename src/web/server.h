// SPDX-License-Identifier: Apache-2.0
// The HTTP server: console, REST, metrics and the live WebSocket on one port.
#pragma once

#include <memory>
#include <string>

#include "runtime/threads.h"
#include "web/services.h"

namespace tidemill::web {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: a free one
  std::size_t request_bytes_max = 16 * 1024 * 1024;
  std::size_t connections_max = 1000;
};

// Thread:   listen() and stop() from the main thread.
// Lifetime: services, threads and pool outlive it; stop() before the parts it serves.
class Server {
 public:
  virtual ~Server() = default;
  // The port it listens on.
  virtual std::uint16_t port() const = 0;
  virtual void stop() = 0;
};

Result<std::unique_ptr<Server>> listen(const ServerOptions& options, Services& services,
                                       IoThreads& threads, BlockingPool& pool);

}  // namespace tidemill::web
