// SPDX-License-Identifier: Apache-2.0
// What an ACL buys over a connection, what stays hidden without one, and the APIs of ACLs
// themselves. That every API asks at all: authorization_api_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "broker/server/test_broker.h"
#include "wire/kafka/add_partitions_to_txn.h"
#include "wire/kafka/consumer_group_describe.h"
#include "wire/kafka/consumer_group_heartbeat.h"
#include "wire/kafka/create_acls.h"
#include "wire/kafka/create_topics.h"
#include "wire/kafka/delete_acls.h"
#include "wire/kafka/delete_topics.h"
#include "wire/kafka/describe_acls.h"
#include "wire/kafka/describe_cluster.h"
#include "wire/kafka/describe_configs.h"
#include "wire/kafka/describe_topic_partitions.h"
#include "wire/kafka/describe_transactions.h"
#include "wire/kafka/fetch.h"
#include "wire/kafka/init_producer_id.h"
#include "wire/kafka/list_groups.h"
#include "wire/kafka/list_transactions.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/offset_commit.h"
#include "wire/kafka/offset_delete.h"
#include "wire/kafka/offset_fetch.h"
#include "wire/kafka/produce.h"
#include "wire/kafka/sasl_authenticate.h"
#include "wire/kafka/sasl_handshake.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;  // NOLINT(google-build-using-namespace): its subject is every message
using security::Acl;
using security::AclOperation;
using security::AclPattern;
using security::AclResource;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class AclApiTest : public server::BrokerTest {
 protected:
  AclApiTest() {
    create_topic("open");
    create_topic("secret");
    acls_ = *security::AclStore::open(disk_, folder_ / "acls.json");
    authorize({});
  }

  void authorize(security::AuthorizerOptions options) {
    client_.reset();
    close();
    authorizer_ = std::make_unique<security::Authorizer>(*acls_, std::move(options));
    open();
    client_ = connect();
  }
  void allow(AclResource resource, const std::string& name, AclOperation operation,
             AclPattern pattern = AclPattern::Literal,
             const std::string& principal = "User:ANONYMOUS", const std::string& host = "*") {
    const std::vector<Acl> acls{{.resource = resource,
                                 .name = name,
                                 .pattern = pattern,
                                 .principal = principal,
                                 .host = host,
                                 .operation = operation}};
    ASSERT_TRUE(acls_->add(acls).ok());
  }
  void allow_topic(const std::string& name, AclOperation operation) {
    allow(AclResource::Topic, name, operation);
  }
  void allow_cluster(AclOperation operation) {
    allow(AclResource::Cluster, "kafka-cluster", operation);
  }
  Uuid id_of(const std::string& topic) { return broker_->find_topic(topic)->id; }

  KafkaError produce(server::TestClient& client, const std::string& topic, std::int16_t version,
                     bool transactional = false) {
    const Bytes batch = batch_of({"a"}, {.id = transactional ? 7 : -1,
                                         .epoch = static_cast<std::int16_t>(transactional ? 0 : -1),
                                         .base_sequence = transactional ? 0 : -1,
                                         .transactional = transactional});
    ProduceRequest request;
    if (transactional) request.transactional_id = "t";
    request.acks = -1;
    const auto known = broker_->find_topic(topic);
    request.topics.push_back(
        {.name = topic, .topic_id = known ? known->id : Uuid{}, .partitions = {}});
    request.topics[0].partitions.push_back({.index = 0, .records = records_of(batch)});
    return client.call<ProduceResponse>(request, version).topics[0].partitions[0].error_code;
  }
  FetchResponse::Topic::Partition fetch(const std::string& topic, std::int16_t version,
                                        std::int32_t replica = -1) {
    FetchRequest request;
    request.replica_id = replica;
    request.replica_state.replica_id = replica;
    request.topics.push_back({.topic = topic,
                              .topic_id = id_of(topic),
                              .partitions = {{.index = 0, .partition_max_bytes = 1 << 20}}});
    return client_->call<FetchResponse>(request, version).topics[0].partitions[0];
  }
  std::map<std::string, KafkaError> metadata(std::optional<std::vector<std::string>> names) {
    MetadataRequest request;
    if (names) {
      request.topics.emplace();
      for (const auto& name : *names) request.topics->push_back({.topic_id = {}, .name = name});
    }
    std::map<std::string, KafkaError> codes;
    for (const auto& topic : client_->call<MetadataResponse>(request, 13).topics) {
      codes[*topic.name] = topic.error_code;
      if (topic.error_code != KafkaError::None) EXPECT_TRUE(topic.topic_id.is_nil());
    }
    return codes;
  }
  void commit(const std::string& topic) {
    std::vector<embedded::OffsetCommit> commits{
        {.source = {topic, 0}, .offset = 5, .leader_epoch = 0, .metadata = ""}};
    std::promise<void> done;
    broker_->offset_store().commit("g", std::move(commits),
                                   [&done](const Result<>&) { done.set_value(); });
    done.get_future().wait();
  }

  std::unique_ptr<server::TestClient> client_;
};

