// SPDX-License-Identifier: Apache-2.0
// Groups of the newer protocol, features, the quorum and end markers over a connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/server/test_broker.h"
#include "wire/kafka/api_versions.h"
#include "wire/kafka/consumer_group_describe.h"
#include "wire/kafka/consumer_group_heartbeat.h"
#include "wire/kafka/delete_groups.h"
#include "wire/kafka/describe_groups.h"
#include "wire/kafka/describe_quorum.h"
#include "wire/kafka/list_groups.h"
#include "wire/kafka/offset_commit.h"
#include "wire/kafka/offset_fetch.h"
#include "wire/kafka/update_features.h"
#include "wire/kafka/write_txn_markers.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;
using testing::ElementsAre;
using testing::SizeIs;

class ConsumerGroupApiTest : public server::BrokerTest {
 protected:
  ConsumerGroupApiTest() : client_(connect()) { create_topic("t", 2); }

  ConsumerGroupHeartbeatResponse beat(std::int32_t epoch) {
    ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = "m";
    request.member_epoch = epoch;
    if (epoch == 0) {
      request.rebalance_timeout_ms = 30'000;
      request.subscribed_topic_names = {{"t"}};
      request.topic_partitions.emplace();
    }
    return client_->call<ConsumerGroupHeartbeatResponse>(request, 1);
  }
  KafkaError commit(std::int32_t epoch) {
    OffsetCommitRequest request;
    request.group_id = "g";
    request.member_id = "m";
    request.generation_id_or_member_epoch = epoch;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.index = 0, .committed_offset = 5});
    return client_->call<OffsetCommitResponse>(request, 9).topics.at(0).partitions.at(0).error_code;
  }
  ConsumerGroupDescribeResponse::Group describe(const std::string& group) {
    ConsumerGroupDescribeRequest request;
    request.group_ids = {group};
    return client_->call<ConsumerGroupDescribeResponse>(request, 1).groups.at(0);
  }

  std::unique_ptr<server::TestClient> client_;
};

TEST_F(ConsumerGroupApiTest, AMemberJoinsCommitsIsShownAndLeaves) {
  const auto joined = beat(0);
  ASSERT_EQ(joined.error_code, KafkaError::None);
  EXPECT_EQ(joined.heartbeat_interval_ms, 5000);
  ASSERT_TRUE(joined.assignment);
  EXPECT_THAT(joined.assignment->topic_partitions.at(0).partitions, ElementsAre(0, 1));
  EXPECT_FALSE(beat(1).assignment) << "as before";
  EXPECT_EQ(commit(1), KafkaError::None);
  EXPECT_EQ(commit(2), KafkaError::StaleMemberEpoch);

  const auto shown = describe("g");
  EXPECT_EQ(shown.group_state, "Stable");
  EXPECT_EQ(shown.assignor_name, "uniform");
  EXPECT_EQ(shown.members.at(0).assignment.topic_partitions.at(0).topic_name, "t");
  EXPECT_EQ(describe("other").error_code, KafkaError::GroupIdNotFound);
  ListGroupsRequest list;
  list.types_filter = {"consumer"};
  const auto listed = client_->call<ListGroupsResponse>(list, 5);
  ASSERT_THAT(listed.groups, SizeIs(1));
  EXPECT_EQ(listed.groups[0].group_type, "consumer");
  DescribeGroupsRequest classic;
  classic.groups = {"g"};
  EXPECT_EQ(client_->call<DescribeGroupsResponse>(classic, 6).groups.at(0).error_code,
            KafkaError::GroupIdNotFound);

  DeleteGroupsRequest remove;
  remove.groups_names = {"g"};
  const auto removed = [&] {
    return client_->call<DeleteGroupsResponse>(remove, 2).groups.at(0).error_code;
  };
  EXPECT_EQ(removed(), KafkaError::NonEmptyGroup);
  EXPECT_EQ(beat(-1).member_epoch, -1);
  EXPECT_EQ(describe("g").group_state, "Empty");
  EXPECT_EQ(removed(), KafkaError::None);
  EXPECT_EQ(describe("g").error_code, KafkaError::GroupIdNotFound);
}

