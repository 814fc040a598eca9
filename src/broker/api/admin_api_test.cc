// SPDX-License-Identifier: Apache-2.0
// Topics, configurations, groups and transactions over a connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/api/api_table.h"
#include "broker/server/test_broker.h"
#include "wire/kafka/add_partitions_to_txn.h"
#include "wire/kafka/alter_configs.h"
#include "wire/kafka/create_partitions.h"
#include "wire/kafka/create_topics.h"
#include "wire/kafka/delete_groups.h"
#include "wire/kafka/delete_topics.h"
#include "wire/kafka/describe_cluster.h"
#include "wire/kafka/describe_configs.h"
#include "wire/kafka/describe_groups.h"
#include "wire/kafka/describe_log_dirs.h"
#include "wire/kafka/describe_topic_partitions.h"
#include "wire/kafka/end_txn.h"
#include "wire/kafka/find_coordinator.h"
#include "wire/kafka/incremental_alter_configs.h"
#include "wire/kafka/init_producer_id.h"
#include "wire/kafka/list_groups.h"
#include "wire/kafka/list_transactions.h"
#include "wire/kafka/offset_commit.h"
#include "wire/kafka/offset_delete.h"
#include "wire/kafka/offset_fetch.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;
using testing::SizeIs;

class AdminApiTest : public server::BrokerTest {
 protected:
  AdminApiTest() : client_(connect()) {}

  CreateTopicsResponse::Topic create(const std::string& name, std::int32_t partitions,
                                     std::int16_t replicas = -1, const std::string& config = "",
                                     const std::string& value = "") {
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = replicas;
    if (!config.empty()) topic.configs.push_back({.name = config, .value = value});
    return client_->call<CreateTopicsResponse>(request, 7).topics.at(0);
  }

  std::map<std::string, DescribeConfigsResponse::Resource::Config> configs_of(
      std::int8_t type, const std::string& name) {
    DescribeConfigsRequest request;
    request.include_synonyms = true;
    request.include_documentation = true;
    request.resources.push_back(
        {.resource_type = type, .resource_name = name, .configuration_keys = std::nullopt});
    std::map<std::string, DescribeConfigsResponse::Resource::Config> all;
    for (auto& config :
         client_->call<DescribeConfigsResponse>(request, 4).resources.at(0).configs) {
      all[config.name] = config;
    }
    return all;
  }

  KafkaError alter(const std::string& topic, const std::string& name, std::int8_t operation,
                   std::optional<std::string> value) {
    IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 2;
    resource.resource_name = topic;
    resource.configs.push_back(
        {.name = name, .config_operation = operation, .value = std::move(value)});
    return client_->call<IncrementalAlterConfigsResponse>(request, 1).resources.at(0).error_code;
  }

  KafkaError commit(const std::string& group, std::int64_t offset, std::int32_t generation = -1) {
    OffsetCommitRequest request;
    request.group_id = group;
    request.generation_id_or_member_epoch = generation;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.push_back(
        {.index = 0, .committed_offset = offset, .committed_metadata = "half way"});
    return client_->call<OffsetCommitResponse>(request, 8).topics.at(0).partitions.at(0).error_code;
  }

  std::unique_ptr<server::TestClient> client_;
};

TEST_F(AdminApiTest, CreatesTopicsAndSaysWhyNot) {
  const auto created = create("orders", 3, 3, "retention.ms", "1000");
  EXPECT_EQ(created.error_code, KafkaError::None);
  EXPECT_EQ(created.num_partitions, 3);
  EXPECT_EQ(created.replication_factor, 1) << "one node has one replica";
  EXPECT_FALSE(created.topic_id.is_nil());
  EXPECT_EQ(create("orders", 1).error_code, KafkaError::TopicAlreadyExists);
  EXPECT_EQ(create("no/name", 1).error_code, KafkaError::InvalidTopicException);
  EXPECT_EQ(create("none", 0).error_code, KafkaError::InvalidPartitions);
  EXPECT_EQ(create("none", 1, 0).error_code, KafkaError::InvalidReplicationFactor);
  EXPECT_EQ(create("none", 1, 1, "no.such", "1").error_code, KafkaError::InvalidConfig);
  EXPECT_EQ(create("none", 1, 1, "retention.ms", "soon").error_code, KafkaError::InvalidConfig);
  EXPECT_EQ(broker_->find_topic("none"), nullptr);
}