TEST_F(AclApiTest, LetsProduceAndFetchByNameAndById) {
  for (std::int16_t version = 12; version <= 13; ++version) {
    EXPECT_EQ(produce(*client_, "open", version), KafkaError::TopicAuthorizationFailed);
    EXPECT_EQ(fetch("open", version).error_code, KafkaError::TopicAuthorizationFailed);
  }
  EXPECT_EQ(produce(*client_, "missing", 12), KafkaError::TopicAuthorizationFailed)
      << "not whether it exists";
  EXPECT_EQ(produce(*client_, "missing", 13), KafkaError::UnknownTopicId);
  allow_topic("open", AclOperation::Write);
  allow_topic("open", AclOperation::Read);
  for (std::int16_t version = 12; version <= 13; ++version) {
    EXPECT_EQ(produce(*client_, "open", version), KafkaError::None);
    EXPECT_EQ(fetch("open", version).error_code, KafkaError::None);
    EXPECT_EQ(produce(*client_, "secret", version), KafkaError::TopicAuthorizationFailed);
    EXPECT_EQ(fetch("secret", version).error_code, KafkaError::TopicAuthorizationFailed);
    EXPECT_EQ(fetch("secret", version).records.size(), 0U);
  }
}

TEST_F(AclApiTest, TakesBackWhatOneMayOnAConnectionThatIsOpen) {
  allow_topic("open", AclOperation::Write);
  EXPECT_EQ(produce(*client_, "open", 12), KafkaError::None);
  ASSERT_TRUE(acls_->remove(std::vector<security::AclFilter>{{}}).ok());
  EXPECT_EQ(produce(*client_, "open", 12), KafkaError::TopicAuthorizationFailed);
}

TEST_F(AclApiTest, ReadsAsAReplicaOnlyWithClusterAction) {
  allow_topic("open", AclOperation::Read);
  for (std::int16_t version = 12; version <= 17; ++version) {
    EXPECT_EQ(fetch("open", version, 2).error_code, KafkaError::TopicAuthorizationFailed);
  }
  allow_cluster(AclOperation::ClusterAction);
  EXPECT_EQ(fetch("secret", 17, 2).error_code, KafkaError::None);
}

TEST_F(AclApiTest, WritesATransactionOnlyWithItsId) {
  allow_topic("open", AclOperation::Write);
  EXPECT_EQ(produce(*client_, "open", 12, true), KafkaError::TransactionalIdAuthorizationFailed);
  allow(AclResource::TransactionalId, "t", AclOperation::Write);
  EXPECT_NE(produce(*client_, "open", 12, true), KafkaError::TransactionalIdAuthorizationFailed);
  InitProducerIdRequest init;
  init.transactional_id = "t";
  init.transaction_timeout_ms = 10'000;
  EXPECT_EQ(client_->call<InitProducerIdResponse>(init, 4).error_code, KafkaError::None);
  init.transactional_id = "u";
  EXPECT_EQ(client_->call<InitProducerIdResponse>(init, 4).error_code,
            KafkaError::TransactionalIdAuthorizationFailed);
}