TEST_F(ConsumerGroupApiTest, AfterARestartTheGroupIsKnownAndItsMembersJoinAgain) {
  beat(0);
  EXPECT_EQ(commit(1), KafkaError::None);
  client_.reset();
  restart();
  client_ = connect();
  EXPECT_EQ(describe("g").group_state, "Empty");
  EXPECT_EQ(beat(1).error_code, KafkaError::UnknownMemberId);
  EXPECT_EQ(beat(0).member_epoch, 2);
  OffsetFetchRequest fetch;
  auto& group = fetch.groups.emplace_back();
  group.group_id = "g";
  group.member_id = "m";
  group.member_epoch = 2;
  group.topics.emplace();
  group.topics->push_back({.name = "t", .topic_id = {}, .partitions = {0}});
  const auto fetched = client_->call<OffsetFetchResponse>(fetch, 9).groups.at(0);
  EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, 5);
  fetch.groups[0].member_epoch = 1;
  EXPECT_EQ(client_->call<OffsetFetchResponse>(fetch, 9).groups.at(0).error_code,
            KafkaError::StaleMemberEpoch);
}

TEST_F(ConsumerGroupApiTest, FeaturesAreListedAndStayAsTheyAre) {
  ApiVersionsRequest versions;
  versions.client_software_name = "test";
  versions.client_software_version = "1";
  const auto listed = client_->call<ApiVersionsResponse>(versions, 4);
  std::vector<std::string> names;
  for (const auto& feature : listed.finalized_features) names.push_back(feature.name);
  EXPECT_THAT(names, ElementsAre("group.version", "metadata.version", "transaction.version"));

  UpdateFeaturesRequest update;
  update.feature_updates.push_back({.feature = "group.version", .max_version_level = 1});
  EXPECT_EQ(client_->call<UpdateFeaturesResponse>(update, 2).error_code, KafkaError::None);
  update.feature_updates.push_back({.feature = "group.version", .max_version_level = 0});
  const auto refused = client_->call<UpdateFeaturesResponse>(update, 2);
  EXPECT_EQ(refused.error_code, KafkaError::InvalidUpdateVersion);
  EXPECT_EQ(refused.error_message,
            "Level 0 of feature 'group.version' cannot be set: it is 1, as this program has it.");
  const auto each = client_->call<UpdateFeaturesResponse>(update, 1);
  EXPECT_EQ(each.results.at(0).error_code, KafkaError::None);
  EXPECT_EQ(each.results.at(1).error_code, KafkaError::InvalidUpdateVersion);
}

TEST_F(ConsumerGroupApiTest, ThisNodeIsTheQuorum) {
  DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{0}, {1}}});
  const auto response = client_->call<DescribeQuorumResponse>(request, 2);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).leader_id, 1);
  EXPECT_THAT(response.topics.at(0).partitions.at(0).current_voters, SizeIs(1));
  EXPECT_EQ(response.topics.at(0).partitions.at(1).error_code, KafkaError::UnknownTopicOrPartition);
  EXPECT_EQ(response.nodes.at(0).listeners.at(0).port, server_->port());
}

TEST_F(ConsumerGroupApiTest, AnEndMarkerAbortsAHangingTransaction) {
  const auto writer = broker_->open_writer("w");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->begin().ok());
  NewRecord record;
  record.value = as_bytes("x");
  ASSERT_TRUE((*writer)->write({"t", 0}, std::span(&record, 1)).ok());
  const auto partition = broker_->find_partition("t", 0);
  const auto producer = partition->producers().at(0);
  ASSERT_EQ(producer.transaction_start_offset, 0);

  WriteTxnMarkersRequest request;
  auto& marker = request.markers.emplace_back();
  marker.producer_id = producer.producer.id;
  marker.producer_epoch = producer.producer.epoch;
  marker.topics.push_back({.name = "t", .partition_indexes = {0, 9}});
  marker.topics.push_back({.name = "__consumer_offsets", .partition_indexes = {0}});
  marker.topics.push_back({.name = "__transaction_state", .partition_indexes = {0}});
  const auto written = client_->call<WriteTxnMarkersResponse>(request, 2).markers.at(0);
  EXPECT_EQ(written.topics.at(0).partitions.at(0).error_code, KafkaError::None);
  EXPECT_EQ(written.topics.at(0).partitions.at(1).error_code, KafkaError::UnknownTopicOrPartition);
  EXPECT_EQ(written.topics.at(1).partitions.at(0).error_code, KafkaError::InvalidTopicException);
  EXPECT_EQ(written.topics.at(2).partitions.at(0).error_code, KafkaError::InvalidTopicException);
  EXPECT_EQ(partition->producers().at(0).transaction_start_offset, -1);
  EXPECT_EQ(partition->offsets().last_stable_offset, 2);
  request.markers[0].producer_epoch = -1;
  EXPECT_EQ(client_->call<WriteTxnMarkersResponse>(request, 1)
                .markers.at(0)
                .topics.at(0)
                .partitions.at(0)
                .error_code,
            KafkaError::InvalidProducerEpoch);
}

}  // namespace
}  // namespace tidemill::broker::api