TEST_F(AdminApiTest, OnlyChecksWhenAskedToValidate) {
  CreateTopicsRequest request;
  request.validate_only = true;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  EXPECT_EQ(client_->call<CreateTopicsResponse>(request, 7).topics.at(0).error_code,
            KafkaError::None);
  EXPECT_EQ(broker_->find_topic("orders"), nullptr);
}

TEST_F(AdminApiTest, DeletesTopicsByNameAndId) {
  create("a", 1);
  const Uuid id = create("b", 1).topic_id;
  DeleteTopicsRequest request;
  request.topics = {{.name = "a", .topic_id = {}},
                    {.name = std::nullopt, .topic_id = id},
                    {.name = "missing", .topic_id = {}}};
  const auto response = client_->call<DeleteTopicsResponse>(request, 6);
  EXPECT_EQ(response.topics.at(0).error_code, KafkaError::None);
  EXPECT_EQ(response.topics.at(1).name, "b");
  EXPECT_EQ(response.topics.at(2).error_code, KafkaError::UnknownTopicOrPartition);
  EXPECT_EQ(broker_->find_topic("a"), nullptr);
  EXPECT_EQ(broker_->find_topic("b"), nullptr);
}

TEST_F(AdminApiTest, GrowsTopicsButNeverShrinksThem) {
  create("orders", 2);
  const auto grow = [&](std::int32_t count) {
    CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.count = count;
    return client_->call<CreatePartitionsResponse>(request, 3).results.at(0).error_code;
  };
  EXPECT_EQ(grow(4), KafkaError::None);
  EXPECT_EQ(broker_->find_topic("orders")->partitions.size(), 4u);
  EXPECT_EQ(grow(4), KafkaError::InvalidPartitions);
  EXPECT_EQ(grow(1), KafkaError::InvalidPartitions);
  EXPECT_EQ(grow(2'000'000'000), KafkaError::InvalidPartitions);
}

TEST_F(AdminApiTest, DescribesEveryConfigurationWithItsSource) {
  create("orders", 1, 1, "retention.ms", "1000");
  const auto configs = configs_of(2, "orders");
  EXPECT_GT(configs.size(), 15u);
  EXPECT_EQ(configs.at("retention.ms").value, "1000");
  EXPECT_EQ(configs.at("retention.ms").config_source, 1);
  EXPECT_THAT(configs.at("retention.ms").synonyms, SizeIs(2));
  EXPECT_EQ(configs.at("cleanup.policy").config_source, 5);
  EXPECT_EQ(configs.at("cleanup.policy").config_type, 7);
  for (const auto& [name, config] : configs) {
    EXPECT_FALSE(config.documentation.value_or("").empty()) << name;
  }
  const auto broker = configs_of(4, "1");
  for (const char* name : {"num.partitions", "default.replication.factor",
                           "auto.create.topics.enable", "delete.topic.enable"}) {
    EXPECT_TRUE(broker.contains(name)) << name;
  }
  EXPECT_EQ(broker.at("log.cleaner.backoff.ms").value, "15000");
  EXPECT_TRUE(configs_of(4, "99").empty());
}

TEST_F(AdminApiTest, ChangesSingleConfigurations) {
  create("orders", 1, 1, "retention.ms", "1000");
  EXPECT_EQ(alter("orders", "max.message.bytes", 0, "2000"), KafkaError::None);
  EXPECT_EQ(alter("orders", "cleanup.policy", 2, "compact"), KafkaError::None);
  EXPECT_EQ(configs_of(2, "orders").at("cleanup.policy").value, "delete,compact");
  EXPECT_EQ(alter("orders", "cleanup.policy", 3, "delete"), KafkaError::None);
  EXPECT_EQ(alter("orders", "retention.ms", 1, std::nullopt), KafkaError::None);
  const auto configs = configs_of(2, "orders");
  EXPECT_EQ(configs.at("cleanup.policy").value, "compact");
  EXPECT_EQ(configs.at("retention.ms").config_source, 5);
  EXPECT_EQ(configs.at("max.message.bytes").value, "2000");
  EXPECT_EQ(alter("orders", "no.such", 0, "1"), KafkaError::InvalidConfig);
  EXPECT_EQ(alter("orders", "no.such", 1, std::nullopt), KafkaError::InvalidConfig);
  EXPECT_EQ(alter("orders", "retention.ms", 2, "1"), KafkaError::InvalidConfig) << "not a list";
  EXPECT_EQ(alter("missing", "retention.ms", 0, "1"), KafkaError::UnknownTopicOrPartition);
}

TEST_F(AdminApiTest, ReplacesAllConfigurations) {
  create("orders", 1, 1, "retention.ms", "1000");
  AlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "orders";
  resource.configs.push_back({.name = "max.message.bytes", .value = "2000"});
  EXPECT_EQ(client_->call<AlterConfigsResponse>(request, 2).resources.at(0).error_code,
            KafkaError::None);
  EXPECT_EQ(configs_of(2, "orders").at("retention.ms").config_source, 5);
  request.resources[0].resource_type = 4;
  request.resources[0].resource_name = "1";
  EXPECT_EQ(client_->call<AlterConfigsResponse>(request, 2).resources.at(0).error_code,
            KafkaError::InvalidRequest);
}

TEST_F(AdminApiTest, DescribesItselfAndItsFolder) {
  create("orders", 2);
  const auto cluster = client_->call<DescribeClusterResponse>(DescribeClusterRequest{}, 2);
  EXPECT_EQ(cluster.controller_id, 1);
  EXPECT_THAT(cluster.brokers, SizeIs(1));
  EXPECT_THAT(cluster.cluster_id, SizeIs(22));
  DescribeLogDirsRequest request;
  request.topics.emplace().push_back({.topic = "orders", .partitions = {0, 1, 7}});
  const auto folders = client_->call<DescribeLogDirsResponse>(request, 4);
  ASSERT_THAT(folders.results, SizeIs(1));
  EXPECT_GT(folders.results[0].total_bytes, 0);
  EXPECT_THAT(folders.results[0].topics.at(0).partitions, SizeIs(2));
  FindCoordinatorRequest find;
  find.coordinator_keys = {"g", "h"};
  EXPECT_THAT(client_->call<FindCoordinatorResponse>(find, 4).coordinators, SizeIs(2));
}

TEST_F(AdminApiTest, PagesThroughPartitions) {
  create("a", 3);
  create("b", 3);
  DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "b"}, {.name = "a"}};
  request.response_partition_limit = 4;
  auto response = client_->call<DescribeTopicPartitionsResponse>(request, 0);
  ASSERT_TRUE(response.next_cursor);
  EXPECT_EQ(response.next_cursor->topic_name, "b");
  EXPECT_EQ(response.next_cursor->index, 1);
  request.cursor = {.topic_name = "b", .index = 1};
  response = client_->call<DescribeTopicPartitionsResponse>(request, 0);
  EXPECT_FALSE(response.next_cursor);
  EXPECT_THAT(response.topics.at(0).partitions, SizeIs(2));
}