TEST_F(AclApiTest, GivesAnIdToWhoMayWriteSomeTopic) {
  const auto init = [&] {
    return client_->call<InitProducerIdResponse>(InitProducerIdRequest{}, 4).error_code;
  };
  allow_topic("open", AclOperation::Read);
  EXPECT_EQ(init(), KafkaError::ClusterAuthorizationFailed);
  allow(AclResource::Topic, "op", AclOperation::Write, AclPattern::Prefixed);
  EXPECT_EQ(init(), KafkaError::None);
}

TEST_F(AclApiTest, ShowsOfAllTopicsThoseOneMayDescribe) {
  allow_topic("open", AclOperation::Read);
  EXPECT_THAT(metadata(std::nullopt), ElementsAre(testing::Pair("open", KafkaError::None)));
  EXPECT_EQ(metadata({{"secret"}}).at("secret"), KafkaError::TopicAuthorizationFailed);
  EXPECT_EQ(metadata({{"missing"}}).at("missing"), KafkaError::TopicAuthorizationFailed);
  EXPECT_EQ(broker_->find_topic("missing"), nullptr);
  const auto paged =
      client_->call<DescribeTopicPartitionsResponse>(DescribeTopicPartitionsRequest{}, 0);
  ASSERT_THAT(paged.topics, SizeIs(1));
  EXPECT_EQ(paged.topics[0].name, "open");
}

TEST_F(AclApiTest, KeepsTheNameBehindAnId) {
  MetadataRequest request;
  request.topics.emplace();
  request.topics->push_back({.topic_id = id_of("secret"), .name = std::nullopt});
  request.topics->push_back({.topic_id = random_uuid(random_), .name = std::nullopt});
  request.include_topic_authorized_operations = true;
  const auto shown = client_->call<MetadataResponse>(request, 13).topics;
  EXPECT_EQ(shown.at(0).error_code, KafkaError::TopicAuthorizationFailed);
  EXPECT_EQ(shown.at(0).topic_id, id_of("secret"));
  EXPECT_EQ(shown.at(0).name, std::nullopt);
  EXPECT_THAT(shown.at(0).partitions, IsEmpty());
  EXPECT_EQ(shown.at(1).error_code, KafkaError::UnknownTopicId);

  DeleteTopicsRequest remove;
  remove.topics.push_back({.name = std::nullopt, .topic_id = id_of("secret")});
  const auto refused = client_->call<DeleteTopicsResponse>(remove, 6).topics.at(0);
  EXPECT_EQ(refused.error_code, KafkaError::TopicAuthorizationFailed);
  EXPECT_EQ(refused.name, std::nullopt);
  allow_topic("secret", AclOperation::Describe);
  EXPECT_EQ(client_->call<DeleteTopicsResponse>(remove, 6).topics.at(0).name, "secret");
  EXPECT_NE(broker_->find_topic("secret"), nullptr);
  allow_topic("secret", AclOperation::Delete);
  EXPECT_EQ(client_->call<DeleteTopicsResponse>(remove, 6).topics.at(0).error_code,
            KafkaError::None);
}

TEST_F(AclApiTest, CreatesTopicsThatAreAskedForOnlyWithCreate) {
  allow(AclResource::Topic, "new", AclOperation::Describe, AclPattern::Prefixed);
  EXPECT_EQ(metadata({{"new1"}}).at("new1"), KafkaError::TopicAuthorizationFailed);
  EXPECT_EQ(broker_->find_topic("new1"), nullptr);
  allow_topic("new1", AclOperation::Create);
  metadata({{"new1"}});
  EXPECT_NE(broker_->find_topic("new1"), nullptr);
  allow_cluster(AclOperation::Create);
  metadata({{"new2"}});
  EXPECT_NE(broker_->find_topic("new2"), nullptr);
}

