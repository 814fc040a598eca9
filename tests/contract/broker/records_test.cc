// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "broker_contract.h"

namespace tidemill::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(BrokerContract, FetchReturnsRecordsInProduceOrder) {
  const std::string topic = fresh_topic();
  EXPECT_EQ(produce(topic, {"a", "b"}), 0);
  EXPECT_EQ(produce(topic, {"c"}), 2);
  EXPECT_THAT(read_all(topic), ElementsAre("a", "b", "c"));
  EXPECT_THAT(read_all(topic, 0, 1), ElementsAre("b", "c"));
}

TEST_P(BrokerContract, KeepsKeyValueHeadersAndTimestamp) {
  const std::string topic = fresh_topic();
  Bytes headers;
  encode_headers({{"trace", as_bytes("42")}, {"none", std::nullopt}}, headers);
  std::vector<NewRecord> records(3);
  records[0].key = as_bytes("k");
  records[0].value = as_bytes("v");
  records[0].timestamp_ms = 1'700'000'000'123;
  records[0].headers = headers;
  records[1].value = as_bytes("");  // no key, empty value
  records[1].timestamp_ms = 1'700'000'000'000;
  records[2].key = as_bytes("tombstone");
  records[2].timestamp_ms = 1'700'000'000'001;
  const auto produced = broker().produce({topic, 0}, records);
  ASSERT_TRUE(produced.ok()) << produced.error().message;
  EXPECT_EQ(produced->timestamp_ms, 1'700'000'000'123);

  const FetchPosition position{{topic, 0}, 0};
  const auto chunks =
      broker().fetch(std::span(&position, 1), {.max_wait = std::chrono::seconds{10}});
  ASSERT_TRUE(chunks.ok());
  ASSERT_EQ(chunks->size(), 1U);
  const RecordChunk& chunk = chunks->front();
  ASSERT_EQ(chunk.records.size(), 3U);
  EXPECT_EQ(as_text(chunk.records[0].key), "k");
  EXPECT_EQ(as_text(chunk.records[0].value), "v");
  EXPECT_EQ(chunk.records[0].timestamp_ms, 1'700'000'000'123);
  const auto read_headers = decode_headers(chunk.records[0].headers);
  ASSERT_TRUE(read_headers.ok());
  ASSERT_EQ(read_headers->size(), 2U);
  EXPECT_EQ((*read_headers)[0].key, "trace");
  EXPECT_FALSE((*read_headers)[1].value.has_value());
  EXPECT_FALSE(chunk.records[1].has_key());
  EXPECT_TRUE(chunk.records[1].has_value());
  EXPECT_EQ(chunk.records[1].value.size(), 0U);
  EXPECT_FALSE(chunk.records[2].has_value());
  EXPECT_EQ(chunk.records[2].offset, 2);
  EXPECT_EQ(chunk.next_offset, 3);
  EXPECT_EQ(chunk.high_watermark, 3);
  EXPECT_EQ(chunk.bytes, 2U + 0U + 9U);
}

TEST_P(BrokerContract, GivesAtLeastOneBatchHoweverSmallTheLimit) {
  const std::string topic = fresh_topic();
  produce(topic, {std::string(5000, 'x')});
  const FetchPosition position{{topic, 0}, 0};
  const auto chunks = broker().fetch(std::span(&position, 1),
                                     {.max_bytes = 1, .max_wait = std::chrono::seconds{10}});
  ASSERT_TRUE(chunks.ok());
  ASSERT_EQ(chunks->size(), 1U);
  EXPECT_EQ(chunks->front().records.size(), 1U);
}

TEST_P(BrokerContract, FetchesSeveralPartitionsInTheOrderAsked) {
  const std::string topic = fresh_topic(3);
  produce(topic, {"zero"}, 0);
  produce(topic, {"two"}, 2);
  const std::vector<FetchPosition> positions{{{topic, 2}, 0}, {{topic, 1}, 0}, {{topic, 0}, 0}};
  std::vector<std::string> values;
  const auto chunks = broker().fetch(positions, {.max_wait = std::chrono::seconds{10}});
  ASSERT_TRUE(chunks.ok()) << chunks.error().message;
  for (const RecordChunk& chunk : *chunks) values.emplace_back(as_text(chunk.records[0].value));
  EXPECT_THAT(values, ElementsAre("two", "zero"));
}

