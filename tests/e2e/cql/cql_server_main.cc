// SPDX-License-Identifier: Apache-2.0
// The tables and their CQL server alone, for clients and load generators to be pointed at:
//   tidemill_cql_server FOLDER PORT [batch|periodic]
// Prints "listening on PORT" and runs until SIGTERM.
#include <fmt/core.h>

#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <cstring>
#include <latch>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "tables/server/cql_server.h"

using namespace tidemill;

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} FOLDER PORT [batch|periodic]\n", argv[0]);
    return 2;
  }
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  tables::embedded::StoreOptions options;
  options.path = argv[1];
  if (argc > 3 && std::strcmp(argv[3], "periodic") == 0) {
    options.durability = tables::embedded::Durability::Periodic;
  }
  auto store = tables::embedded::Store::open(options, clock, random);
  if (!store.ok()) {
    fmt::print(stderr, "{}\n", store.error().message);
    return 1;
  }
  auto node = tables::statements::load_node(**store, random);
  if (!node.ok()) return 1;
  tables::statements::Executor executor(**store, clock, random, *node);
  IoThreads io(2);
  BlockingPool blocking(4);
  tables::server::ServerOptions server_options;
  server_options.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  auto server =
      tables::server::CqlServer::start(server_options, executor, {io, blocking, metrics, clock});
  if (!server.ok()) {
    fmt::print(stderr, "{}\n", server.error().message);
    return 1;
  }
  fmt::print("listening on {}\n", (*server)->port());
  std::fflush(stdout);
  std::latch stopped(1);
  asio::signal_set signals(io.at(0), SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { stopped.count_down(); });
  stopped.wait();
  (*server)->stop();
  (*store)->close();
  blocking.stop();
  io.stop();
  return 0;
}