TEST_F(AclApiTest, HidesTheConfigurationOfATopicOneMayOnlyCreate) {
  allow_cluster(AclOperation::Create);
  CreateTopicsRequest request;
  request.topics.push_back({.name = "made", .num_partitions = 2, .replication_factor = 1});
  const auto made = client_->call<CreateTopicsResponse>(request, 7).topics.at(0);
  EXPECT_EQ(made.error_code, KafkaError::None);
  EXPECT_EQ(made.topic_id, id_of("made"));
  EXPECT_EQ(made.topic_config_error_code, static_cast<int>(KafkaError::TopicAuthorizationFailed));
  EXPECT_EQ(made.num_partitions, -1);
  EXPECT_EQ(made.configs.value_or(std::vector<CreateTopicsResponse::Topic::Config>{}).size(), 0U);
  allow_topic("more", AclOperation::DescribeConfigs);
  request.topics[0].name = "more";
  EXPECT_EQ(client_->call<CreateTopicsResponse>(request, 7).topics.at(0).num_partitions, 2);
}

TEST_F(AclApiTest, TellsWhichOperationsAreAllowed) {
  const auto bit = [](AclOperation operation) { return 1 << static_cast<int>(operation); };
  allow_topic("open", AclOperation::Read);
  MetadataRequest request;
  request.include_topic_authorized_operations = true;
  request.include_cluster_authorized_operations = true;
  auto shown = client_->call<MetadataResponse>(request, 10);
  EXPECT_EQ(shown.topics.at(0).topic_authorized_operations,
            bit(AclOperation::Read) | bit(AclOperation::Describe));
  EXPECT_EQ(shown.cluster_authorized_operations, 0);
  allow_cluster(AclOperation::Alter);
  DescribeClusterRequest cluster;
  cluster.include_cluster_authorized_operations = true;
  EXPECT_EQ(client_->call<DescribeClusterResponse>(cluster, 2).cluster_authorized_operations,
            bit(AclOperation::Alter) | bit(AclOperation::Describe));
}

TEST_F(AclApiTest, ShowsTheOffsetsOfTopicsOneMayDescribe) {
  commit("open");
  commit("secret");
  allow(AclResource::Group, "g", AclOperation::Read);
  allow_topic("open", AclOperation::Read);
  for (std::int16_t version = 8; version <= 10; ++version) {
    OffsetFetchRequest request;
    auto& group = request.groups.emplace_back();
    group.group_id = "g";
    const auto all = client_->call<OffsetFetchResponse>(request, version).groups.at(0);
    ASSERT_THAT(all.topics, SizeIs(1)) << version;
    EXPECT_EQ(all.topics[0].partitions.at(0).committed_offset, 5);
    group.topics.emplace();
    for (const char* topic : {"open", "secret"}) {
      group.topics->push_back({.name = topic, .topic_id = id_of(topic), .partitions = {0}});
    }
    const auto named = client_->call<OffsetFetchResponse>(request, version).groups.at(0);
    EXPECT_EQ(named.topics.at(0).partitions.at(0).committed_offset, 5);
    EXPECT_EQ(named.topics.at(1).partitions.at(0).error_code, KafkaError::TopicAuthorizationFailed);
    EXPECT_EQ(named.topics.at(1).partitions.at(0).committed_offset, -1);
  }
  OffsetFetchRequest old;
  old.group_id = "g";
  EXPECT_THAT(client_->call<OffsetFetchResponse>(old, 5).topics, SizeIs(1));
}

