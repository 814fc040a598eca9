// SPDX-License-Identifier: Apache-2.0
// Produces with librdkafka and acks=all, waits for every acknowledgement, prints one JSON object.
//   kafka_load bytes BOOTSTRAP TOPIC COUNT SIZE    records of SIZE bytes
//   kafka_load users BOOTSTRAP TOPIC COUNT SEED    records of the users pipeline
// The records are made before the clock starts, unless they are more than a million.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "user_records.h"

namespace {

constexpr std::size_t kPoolMax = 1'000'000;
long failed = 0;
long acknowledged = 0;

[[noreturn]] void give_up(const char* what, const char* why) {
  std::fprintf(stderr, "error: %s: %s\n", what, why);
  std::exit(1);
}

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (failed++ == 0) std::fprintf(stderr, "not delivered: %s\n", rd_kafka_err2str(message->err));
  } else {
    ++acknowledged;
  }
}

rd_kafka_t* make_producer(const char* bootstrap) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> settings[] = {
      {"bootstrap.servers", bootstrap},
      {"acks", "all"},
      {"linger.ms", "5"},
      {"batch.size", "1000000"},
      {"log_level", "3"},
      {"queue.buffering.max.messages", "500000"},
      {"queue.buffering.max.kbytes", "524288"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK)
      give_up(name, text);
  }
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (producer == nullptr) give_up("producer", text);
  return producer;
}

std::vector<std::string> make_records(bool users, std::size_t count, std::uint64_t number) {
  std::vector<std::string> pool;
  if (users) {
    tidemill::bench::UserRecords records(number, {});
    for (std::size_t i = 0; i < count; ++i) pool.push_back(records.next());
    return pool;
  }
  tidemill::bench::UserRecords records(1, {});
  for (std::size_t i = 0; i < 4096; ++i) {
    std::string value;
    while (value.size() < number) value += records.next();
    value.resize(number);
    pool.push_back(std::move(value));
  }
  return pool;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) give_up("usage", "kafka_load bytes|users BOOTSTRAP TOPIC COUNT SIZE|SEED");
  const bool users = std::strcmp(argv[1], "users") == 0;
  const auto count = static_cast<std::size_t>(std::atoll(argv[4]));
  if (users && count > 4 * kPoolMax) give_up("COUNT", "four million users at most");
  const auto pool = make_records(users, count, static_cast<std::uint64_t>(std::atoll(argv[5])));
  rd_kafka_t* producer = make_producer(argv[2]);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, argv[3], nullptr);
  // The connection and the topic's metadata are not part of the rate.
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(producer, 0, topic, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    give_up("metadata", "no answer");
  }
  const int partitions = metadata->topic_cnt > 0 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0) give_up("topic", "has no partitions");
  std::size_t bytes = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& value = pool[i % pool.size()];
    bytes += value.size();
    // Long runs of one partition make full batches, as a keyless producer's sticky partitioner
    // does.
    const auto partition =
        static_cast<std::int32_t>((i / 2048) % static_cast<std::size_t>(partitions));
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                            value.size(), nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        give_up("produce", rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(producer, 10);
    }
    if (i % 1024 == 0) rd_kafka_poll(producer, 0);
  }
  rd_kafka_flush(producer, 120'000);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf(
      "{\"records\": %ld, \"failed\": %ld, \"bytes\": %zu, \"seconds\": %.3f, \"per_second\": "
      "%.0f, \"mib_per_second\": %.1f}\n",
      acknowledged, failed, bytes, seconds, static_cast<double>(acknowledged) / seconds,
      static_cast<double>(bytes) / seconds / 1048576);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return failed == 0 && acknowledged == static_cast<long>(count) ? 0 : 1;
}
