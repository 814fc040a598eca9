// SPDX-License-Identifier: Apache-2.0
// Connections: order, bounds, what closes them, stop.
#include "broker/server/kafka_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "broker/server/test_broker.h"
#include "wire/kafka/api_versions.h"
#include "wire/kafka/fetch.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/produce.h"

namespace tidemill::broker::server {
namespace {

using namespace wire::kafka;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

using KafkaServerTest = BrokerTest;

ProduceRequest produce(const std::string& topic, BytesView batch, std::int16_t acks = -1) {
  ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 1000;
  request.topics.push_back({.name = topic, .topic_id = {}, .partitions = {}});
  request.topics[0].partitions.push_back({.index = 0, .records = records_of(batch)});
  return request;
}

FetchRequest fetch(const std::string& topic, std::int64_t offset, std::int32_t wait_ms,
                   std::int32_t min_bytes = 1) {
  FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = min_bytes;
  request.topics.push_back({.topic = topic, .topic_id = {}, .partitions = {}});
  request.topics[0].partitions.push_back(
      {.index = 0, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
  return request;
}

TEST_F(KafkaServerTest, ListsItsApisInEveryVersion) {
  const auto client = connect();
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto response = client->call<ApiVersionsResponse>(
        ApiVersionsRequest{.client_software_name = "test", .client_software_version = "1"},
        version);
    EXPECT_EQ(response.error_code, KafkaError::None);
    EXPECT_THAT(response.api_keys, SizeIs(api::api_table().size()));
    EXPECT_EQ(response.api_keys[0].min_version, 0)
        << "older librdkafka stops compressing otherwise";
  }
  const auto refused = client->call<ApiVersionsResponse>(
      ApiVersionsRequest{.client_software_name = "-", .client_software_version = "1"}, 3);
  EXPECT_EQ(refused.error_code, KafkaError::InvalidRequest);
}

TEST_F(KafkaServerTest, AnswersAnUnknownApiVersionsVersionInVersionZero) {
  const auto client = connect();
  const std::int32_t id = client->send(
      ApiVersionsRequest{.client_software_name = "test", .client_software_version = "1"}, 99);
  const auto response = client->receive<ApiVersionsResponse>(id, 0);
  EXPECT_EQ(response.error_code, KafkaError::UnsupportedVersion);
  EXPECT_THAT(response.api_keys, SizeIs(api::api_table().size()));
}

TEST_F(KafkaServerTest, ClosesTheConnectionThatSendsWhatItCannotRead) {
  const std::vector<Bytes> frames{
      {0x7f, 0xff, 0xff, 0xff, 'x'},                                  // 2 GiB
      {0xff, 0xff, 0xff, 0xff},                                       // a negative size
      {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T'},                  // HTTP
      {0, 0, 0, 10, 0x27, 0x0f, 0, 0, 0, 0, 0, 1, 0xff, 0xff},        // an unknown API
      {0, 0, 0, 4, 0, 3, 0, 1},                                       // a cut header
      {0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xff},              // Produce v2
      {0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff},  // a cut body
  };
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto bad = connect();
    const auto good = connect();
    bad->send_bytes(frames[i]);
    EXPECT_TRUE(bad->closed_by_broker()) << "frame " << i;
    EXPECT_EQ(good->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0).error_code,
              KafkaError::None);
  }
}

TEST_F(KafkaServerTest, AnswersInTheOrderOfTheRequestsWhileAFetchWaits) {
  create_topic("orders");
  const auto client = connect();
  const std::int32_t first = client->send(fetch("orders", 0, 10'000), 4);
  const std::int32_t second = client->send(MetadataRequest{}, 4);
  const auto other = connect();
  const Bytes batch = batch_of({"wake"});
  EXPECT_EQ(
      other->call<ProduceResponse>(produce("orders", batch), 7).topics[0].partitions[0].error_code,
      KafkaError::None);
  const auto fetched = client->receive<FetchResponse>(first, 4);
  EXPECT_EQ(fetched.topics[0].partitions[0].high_watermark, 1);
  EXPECT_GT(fetched.topics[0].partitions[0].records.size(), 0u);
  EXPECT_THAT(client->receive<MetadataResponse>(second, 4).brokers, SizeIs(1));
}

TEST_F(KafkaServerTest, KeepsTheOrderOfPipelinedProduceRequests) {
  create_topic("orders");
  const auto client = connect();
  std::vector<std::int32_t> ids;
  const Bytes batch = batch_of({"a", "b"});
  for (int i = 0; i < 100; ++i) ids.push_back(client->send(produce("orders", batch), 9));
  for (int i = 0; i < 100; ++i) {
    const auto response = client->receive<ProduceResponse>(ids[static_cast<std::size_t>(i)], 9);
    EXPECT_EQ(response.topics[0].partitions[0].base_offset, 2 * i);
  }
}

TEST_F(KafkaServerTest, SendsNothingForAcksZeroAndClosesOnItsFailure) {
  create_topic("orders");
  const auto client = connect();
  const Bytes batch = batch_of({"a"});
  client->send(produce("orders", batch, 0), 7);
  EXPECT_EQ(client->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0).error_code,
            KafkaError::None);
  EXPECT_EQ(broker_->find_partition("orders", 0)->offsets().log_end_offset, 1);
  client->send(produce("missing", batch, 0), 7);
  EXPECT_TRUE(client->closed_by_broker());
}

TEST_F(KafkaServerTest, ReadsFramesLargerThanItsBuffer) {
  create_topic("orders");
  const auto client = connect();
  const std::string large(900'000, 'x');
  const Bytes batch = batch_of({large});
  for (int i = 0; i < 3; ++i) {
    const auto response = client->call<ProduceResponse>(produce("orders", batch), 9);
    EXPECT_EQ(response.topics[0].partitions[0].base_offset, i);
  }
  const auto fetched = client->call<FetchResponse>(fetch("orders", 1, 0), 4);
  EXPECT_EQ(fetched.topics[0].partitions[0].records.size(), batch.size());
}

TEST_F(KafkaServerTest, ReadsAFrameThatComesByteByByte) {
  const auto client = connect();
  const RequestHeader header{
      .api_key = 18, .api_version = 0, .correlation_id = 7, .client_id = "slow"};
  for (const std::uint8_t byte : encode_request_frame(header, ApiVersionsRequest{}).flatten()) {
    client->send_bytes({&byte, 1});
  }
  EXPECT_EQ(client->receive<ApiVersionsResponse>(7, 0).error_code, KafkaError::None);
}

TEST_F(KafkaServerTest, TellsClientsTheAddressTheyConnectedTo) {
  const auto response = connect()->call<MetadataResponse>(MetadataRequest{}, 9);
  ASSERT_THAT(response.brokers, SizeIs(1));
  EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
  EXPECT_EQ(response.brokers[0].port, server_->port());

  serve({.advertised_host = "kafka.example", .advertised_port = 19092});
  const auto told = connect()->call<MetadataResponse>(MetadataRequest{}, 9);
  EXPECT_EQ(told.brokers[0].host, "kafka.example");
  EXPECT_EQ(told.brokers[0].port, 19092);
}

TEST_F(KafkaServerTest, ClosesConnectionsAboveTheirNumber) {
  serve({.connections_max = 1});
  const auto first = connect();
  EXPECT_EQ(first->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0).error_code, KafkaError::None);
  EXPECT_TRUE(connect()->closed_by_broker());
}

TEST_F(KafkaServerTest, ClosesIdleAndStalledConnections) {
  ServerOptions options;
  options.session_limits.idle_timeout = std::chrono::milliseconds(1);
  options.session_limits.stall_timeout = std::chrono::milliseconds(1);
  options.session_limits.first_request_timeout = std::chrono::milliseconds(500);
  serve(options);
  EXPECT_TRUE(connect()->closed_by_broker());
  const auto idle = connect();
  idle->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0);
  EXPECT_TRUE(idle->closed_by_broker());
  const auto stalled = connect();
  stalled->send_bytes(Bytes{0, 0, 1, 0, 0});
  EXPECT_TRUE(stalled->closed_by_broker());
}

TEST_F(KafkaServerTest, LetsLargeRequestsWaitForMemoryInsteadOfFailing) {
  create_topic("orders");
  serve({.request_memory_bytes_max = 100'000});
  const std::string large(300'000, 'x');
  const Bytes batch = batch_of({large});
  std::vector<std::unique_ptr<TestClient>> clients;
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect());
    ids.push_back(clients.back()->send(produce("orders", batch), 9));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto response = clients[i]->receive<ProduceResponse>(ids[i], 9);
    EXPECT_EQ(response.topics[0].partitions[0].error_code, KafkaError::None);
  }
}

TEST_F(KafkaServerTest, StopsWhileAFetchAndAnIdleConnectionAreOpen) {
  create_topic("orders");
  const auto idle = connect();
  const auto client = connect();
  client->send(fetch("orders", 0, 300'000), 4);
  idle->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0);
  const auto began = clock_.monotonic();
  server_->stop();
  EXPECT_LT(clock_.monotonic() - began, std::chrono::seconds(5));
  EXPECT_TRUE(idle->closed_by_broker());
}

TEST_F(KafkaServerTest, CountsRequestsBytesAndTimeByApi) {
  create_topic("orders");
  const auto client = connect();
  const Bytes batch = batch_of({"a"});
  for (int i = 0; i < 3; ++i) client->call<ProduceResponse>(produce("orders", batch), 9);
  client->call<MetadataResponse>(MetadataRequest{}, 9);
  const std::string page = metrics_.text();
  EXPECT_THAT(page, HasSubstr("tidemill_broker_requests_total{api=\"Produce\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("tidemill_broker_requests_total{api=\"Metadata\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("tidemill_broker_request_seconds_count{api=\"Produce\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("tidemill_broker_request_queue_seconds_count{api=\"Produce\"} 3\n"));
  EXPECT_THAT(page, testing::Not(HasSubstr("{api=\"Fetch\"}")));
  RequestMeters meters(metrics_, "broker", "api");
  EXPECT_GT(meters.of(0, "Produce").received_bytes.value(), 3 * batch.size());
  EXPECT_GT(meters.of(0, "Produce").sent_bytes.value(), 3U * 20);
}

TEST_F(KafkaServerTest, NamesTheAddressItCannotListenOn) {
  ServerOptions options;
  options.port = server_->port();
  const auto second = KafkaServer::start(options,
                                         {.broker = *broker_,
                                          .groups = *groups_,
                                          .blocking = blocking_,
                                          .clock = clock_,
                                          .options = {}},
                                         {.io = io_, .metrics = metrics_});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1:"));
}

}  // namespace
}  // namespace tidemill::broker::server
