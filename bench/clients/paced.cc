// SPDX-License-Identifier: Apache-2.0
// From the moment a record should be sent until its row is there: users at a steady rate through
// librdkafka, every so many of them looked for over CQL until found. Counts from the schedule, so a
// stall is not hidden.
//   paced BOOTSTRAP TOPIC CQL_PORT TABLE uuid|text RATE SECONDS
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cql_connection.h"
#include "user_records.h"

namespace tidemill::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kSamplesPerSecond = 200;
constexpr double kWarmUpSeconds = 3;
constexpr auto kPollPause = std::chrono::milliseconds(1);
constexpr auto kGiveUpAfter = std::chrono::seconds(20);

struct Sample {
  std::string key;  // [bytes] of the protocol
  Clock::time_point due;
};

// What the producer hands to the reader.
struct Samples {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Sample> waiting;
  bool ended = false;
};

std::string key_of(const std::string& id, bool uuid) {
  std::string key;
  if (!uuid) {
    append_bytes(key, id);
    return key;
  }
  append_int(key, 16);
  std::string digits;
  for (const char c : id) {
    if (c != '-') digits += c;
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    key += static_cast<char>(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16));
  }
  return key;
}

void produce(rd_kafka_t* producer, const char* topic, int rate, int seconds, bool uuid,
             Samples& samples) {
  UserRecords records(std::chrono::system_clock::now().time_since_epoch().count() & 0xFFFFFF,
                      {.invalid = 0, .repeated = 0});
  const auto begin = Clock::now();
  const int every = std::max(1, rate / kSamplesPerSecond);
  std::mutex mutex;
  std::condition_variable timer;
  for (int i = 0; i < rate * seconds; ++i) {
    const auto due = begin + std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * i / rate));
    if (due > Clock::now()) {
      rd_kafka_poll(producer, 0);
      std::unique_lock lock(mutex);
      timer.wait_until(lock, due);
    }
    const std::string& value = records.next();
    if (rd_kafka_producev(
            producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END) != 0) {
      give_up("the producer's queue is full");
    }
    if (i % every == 0 && i >= static_cast<int>(kWarmUpSeconds * rate)) {
      const std::lock_guard lock(samples.mutex);
      samples.waiting.push_back({.key = key_of(records.id(), uuid), .due = due});
    }
  }
  rd_kafka_flush(producer, 30'000);
  const std::lock_guard lock(samples.mutex);
  samples.ended = true;
}

// Milliseconds of each sample.
std::vector<double> look(int port, const std::string& table, Samples& samples) {
  CqlConnection connection(port);
  const std::string id = connection.prepare("SELECT id FROM " + table + " WHERE id = ?");
  std::vector<double> latencies;
  std::vector<Sample> open;
  while (true) {
    {
      std::unique_lock lock(samples.mutex);
      samples.changed.wait_for(lock, kPollPause);
      open.insert(open.end(), samples.waiting.begin(), samples.waiting.end());
      samples.waiting.clear();
      if (open.empty() && samples.ended) return latencies;
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
      connection.execute(static_cast<std::uint16_t>(i), id, 1, open[i].key);
    }
    connection.send();
    std::vector<bool> found(open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto answer = connection.receive();
      const std::size_t rows_at = (int_at(answer.body, 4) & 4) != 0 ? 12 : 0;  // without metadata
      if (rows_at == 0) give_up("the server sent metadata although it was told to skip it");
      if (int_at(answer.body, rows_at) == 0) continue;
      found[answer.stream] = true;
      latencies.push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - open[answer.stream].due)
              .count());
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (found[i]) continue;
      if (Clock::now() - open[i].due > kGiveUpAfter) give_up("a row did not come within 20 s");
      if (kept != i) open[kept] = std::move(open[i]);
      ++kept;
    }
    open.resize(kept);
  }
}

int run(char** argv) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", static_cast<const char*>(argv[1])},
        {"acks", "all"},
        {"linger.ms", "1"},
        {"log_level", "3"},
        {"queue.buffering.max.messages", "1000000"}}) {
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) give_up(text);
  }
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (producer == nullptr) give_up(text);
  Samples samples;
  const bool uuid = std::string_view(argv[5]) == "uuid";
  std::thread sender(
      [&] { produce(producer, argv[2], std::atoi(argv[6]), std::atoi(argv[7]), uuid, samples); });
  auto latencies = look(std::atoi(argv[3]), argv[4], samples);
  sender.join();
  rd_kafka_destroy(producer);
  if (latencies.empty()) give_up("no samples");
  std::ranges::sort(latencies);
  const auto at = [&](double share) {
    return latencies[std::min(
        latencies.size() - 1,
        static_cast<std::size_t>(share * static_cast<double>(latencies.size())))];
  };
  std::printf("{\"samples\": %zu, \"p50\": %.2f, \"p95\": %.2f, \"p99\": %.2f, \"max\": %.2f}\n",
              latencies.size(), at(0.5), at(0.95), at(0.99), latencies.back());
  return 0;
}

}  // namespace
}  // namespace tidemill::bench

int main(int argc, char** argv) {
  if (argc != 8)
    tidemill::bench::give_up("usage: paced BOOTSTRAP TOPIC CQL_PORT TABLE uuid|text RATE SECONDS");
  return tidemill::bench::run(argv);
}