TEST_F(AclApiTest, CommitsAndForgetsOffsetsOfTopicsOneMayRead) {
  allow(AclResource::Group, "g", AclOperation::All);
  allow_topic("open", AclOperation::Read);
  for (std::int16_t version = 9; version <= 10; ++version) {
    OffsetCommitRequest request;
    request.group_id = "g";
    request.generation_id_or_member_epoch = -1;
    for (const char* topic : {"open", "secret"}) {
      request.topics.push_back({.name = topic, .topic_id = id_of(topic), .partitions = {{}}});
    }
    const auto done = client_->call<OffsetCommitResponse>(request, version);
    EXPECT_EQ(done.topics.at(0).partitions.at(0).error_code, KafkaError::None);
    EXPECT_EQ(done.topics.at(1).partitions.at(0).error_code, KafkaError::TopicAuthorizationFailed);
  }
  OffsetDeleteRequest forget;
  forget.group_id = "g";
  for (const char* topic : {"open", "secret"}) {
    forget.topics.push_back({.name = topic, .partitions = {{.index = 0}}});
  }
  const auto forgotten = client_->call<OffsetDeleteResponse>(forget, 0);
  EXPECT_EQ(forgotten.topics.at(0).partitions.at(0).error_code, KafkaError::None);
  EXPECT_EQ(forgotten.topics.at(1).partitions.at(0).error_code,
            KafkaError::TopicAuthorizationFailed);
}

TEST_F(AclApiTest, ListsGroupsAndTransactionsOneMayDescribe) {
  commit("open");
  const auto groups = [&] {
    return client_->call<ListGroupsResponse>(ListGroupsRequest{}, 5).groups.size();
  };
  EXPECT_EQ(groups(), 0U);
  allow(AclResource::Group, "g", AclOperation::Describe);
  EXPECT_EQ(groups(), 1U);
  ASSERT_TRUE(acls_->remove(std::vector<security::AclFilter>{{}}).ok());
  allow_cluster(AclOperation::Describe);
  EXPECT_EQ(groups(), 1U);

  allow(AclResource::TransactionalId, "t", AclOperation::Write);
  allow_topic("open", AclOperation::Write);
  allow_topic("secret", AclOperation::Write);
  InitProducerIdRequest init;
  init.transactional_id = "t";
  init.transaction_timeout_ms = 10'000;
  const auto producer = client_->call<InitProducerIdResponse>(init, 4);
  AddPartitionsToTxnRequest add;
  add.transactional_id = "t";
  add.producer_id = producer.producer_id;
  add.producer_epoch = producer.producer_epoch;
  for (const char* topic : {"open", "secret"}) {
    add.topics.push_back({.name = topic, .partitions = {0}});
  }
  const auto added = client_->call<AddPartitionsToTxnResponse>(add, 3);
  ASSERT_EQ(added.topics.at(1).partitions.at(0).error_code, KafkaError::None);
  const auto listed = [&] {
    return client_->call<ListTransactionsResponse>(ListTransactionsRequest{}, 2)
        .transaction_states.size();
  };
  EXPECT_EQ(listed(), 1U);
  ASSERT_TRUE(acls_->remove(std::vector<security::AclFilter>{{.name = "secret"}}).ok());
  const auto described = client_->call<DescribeTransactionsResponse>(
      DescribeTransactionsRequest{.transactional_ids = {"t"}}, 0);
  ASSERT_THAT(described.transaction_states.at(0).topics, SizeIs(1));
  EXPECT_EQ(described.transaction_states[0].topics[0].topic, "open");
  ASSERT_TRUE(acls_->remove(std::vector<security::AclFilter>{{.name = "t"}}).ok());
  EXPECT_EQ(listed(), 0U);
}