TEST_F(AdminApiTest, KeepsCommittedOffsetsAcrossARestart) {
  create("orders", 1);
  EXPECT_EQ(commit("g", 42), KafkaError::None);
  EXPECT_EQ(commit("g", 1, 5), KafkaError::IllegalGeneration);
  restart();
  client_ = connect();
  OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = "g";
  for (std::int16_t version = 8; version <= 9; ++version) {
    const auto found = client_->call<OffsetFetchResponse>(request, version).groups.at(0);
    ASSERT_THAT(found.topics, SizeIs(1));
    EXPECT_EQ(found.topics[0].partitions.at(0).committed_offset, 42);
    EXPECT_EQ(found.topics[0].partitions.at(0).metadata, "half way");
  }
  request.group_id = "g";
  request.topics.emplace().push_back({.name = "orders", .partitions = {0, 1}});
  const auto old = client_->call<OffsetFetchResponse>(request, 5);
  EXPECT_EQ(old.topics.at(0).partitions.at(0).committed_offset, 42);
  EXPECT_EQ(old.topics.at(0).partitions.at(1).committed_offset, -1);
}

TEST_F(AdminApiTest, ListsDescribesAndDeletesGroups) {
  create("orders", 1);
  commit("g", 1);
  const auto listed = client_->call<ListGroupsResponse>(ListGroupsRequest{}, 5);
  ASSERT_THAT(listed.groups, SizeIs(1));
  EXPECT_EQ(listed.groups[0].group_id, "g");
  ListGroupsRequest stable;
  stable.states_filter = {"stable"};
  EXPECT_THAT(client_->call<ListGroupsResponse>(stable, 5).groups, SizeIs(0));
  DescribeGroupsRequest describe;
  describe.groups = {"g", "missing"};
  const auto described = client_->call<DescribeGroupsResponse>(describe, 6);
  EXPECT_EQ(described.groups.at(0).group_state, "Empty");
  EXPECT_EQ(described.groups.at(1).error_code, KafkaError::GroupIdNotFound);
  OffsetDeleteRequest forget;
  forget.group_id = "g";
  forget.topics.push_back({.name = "orders", .partitions = {{.index = 0}, {.index = 9}}});
  const auto forgotten = client_->call<OffsetDeleteResponse>(forget, 0).topics.at(0);
  EXPECT_EQ(forgotten.partitions.at(0).error_code, KafkaError::None);
  EXPECT_EQ(forgotten.partitions.at(1).error_code, KafkaError::UnknownTopicOrPartition);
  commit("g", 1);
  DeleteGroupsRequest remove;
  remove.groups_names = {"g", "missing"};
  const auto removed = client_->call<DeleteGroupsResponse>(remove, 2);
  EXPECT_EQ(removed.groups.at(0).error_code, KafkaError::None);
  EXPECT_EQ(removed.groups.at(1).error_code, KafkaError::GroupIdNotFound);
}

