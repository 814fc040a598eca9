// SPDX-License-Identifier: Apache-2.0
// Produce, Fetch and their relatives over a connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/server/test_broker.h"
#include "wire/kafka/delete_records.h"
#include "wire/kafka/fetch.h"
#include "wire/kafka/init_producer_id.h"
#include "wire/kafka/list_offsets.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/offset_for_leader_epoch.h"
#include "wire/kafka/produce.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;
using Produced = ProduceResponse::Topic::Partition;
using Fetched = FetchResponse::Topic::Partition;
using server::TestClient;
using testing::SizeIs;

class RecordsApiTest : public server::BrokerTest {
 protected:
  RecordsApiTest() {
    create_topic("orders");
    client_ = connect();
  }

  Produced produce(BytesView batch, std::int16_t acks = -1, const std::string& topic = "orders") {
    ProduceRequest request;
    request.acks = acks;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic;
    wanted.partitions.push_back({.index = 0, .records = records_of(batch)});
    return client_->call<ProduceResponse>(request, 9).topics[0].partitions[0];
  }

  FetchRequest fetch_request(std::int64_t offset, std::int32_t wait_ms = 0) {
    FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    auto& wanted = request.topics.emplace_back();
    wanted.topic = "orders";
    wanted.topic_id = broker_->find_topic("orders")->id;
    wanted.partitions.push_back(
        {.index = 0, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
    return request;
  }

  Fetched fetch(std::int64_t offset, std::int16_t version = 12) {
    return client_->call<FetchResponse>(fetch_request(offset), version).topics[0].partitions[0];
  }

  std::unique_ptr<TestClient> client_;
};

TEST_F(RecordsApiTest, GivesBackTheBatchThatHoldsTheOffset) {
  EXPECT_EQ(produce(batch_of({"a", "b", "c"})).base_offset, 0);
  EXPECT_EQ(produce(batch_of({"d"})).base_offset, 3);
  for (std::int16_t version = 4; version <= 18; ++version) {
    const Fetched found = fetch(1, version);
    EXPECT_EQ(found.error_code, KafkaError::None) << version;
    EXPECT_EQ(found.high_watermark, 4) << version;
    const Bytes set = found.records.copy();
    const auto header = parse_batch_header(set);
    ASSERT_TRUE(header.ok()) << version;
    EXPECT_EQ(header->base_offset, 0);
    EXPECT_EQ(header->record_count, 3);
  }
}

TEST_F(RecordsApiTest, RefusesBatchesThatDoNotHold) {
  Bytes broken = batch_of({"a"});
  broken.back() ^= 1;
  EXPECT_EQ(produce(broken).error_code, KafkaError::CorruptMessage);
  Bytes two = batch_of({"a"});
  const Bytes one = two;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_EQ(produce(two).error_code, KafkaError::InvalidRecord);
  EXPECT_EQ(produce({}).error_code, KafkaError::InvalidRecord);
  EXPECT_EQ(produce(one, 2).error_code, KafkaError::InvalidRequiredAcks);
  EXPECT_EQ(produce(one, -1, "missing").error_code, KafkaError::UnknownTopicOrPartition);
  EXPECT_EQ(produce(one, -1, "__consumer_offsets").error_code, KafkaError::InvalidTopicException);
  const std::string large(2'000'000, 'x');
  EXPECT_EQ(produce(batch_of({large})).error_code, KafkaError::MessageTooLarge);
  EXPECT_EQ(broker_->find_partition("orders", 0)->offsets().log_end_offset, 0);
}

TEST_F(RecordsApiTest, AppendsEachBatchOfAnIdempotentProducerOnce) {
  const auto init = client_->call<InitProducerIdResponse>(InitProducerIdRequest{}, 4);
  ASSERT_EQ(init.error_code, KafkaError::None);
  const auto batch = [&](std::int32_t sequence) {
    return batch_of({"a", "b"}, {.id = init.producer_id,
                                 .epoch = init.producer_epoch,
                                 .base_sequence = sequence,
                                 .transactional = false});
  };
  EXPECT_EQ(produce(batch(0)).base_offset, 0);
  EXPECT_EQ(produce(batch(2)).base_offset, 2);
  EXPECT_EQ(produce(batch(0)).base_offset, 0) << "a retry";
  EXPECT_EQ(produce(batch(9)).error_code, KafkaError::OutOfOrderSequenceNumber);
}

TEST_F(RecordsApiTest, RefusesOffsetsOutsideTheLog) {
  produce(batch_of({"a"}));
  EXPECT_EQ(fetch(2).error_code, KafkaError::OffsetOutOfRange);
  EXPECT_EQ(fetch(-1).error_code, KafkaError::OffsetOutOfRange);
  EXPECT_EQ(fetch(1).error_code, KafkaError::None);
  EXPECT_EQ(fetch(1).records.size(), 0u);
}

TEST_F(RecordsApiTest, WakesAWaitingFetchWhenItsTopicIsDeleted) {
  const std::int32_t id = client_->send(fetch_request(0, 200'000), 12);
  const auto deleted = broker_->delete_topic("orders");
  ASSERT_TRUE(deleted.ok());
  const auto response = client_->receive<FetchResponse>(id, 12);
  EXPECT_NE(response.topics[0].partitions[0].error_code, KafkaError::None);
}

TEST_F(RecordsApiTest, KnowsATopicByItsIdUntilItIsDeleted) {
  produce(batch_of({"a"}));
  const FetchRequest request = fetch_request(0);
  EXPECT_GT(client_->call<FetchResponse>(request, 13).topics[0].partitions[0].records.size(), 0u);
  ASSERT_TRUE(broker_->delete_topic("orders").ok());
  create_topic("orders");
  const auto stale = client_->call<FetchResponse>(request, 13);
  EXPECT_EQ(stale.topics[0].partitions[0].error_code, KafkaError::UnknownTopicId);
}

TEST_F(RecordsApiTest, KeepsNoFetchSessions) {
  FetchRequest request = fetch_request(0);
  request.session_epoch = 0;
  EXPECT_EQ(client_->call<FetchResponse>(request, 12).session_id, 0);
  request.session_id = 77;
  EXPECT_EQ(client_->call<FetchResponse>(request, 12).error_code,
            KafkaError::FetchSessionIdNotFound);
}

TEST_F(RecordsApiTest, FindsOffsetsByTimeAndByTheirSpecialNames) {
  produce(batch_of({"a", "b"}), 1);
  const auto list = [&](std::int64_t timestamp, std::int16_t version = 11) {
    ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.push_back({.index = 0, .timestamp = timestamp});
    return client_->call<ListOffsetsResponse>(request, version).topics[0].partitions[0];
  };
  EXPECT_EQ(list(-1).offset, 2) << "acknowledged with acks=1, so it is found";
  EXPECT_EQ(list(-2).offset, 0);
  EXPECT_EQ(list(-3).offset, 0);
  EXPECT_EQ(list(-4).offset, 0);
  EXPECT_EQ(list(-5).offset, -1);
  EXPECT_EQ(list(0).offset, 0);
  EXPECT_EQ(list(clock_.wall_ms() + 1'000'000).offset, -1);
  EXPECT_EQ(list(-3, 6).error_code, KafkaError::UnsupportedVersion);
  EXPECT_EQ(list(-7).error_code, KafkaError::UnsupportedVersion);
}

TEST_F(RecordsApiTest, MovesTheLogStart) {
  produce(batch_of({"a", "b"}));
  produce(batch_of({"c"}));
  DeleteRecordsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.push_back({.index = 0, .offset = 2});
  const auto moved = client_->call<DeleteRecordsResponse>(request, 2).topics[0].partitions[0];
  EXPECT_EQ(moved.error_code, KafkaError::None);
  EXPECT_EQ(moved.low_watermark, 2);
  EXPECT_EQ(fetch(1).error_code, KafkaError::OffsetOutOfRange);
  request.topics[0].partitions[0].offset = 9;
  EXPECT_EQ(client_->call<DeleteRecordsResponse>(request, 2).topics[0].partitions[0].error_code,
            KafkaError::OffsetOutOfRange);
}

TEST_F(RecordsApiTest, FencesReadersOfOtherLeaderEpochs) {
  produce(batch_of({"a"}));
  OffsetForLeaderEpochRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  const std::int32_t epoch = broker_->find_partition("orders", 0)->leader_epoch();
  topic.partitions.push_back(
      {.index = 0, .current_leader_epoch = epoch + 1, .leader_epoch = epoch});
  const auto ask = [&] {
    return client_->call<OffsetForLeaderEpochResponse>(request, 4).topics[0].partitions[0];
  };
  EXPECT_EQ(ask().error_code, KafkaError::UnknownLeaderEpoch);
  request.topics[0].partitions[0].current_leader_epoch = epoch;
  EXPECT_EQ(ask().end_offset, 1);
  EXPECT_EQ(ask().leader_epoch, epoch);
}

TEST_F(RecordsApiTest, CreatesATopicThatMetadataAsksFor) {
  MetadataRequest request;
  request.topics.emplace().push_back({.topic_id = {}, .name = "fresh"});
  EXPECT_EQ(client_->call<MetadataResponse>(request, 12).topics[0].error_code,
            KafkaError::UnknownTopicOrPartition);
  const auto there = client_->call<MetadataResponse>(request, 12).topics[0];
  EXPECT_EQ(there.error_code, KafkaError::None);
  EXPECT_THAT(there.partitions, SizeIs(1));
  request.topics->at(0) = {.topic_id = there.topic_id, .name = ""};
  EXPECT_EQ(client_->call<MetadataResponse>(request, 12).topics[0].name, "fresh");
  request.topics->at(0) = {.topic_id = {}, .name = "no/name"};
  EXPECT_EQ(client_->call<MetadataResponse>(request, 12).topics[0].error_code,
            KafkaError::InvalidTopicException);
  request.topics->at(0).name = "unwanted";
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(client_->call<MetadataResponse>(request, 12).topics[0].error_code,
            KafkaError::UnknownTopicOrPartition);
  EXPECT_EQ(broker_->find_topic("unwanted"), nullptr);
}

}  // namespace
}  // namespace tidemill::broker::api