TEST_F(AclApiTest, KeepsTopicsFromMembersThatMayNotDescribeThem) {
  allow(AclResource::Group, "g", AclOperation::Read);
  allow_topic("open", AclOperation::Read);
  ConsumerGroupHeartbeatRequest beat;
  beat.group_id = "g";
  beat.member_id = "m";
  beat.rebalance_timeout_ms = 30'000;
  beat.topic_partitions.emplace();
  beat.subscribed_topic_names = {{"open", "secret"}};
  EXPECT_EQ(client_->call<ConsumerGroupHeartbeatResponse>(beat, 1).error_code,
            KafkaError::TopicAuthorizationFailed);
  beat.subscribed_topic_names.reset();
  beat.subscribed_topic_regex = ".*";
  const auto joined = client_->call<ConsumerGroupHeartbeatResponse>(beat, 1);
  ASSERT_EQ(joined.error_code, KafkaError::None);
  ASSERT_TRUE(joined.assignment);
  ASSERT_THAT(joined.assignment->topic_partitions, SizeIs(1));
  EXPECT_EQ(joined.assignment->topic_partitions[0].topic_id, id_of("open"));

  const auto described = [&] {
    return client_
        ->call<ConsumerGroupDescribeResponse>(ConsumerGroupDescribeRequest{.group_ids = {"g"}}, 1)
        .groups.at(0);
  };
  EXPECT_EQ(described().error_code, KafkaError::None);
  ASSERT_TRUE(acls_->remove(std::vector<security::AclFilter>{{.name = "open"}}).ok());
  EXPECT_EQ(described().error_code, KafkaError::TopicAuthorizationFailed);
  EXPECT_THAT(described().members, IsEmpty());
}

TEST_F(AclApiTest, AsksForTheClusterForConfigurationsOfTheBroker) {
  DescribeConfigsRequest request;
  request.resources.push_back(
      {.resource_type = 4, .resource_name = "1", .configuration_keys = std::nullopt});
  EXPECT_EQ(client_->call<DescribeConfigsResponse>(request, 4).resources.at(0).error_code,
            KafkaError::ClusterAuthorizationFailed);
  allow_cluster(AclOperation::DescribeConfigs);
  EXPECT_EQ(client_->call<DescribeConfigsResponse>(request, 4).resources.at(0).error_code,
            KafkaError::None);
}

TEST_F(AclApiTest, JudgesAClientByTheUserAndTheHostItIs) {
  auto users = security::UserStore::open(disk_, random_, folder_ / "users.json");
  users_ = *std::move(users);
  ASSERT_TRUE(users_->set_password("alice", "secret").ok());
  api_.sasl_mechanisms = {"PLAIN"};
  authorize({});
  const auto login = [&] {
    auto client = connect();
    client->call<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
    const std::string token("\0alice\0secret", 13);
    client->call<SaslAuthenticateResponse>(
        SaslAuthenticateRequest{.auth_bytes = Bytes(token.begin(), token.end())}, 2);
    return client;
  };
  const auto alice = login();
  allow_topic("open", AclOperation::Write);
  EXPECT_EQ(produce(*alice, "open", 12), KafkaError::TopicAuthorizationFailed);
  allow(AclResource::Topic, "open", AclOperation::Write, AclPattern::Literal, "User:alice",
        "10.0.0.7");
  EXPECT_EQ(produce(*alice, "open", 12), KafkaError::TopicAuthorizationFailed);
  allow(AclResource::Topic, "open", AclOperation::Write, AclPattern::Literal, "User:alice",
        "127.0.0.1");
  EXPECT_EQ(produce(*alice, "open", 12), KafkaError::None);
}

TEST_F(AclApiTest, SaysThatSecurityIsOffWithoutAnAuthorizer) {
  client_.reset();
  close();
  authorizer_.reset();
  open();
  client_ = connect();
  DescribeAclsRequest describe{.resource_type_filter = 1, .operation = 1, .permission_type = 1};
  EXPECT_EQ(client_->call<DescribeAclsResponse>(describe, 3).error_code,
            KafkaError::SecurityDisabled);
  CreateAclsRequest create;
  create.creations.resize(2);
  EXPECT_EQ(client_->call<CreateAclsResponse>(create, 3).results.at(1).error_code,
            KafkaError::SecurityDisabled);
  DeleteAclsRequest remove;
  remove.filters.resize(1);
  EXPECT_EQ(client_->call<DeleteAclsResponse>(remove, 3).filter_results.at(0).error_code,
            KafkaError::SecurityDisabled);
}