TEST_F(AdminApiTest, EndsTransactionsAndFencesOlderProducers) {
  create("orders", 1);
  InitProducerIdRequest init;
  init.transactional_id = "t";
  init.transaction_timeout_ms = 10'000;
  const auto first = client_->call<InitProducerIdResponse>(init, 4);
  ASSERT_EQ(first.error_code, KafkaError::None);
  AddPartitionsToTxnRequest add;
  add.transactional_id = "t";
  add.producer_id = first.producer_id;
  add.producer_epoch = first.producer_epoch;
  add.topics.push_back({.name = "orders", .partitions = {0}});
  EXPECT_EQ(
      client_->call<AddPartitionsToTxnResponse>(add, 3).topics.at(0).partitions.at(0).error_code,
      KafkaError::None);
  for (const char* internal : {"__consumer_offsets", "__transaction_state"}) {
    auto wrong = add;
    wrong.topics.push_back({.name = internal, .partitions = {0}});
    const auto refused = client_->call<AddPartitionsToTxnResponse>(wrong, 3).topics;
    EXPECT_EQ(refused.at(0).partitions.at(0).error_code, KafkaError::OperationNotAttempted);
    EXPECT_EQ(refused.at(1).partitions.at(0).error_code, KafkaError::TopicAuthorizationFailed);
  }
  const auto open = client_->call<ListTransactionsResponse>(ListTransactionsRequest{}, 2);
  ASSERT_THAT(open.transaction_states, SizeIs(1));
  EXPECT_EQ(open.transaction_states[0].transaction_state, "Ongoing");
  EndTxnRequest end;
  end.transactional_id = "t";
  end.producer_id = first.producer_id;
  end.producer_epoch = first.producer_epoch;
  end.committed = true;
  EXPECT_EQ(client_->call<EndTxnResponse>(end, 3).error_code, KafkaError::None);
  const auto second = client_->call<InitProducerIdResponse>(init, 4);
  EXPECT_GT(second.producer_epoch, first.producer_epoch);
  EXPECT_NE(client_->call<EndTxnResponse>(end, 3).error_code, KafkaError::None);
  init.transaction_timeout_ms = 2'000'000'000;
  EXPECT_EQ(client_->call<InitProducerIdResponse>(init, 4).error_code,
            KafkaError::InvalidTransactionTimeout);
}

TEST(ApiTable, ServesEveryMessageOfTheCodec) {
  EXPECT_EQ(find_api(0)->advertised_lowest, 0);
  EXPECT_EQ(find_api(4), nullptr);
  EXPECT_EQ(find_api(-1), nullptr);
  for (const ApiEntry& entry : api_table()) {
    EXPECT_EQ(find_api(static_cast<std::int16_t>(entry.spec.key)), &entry);
  }
}

}  // namespace
}  // namespace tidemill::broker::api
