// SPDX-License-Identifier: Apache-2.0
// The embedded broker and its Kafka server alone, for tests with real clients:
//   tidemill_kafka_server FOLDER [PORT [DURABILITY]]
// Prints "ready on PORT"; ends on SIGTERM or SIGINT.
#include <fmt/core.h>
#include <signal.h>

#include <cstdio>
#include <string>

#include "broker/server/kafka_server.h"
#include "runtime/log.h"

using namespace tidemill;
using namespace tidemill::broker;

namespace {

Result<> run(const std::string& folder, std::uint16_t port, const std::string& durability) {
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread starts

  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  RealDisk disk;
  IoThreads io(2);
  BlockingPool blocking(4);

  embedded::EmbeddedOptions options;
  options.folder = folder;
  options.default_partitions = 4;
  if (durability == "os") options.default_durability = embedded::Durability::Os;
  if (durability == "interval") options.default_durability = embedded::Durability::Interval;
  auto broker = TRY(embedded::EmbeddedBroker::open(
      std::move(options), {.clock = clock, .disk = disk, .random = random, .metrics = metrics}));
  groups::GroupCoordinator coordinator(broker->offset_store(), clock, random, {});
  TRY(coordinator.load());
  broker->set_group_directory(&coordinator);

  auto server = TRY(server::KafkaServer::start({.port = port},
                                               {.broker = *broker,
                                                .groups = coordinator,
                                                .blocking = blocking,
                                                .clock = clock,
                                                .options = {}},
                                               {.io = io, .metrics = metrics}));
  fmt::print("ready on {}\n", server->port());
  std::fflush(stdout);

  int signal = 0;
  ::sigwait(&ends, &signal);
  server->stop();
  TRY(broker->close());
  broker.reset();
  blocking.stop();
  io.stop();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FOLDER [PORT [sync|interval|os]]\n", argv[0]);
    return 2;
  }
  configure_log(LogLevel::Info, LogFormat::Text);
  const auto port = static_cast<std::uint16_t>(argc > 2 ? std::stoi(argv[2]) : 0);
  const Result<> outcome = run(argv[1], port, argc > 3 ? argv[3] : "sync");
  if (outcome.ok()) return 0;
  fmt::print(stderr, "{}\n", outcome.error().message);
  return 1;
}