CreateAclsRequest::Creation creation(const std::string& name, std::int8_t pattern,
                                     const std::string& principal = "User:bob") {
  return {.resource_type = 2,
          .resource_name = name,
          .resource_pattern_type = pattern,
          .principal = principal,
          .host = "*",
          .operation = 3,
          .permission_type = 3};
}

TEST_F(AclApiTest, CreatesShowsAndDeletesAcls) {
  allow_cluster(AclOperation::Alter);
  CreateAclsRequest create;
  create.creations = {creation("orders", 3), creation("ord", 4), creation("*", 3),
                      creation("orders", 3, "User:carol")};
  for (const auto& result : client_->call<CreateAclsResponse>(create, 3).results) {
    EXPECT_EQ(result.error_code, KafkaError::None);
  }
  DescribeAclsRequest match{.resource_type_filter = 2,
                            .resource_name_filter = "orders",
                            .pattern_type_filter = 2,
                            .operation = 1,
                            .permission_type = 1};
  for (std::int16_t version = 1; version <= 3; ++version) {
    const auto shown = client_->call<DescribeAclsResponse>(match, version);
    std::map<std::string, std::size_t> found;
    for (const auto& resource : shown.resources) {
      found[resource.resource_name] = resource.acls.size();
    }
    EXPECT_THAT(found, UnorderedElementsAre(testing::Pair("*", 1U), testing::Pair("ord", 1U),
                                            testing::Pair("orders", 2U)));
  }
  DeleteAclsRequest remove;
  remove.filters.push_back({.resource_type_filter = 1,
                            .pattern_type_filter = 1,
                            .principal_filter = "User:bob",
                            .operation = 1,
                            .permission_type = 1});
  const auto gone = client_->call<DeleteAclsResponse>(remove, 3).filter_results.at(0);
  EXPECT_THAT(gone.matching_acls, SizeIs(3));
  match.pattern_type_filter = 3;
  const auto left = client_->call<DescribeAclsResponse>(match, 3);
  ASSERT_THAT(left.resources, SizeIs(1));
  EXPECT_EQ(left.resources[0].acls.at(0).principal, "User:carol");
  EXPECT_EQ(left.resources[0].acls.at(0).operation, 3);
  EXPECT_EQ(left.resources[0].acls.at(0).permission_type, 3);
}

TEST_F(AclApiTest, SaysWhatIsWrongWithOneAclAndTakesTheOthers) {
  allow_cluster(AclOperation::Alter);
  CreateAclsRequest create;
  create.creations.assign(8, creation("orders", 3));
  create.creations[0].resource_type = 1;
  create.creations[1].resource_pattern_type = 2;
  create.creations[2].operation = 1;
  create.creations[3].permission_type = 1;
  create.creations[4].resource_name = "";
  create.creations[5].resource_type = 4;
  create.creations[6].principal = "bob";
  const auto results = client_->call<CreateAclsResponse>(create, 3).results;
  ASSERT_THAT(results, SizeIs(8));
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(results[i].error_code, KafkaError::InvalidRequest) << i;
    EXPECT_TRUE(results[i].error_message.has_value()) << i;
  }
  EXPECT_EQ(results[7].error_code, KafkaError::None);
  EXPECT_THAT(acls_->list({.resource = AclResource::Topic}), SizeIs(1));
  DeleteAclsRequest remove;
  remove.filters.resize(2);
  remove.filters[1] = {.resource_type_filter = 2, .operation = 1, .permission_type = 1};
  const auto removed = client_->call<DeleteAclsResponse>(remove, 3).filter_results;
  EXPECT_EQ(removed.at(0).error_code, KafkaError::InvalidRequest);
  EXPECT_THAT(removed.at(1).matching_acls, SizeIs(1));
  EXPECT_EQ(client_->call<DescribeAclsResponse>(DescribeAclsRequest{}, 3).error_code,
            KafkaError::InvalidRequest);
}

}  // namespace
}  // namespace tidemill::broker::api
