// SPDX-License-Identifier: Apache-2.0
#include "broker_contract.h"

#include <unistd.h>

#include <atomic>

namespace tidemill::broker {

std::string BrokerContract::fresh_name(std::string_view what) {
  static std::atomic<int> count{0};
  return std::string(what) + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

std::string BrokerContract::fresh_topic(std::int32_t partitions,
                                        std::map<std::string, std::string> configs) {
  std::string name = fresh_name("contract");
  const auto made = broker().create_topic({name, partitions, std::move(configs)});
  EXPECT_TRUE(made.ok()) << made.error().message;
  return name;
}

namespace {

std::vector<NewRecord> records_of(const std::vector<std::string>& values,
                                  std::int64_t timestamp_ms) {
  std::vector<NewRecord> records;
  for (const std::string& value : values) {
    NewRecord record;
    record.key = as_bytes("key");
    record.value = as_bytes(value);
    record.timestamp_ms = timestamp_ms;
    records.push_back(record);
  }
  return records;
}

}  // namespace

std::int64_t BrokerContract::produce(const std::string& topic, std::vector<std::string> values,
                                     std::int32_t partition, std::int64_t timestamp_ms) {
  const auto produced = broker().produce({topic, partition}, records_of(values, timestamp_ms));
  EXPECT_TRUE(produced.ok()) << produced.error().message;
  return produced.ok() ? produced->base_offset : -1;
}

Result<> BrokerContract::write(TransactionalWriter& writer, const std::string& topic,
                               std::vector<std::string> values, std::int32_t partition) {
  return writer.write({topic, partition}, records_of(values, -1));
}

std::vector<std::string> BrokerContract::read_all(const std::string& topic, std::int32_t partition,
                                                  std::int64_t offset, Isolation isolation) {
  const TopicPartition source{topic, partition};
  std::vector<std::string> values;
  const auto end = broker().find_offset(source, OffsetSpec::Latest, -1, isolation);
  EXPECT_TRUE(end.ok()) << end.error().message;
  while (end.ok() && offset < *end) {
    const FetchPosition position{source, offset};
    const auto chunks = broker().fetch(
        std::span(&position, 1),
        {.max_bytes = 100, .max_wait = std::chrono::seconds{10}, .isolation = isolation});
    EXPECT_TRUE(chunks.ok()) << chunks.error().message;
    if (!chunks.ok() || chunks->empty()) break;
    for (const RecordView& record : chunks->front().records) {
      values.emplace_back(as_text(record.value));
    }
    offset = chunks->front().next_offset;
  }
  return values;
}

}  // namespace tidemill::broker