TEST_P(BrokerContract, AnEmptyFetchAnswersAtOnceWithoutWait) {
  const std::string topic = fresh_topic();
  const FetchPosition position{{topic, 0}, 0};
  const auto chunks = broker().fetch(std::span(&position, 1), {});
  ASSERT_TRUE(chunks.ok());
  EXPECT_THAT(*chunks, IsEmpty());
}

TEST_P(BrokerContract, AWaitingFetchWakesWhenARecordArrives) {
  const std::string topic = fresh_topic();
  std::jthread writer([&] { produce(topic, {"late"}); });
  const FetchPosition position{{topic, 0}, 0};
  const auto chunks =
      broker().fetch(std::span(&position, 1), {.max_wait = std::chrono::seconds{30}});
  ASSERT_TRUE(chunks.ok());
  ASSERT_EQ(chunks->size(), 1U);
  EXPECT_EQ(as_text(chunks->front().records[0].value), "late");
}

TEST_P(BrokerContract, RefusesAnOffsetOutOfRange) {
  const std::string topic = fresh_topic();
  produce(topic, {"a"});
  for (const std::int64_t offset : {std::int64_t{-5}, std::int64_t{7}}) {
    const FetchPosition position{{topic, 0}, offset};
    const auto chunks =
        broker().fetch(std::span(&position, 1), {.max_wait = std::chrono::milliseconds{500}});
    ASSERT_FALSE(chunks.ok());
    EXPECT_EQ(chunks.error().code, ErrorCode::InvalidArgument);
  }
}

TEST_P(BrokerContract, RefusesARecordAboveTheTopicsLimit) {
  const std::string topic = fresh_topic(1, {{"max.message.bytes", "1000"}});
  NewRecord record;
  const std::string value(2000, 'x');
  record.value = as_bytes(value);
  EXPECT_EQ(broker().produce({topic, 0}, std::span(&record, 1)).error().code, ErrorCode::TooLarge);
  // Many small ones are fine: they go in several batches.
  produce(topic, std::vector<std::string>(100, std::string(100, 'y')));
  EXPECT_EQ(read_all(topic).size(), 100U);
}

TEST_P(BrokerContract, FindsOffsetsByTime) {
  const std::string topic = fresh_topic();
  const std::int64_t base = 1'700'000'000'000;
  for (int i = 0; i < 20; ++i) produce(topic, {"r"}, 0, base + i * 10);
  const TopicPartition source{topic, 0};
  const auto at = [&](std::int64_t time) {
    return broker().find_offset(source, OffsetSpec::Timestamp, time).value();
  };
  EXPECT_EQ(at(base - 5), 0);
  EXPECT_EQ(at(base), 0);
  EXPECT_EQ(at(base + 1), 1);
  EXPECT_EQ(at(base + 100), 10);
  EXPECT_EQ(at(base + 191), 20);
  EXPECT_EQ(broker().find_offset(source, OffsetSpec::Earliest).value(), 0);
  EXPECT_EQ(broker().find_offset(source, OffsetSpec::Latest).value(), 20);
}

TEST_P(BrokerContract, KeepsCommittedOffsetsWithTheirMetadata) {
  const std::string topic = fresh_topic(2);
  const std::string group = fresh_name("group");
  EXPECT_THAT(broker().committed_offsets(group).value(), IsEmpty());
  const std::vector<CommittedOffset> offsets{{{topic, 0}, 5, "note"}, {{topic, 1}, 7, ""}};
  ASSERT_TRUE(broker().commit_offsets(group, offsets).ok());
  restart();
  const auto found = broker().committed_offsets(group);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].offset, 5);
  EXPECT_EQ((*found)[0].metadata, "note");
  EXPECT_EQ((*found)[1].offset, 7);
  const auto described = broker().describe_group(group);
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->state, "Empty");
}

TEST_P(BrokerContract, ManyThreadsProduceAndEveryRecordIsThereOnce) {
  const std::string topic = fresh_topic(2);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          produce(topic, {std::to_string(t) + ":" + std::to_string(i)}, t % 2);
        }
      });
    }
  }
  for (std::int32_t partition = 0; partition < 2; ++partition) {
    auto values = read_all(topic, partition);
    EXPECT_EQ(values.size(), 100U);
    std::ranges::sort(values);
    EXPECT_EQ(std::ranges::unique(values).size(), 0U);
  }
}

}  // namespace
}  // namespace tidemill::broker
