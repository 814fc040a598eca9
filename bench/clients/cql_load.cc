// SPDX-License-Identifier: Apache-2.0
// Prepared inserts over loopback: cql_load PORT COUNT CONNECTIONS IN_FLIGHT
// IN_FLIGHT is per connection. Prints one JSON object.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "cql_connection.h"

namespace tidemill::bench {
namespace {

constexpr std::string_view kText = "a value of about the length that a column of a row often has";

// `count` inserts of keys from `first` on, at most `window` of them unanswered.
void insert(int port, std::int32_t first, std::int32_t count, std::int32_t window) {
  CqlConnection connection(port);
  const std::string id =
      connection.prepare("INSERT INTO bench.inserted (k, a, b, c) VALUES (?, ?, ?, ?)");
  std::string values;
  std::int32_t sent = 0;
  for (std::int32_t answered = 0; answered < count;) {
    for (; sent < count && sent - answered < window; ++sent) {
      values.clear();
      append_int(values, 4);
      append_int(values, first + sent);
      append_bytes(values, kText);
      append_bytes(values, kText.substr(0, 20));
      append_int(values, 4);
      append_int(values, sent);
      connection.execute(static_cast<std::uint16_t>(sent % 30'000), id, 4, values);
    }
    connection.send();
    do {
      connection.receive();
      ++answered;
    } while (connection.has_answer());
  }
}

int run(int port, std::int32_t count, std::int32_t connections, std::int32_t window) {
  CqlConnection control(port);
  control.query(
      "CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'SimpleStrategy', "
      "'replication_factor': 1}");
  control.query(
      "CREATE TABLE IF NOT EXISTS bench.inserted (k int PRIMARY KEY, a text, b text, c int)");
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  const std::int32_t share = count / connections;
  for (std::int32_t i = 0; i < connections; ++i)
    threads.emplace_back(insert, port, i * share, share, window);
  for (auto& thread : threads) thread.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("{\"inserts\": %d, \"seconds\": %.3f, \"per_second\": %.0f}\n", share * connections,
              seconds, share * connections / seconds);
  return 0;
}

}  // namespace
}  // namespace tidemill::bench

int main(int argc, char** argv) {
  if (argc != 5) tidemill::bench::give_up("usage: cql_load PORT COUNT CONNECTIONS IN_FLIGHT");
  return tidemill::bench::run(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]),
                              std::atoi(argv[4]));
}
