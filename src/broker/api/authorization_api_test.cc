// SPDX-License-Identifier: Apache-2.0
// Every API asks for permission: none can be forgotten, for one that is in no list here fails the
// test. What permission buys is in acl_api_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "broker/api/api_table.h"
#include "broker/server/test_broker.h"
#include "wire/kafka/all_messages.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;  // NOLINT(google-build-using-namespace): its subject is every message
using server::TestClient;

// What these answer is no secret, or leaves out what one may not see (acl_api_test.cc).
const std::set<ApiKey> kAsksNothing{ApiKey::ApiVersions,      ApiKey::SaslHandshake,
                                    ApiKey::SaslAuthenticate, ApiKey::DescribeCluster,
                                    ApiKey::ListGroups,       ApiKey::ListTransactions};

// Every error code in a message, wherever it is.
struct CodeFinder {
  std::set<KafkaError> found;

  void look(KafkaError code) { found.insert(code); }
  template <class T>
  void look(const T& value) {
    if constexpr (requires { T::fields(value, *this); }) {
      T::fields(value, *this);
    } else if constexpr (requires { value.has_value(); }) {
      if (value) look(*value);
    } else if constexpr (requires {
                           value.begin();
                           typename T::allocator_type;
                         }) {
      for (const auto& each : value) look(each);
    }
  }
  void field(std::string_view, const auto& value, auto&&...) { look(value); }
  void tagged(int, std::string_view, const auto& value, auto&&...) { look(value); }
};

const std::set<KafkaError> kRefusals{
    KafkaError::TopicAuthorizationFailed, KafkaError::GroupAuthorizationFailed,
    KafkaError::ClusterAuthorizationFailed, KafkaError::TransactionalIdAuthorizationFailed};

struct Case {
  MessageSpec spec;
  std::int16_t from = 0;
  std::function<KafkaError(std::int16_t version)> refusal;
  std::function<std::set<KafkaError>(TestClient& client, std::int16_t version)> ask;
};

class AuthorizationApiTest : public server::BrokerTest {
 protected:
  AuthorizationApiTest() {
    create_topic("orders");
    acls_ = *security::AclStore::open(disk_, folder_ / "acls.json");
    add_records();
    add_groups();
    add_transactions();
    add_administration();
  }

  void authorize(std::set<std::string, std::less<>> super_users) {
    close();
    authorizer_ = std::make_unique<security::Authorizer>(
        *acls_, security::AuthorizerOptions{.super_users = std::move(super_users)});
    open();
  }

  template <class Response, class Request>
  void add(KafkaError refusal, Request request, std::int16_t from = Request::kSpec.lowest) {
    add<Response>([refusal](std::int16_t) { return refusal; }, std::move(request), from);
  }
  template <class Response, class Request>
  void add(std::function<KafkaError(std::int16_t)> refusal, Request request,
           std::int16_t from = Request::kSpec.lowest) {
    auto ask = [request = std::move(request)](TestClient& client, std::int16_t version) {
      CodeFinder finder;
      finder.look(client.call<Response>(request, version));
      return finder.found;
    };
    cases_[Request::kSpec.key] = {Request::kSpec, from, std::move(refusal), std::move(ask)};
  }

  void add_records();
  void add_groups();
  void add_transactions();
  void add_administration();

  std::map<ApiKey, Case> cases_;
  const Bytes batch_ = batch_of({"a"});
};

void AuthorizationApiTest::add_records() {
  const Uuid id = broker_->find_topic("orders")->id;
  ProduceRequest produce;
  produce.acks = -1;
  produce.topics.push_back({.name = "orders", .topic_id = id, .partitions = {}});
  produce.topics[0].partitions.push_back({.index = 0, .records = records_of(batch_)});
  add<ProduceResponse>(KafkaError::TopicAuthorizationFailed, produce);

  FetchRequest fetch;
  fetch.topics.push_back({.topic = "orders", .topic_id = id, .partitions = {{.index = 0}}});
  add<FetchResponse>(KafkaError::TopicAuthorizationFailed, fetch);

  ListOffsetsRequest offsets;
  offsets.topics.push_back({.name = "orders", .partitions = {{.index = 0, .timestamp = -1}}});
  add<ListOffsetsResponse>(KafkaError::TopicAuthorizationFailed, offsets);

  MetadataRequest metadata;
  metadata.topics.emplace().push_back({.topic_id = {}, .name = "orders"});
  add<MetadataResponse>(KafkaError::TopicAuthorizationFailed, metadata);

  OffsetForLeaderEpochRequest epochs;
  epochs.topics.push_back({.topic = "orders", .partitions = {{.index = 0}}});
  add<OffsetForLeaderEpochResponse>(KafkaError::TopicAuthorizationFailed, epochs);

  DeleteRecordsRequest records;
  records.topics.push_back({.name = "orders", .partitions = {{.index = 0, .offset = 0}}});
  add<DeleteRecordsResponse>(KafkaError::TopicAuthorizationFailed, records);

  DescribeProducersRequest producers;
  producers.topics.push_back({.name = "orders", .partitions = {0}});
  add<DescribeProducersResponse>(KafkaError::TopicAuthorizationFailed, producers);
}

void AuthorizationApiTest::add_groups() {
  const Uuid id = broker_->find_topic("orders")->id;
  const auto refused = KafkaError::GroupAuthorizationFailed;
  OffsetCommitRequest commit;
  commit.group_id = "g";
  commit.generation_id_or_member_epoch = -1;
  commit.topics.push_back({.name = "orders", .topic_id = id, .partitions = {{.index = 0}}});
  add<OffsetCommitResponse>(refused, commit);

  OffsetFetchRequest fetch;
  fetch.group_id = "g";
  fetch.topics.emplace().push_back({.name = "orders", .partitions = {0}});
  fetch.groups.emplace_back().group_id = "g";
  add<OffsetFetchResponse>(refused, fetch);

  FindCoordinatorRequest find;
  find.key = "g";
  find.coordinator_keys = {"g"};
  add<FindCoordinatorResponse>(refused, find);

  add<JoinGroupResponse>(refused, JoinGroupRequest{.group_id = "g"});
  add<HeartbeatResponse>(refused, HeartbeatRequest{.group_id = "g"});
  add<LeaveGroupResponse>(refused, LeaveGroupRequest{.group_id = "g"});
  add<SyncGroupResponse>(refused, SyncGroupRequest{.group_id = "g"});
  add<DescribeGroupsResponse>(refused, DescribeGroupsRequest{.groups = {"g"}});
  add<DeleteGroupsResponse>(refused, DeleteGroupsRequest{.groups_names = {"g"}});

  OffsetDeleteRequest forget;
  forget.group_id = "g";
  forget.topics.push_back({.name = "orders", .partitions = {{.index = 0}}});
  add<OffsetDeleteResponse>(refused, forget);

  ConsumerGroupHeartbeatRequest beat;
  beat.group_id = "g";
  beat.member_id = "m";
  beat.rebalance_timeout_ms = 30'000;
  beat.subscribed_topic_names = {{"orders"}};
  add<ConsumerGroupHeartbeatResponse>(refused, beat);
  add<ConsumerGroupDescribeResponse>(refused, ConsumerGroupDescribeRequest{.group_ids = {"g"}});
}

void AuthorizationApiTest::add_transactions() {
  const auto refused = KafkaError::TransactionalIdAuthorizationFailed;
  add<InitProducerIdResponse>(KafkaError::ClusterAuthorizationFailed, InitProducerIdRequest{});

  AddPartitionsToTxnRequest partitions;
  partitions.transactional_id = "t";
  partitions.topics.push_back({.name = "orders", .partitions = {0}});
  partitions.transactions.push_back({.transactional_id = "t", .topics = partitions.topics});
  constexpr std::int16_t kBrokersFrom = 4;
  add<AddPartitionsToTxnResponse>(
      [](std::int16_t version) {
        return version < kBrokersFrom ? refused : KafkaError::ClusterAuthorizationFailed;
      },
      partitions);

  AddOffsetsToTxnRequest offsets;
  offsets.transactional_id = "t";
  offsets.group_id = "g";
  add<AddOffsetsToTxnResponse>(refused, offsets);

  EndTxnRequest end;
  end.transactional_id = "t";
  add<EndTxnResponse>(refused, end);

  TxnOffsetCommitRequest commit;
  commit.transactional_id = "t";
  commit.group_id = "g";
  commit.topics.push_back({.name = "orders", .partitions = {{.index = 0}}});
  add<TxnOffsetCommitResponse>(refused, commit);

  WriteTxnMarkersRequest markers;
  auto& marker = markers.markers.emplace_back();
  marker.topics.push_back({.name = "orders", .partition_indexes = {0}});
  add<WriteTxnMarkersResponse>(KafkaError::ClusterAuthorizationFailed, markers);
  add<DescribeTransactionsResponse>(refused,
                                    DescribeTransactionsRequest{.transactional_ids = {"t"}});
}

void AuthorizationApiTest::add_administration() {
  const auto no_topic = KafkaError::TopicAuthorizationFailed;
  const auto no_cluster = KafkaError::ClusterAuthorizationFailed;
  CreateTopicsRequest create;
  create.topics.push_back({.name = "new", .num_partitions = 1, .replication_factor = 1});
  add<CreateTopicsResponse>(no_topic, create);

  DeleteTopicsRequest remove;
  remove.topic_names = {"missing"};
  remove.topics.push_back({.name = "missing", .topic_id = {}});
  add<DeleteTopicsResponse>(no_topic, remove);

  CreatePartitionsRequest grow;
  grow.topics.push_back({.name = "orders", .count = 2});
  add<CreatePartitionsResponse>(no_topic, grow);

  DescribeTopicPartitionsRequest partitions;
  partitions.topics = {{.name = "orders"}};
  add<DescribeTopicPartitionsResponse>(no_topic, partitions);

  DescribeConfigsRequest configs;
  configs.resources.push_back(
      {.resource_type = 2, .resource_name = "orders", .configuration_keys = std::nullopt});
  add<DescribeConfigsResponse>(no_topic, configs);
  AlterConfigsRequest alter;
  alter.resources.push_back({.resource_type = 2, .resource_name = "orders", .configs = {}});
  add<AlterConfigsResponse>(no_topic, alter);
  IncrementalAlterConfigsRequest change;
  change.resources.push_back({.resource_type = 2, .resource_name = "orders", .configs = {}});
  add<IncrementalAlterConfigsResponse>(no_topic, change);

  constexpr std::int16_t kFoldersErrorFrom = 3;
  add<DescribeLogDirsResponse>(no_cluster, DescribeLogDirsRequest{}, kFoldersErrorFrom);
  add<DescribeQuorumResponse>(no_cluster, DescribeQuorumRequest{});
  add<UpdateFeaturesResponse>(no_cluster, UpdateFeaturesRequest{});
  add<DescribeUserScramCredentialsResponse>(no_cluster, DescribeUserScramCredentialsRequest{});
  AlterUserScramCredentialsRequest users;
  users.deletions.push_back({.name = "alice", .mechanism = 1});
  add<AlterUserScramCredentialsResponse>(no_cluster, users);

  DescribeAclsRequest acls{.resource_type_filter = 1, .operation = 1, .permission_type = 1};
  add<DescribeAclsResponse>(no_cluster, acls);
  CreateAclsRequest new_acls;
  new_acls.creations.push_back({.resource_type = 2,
                                .resource_name = "orders",
                                .principal = "User:bob",
                                .host = "*",
                                .operation = 3,
                                .permission_type = 3});
  add<CreateAclsResponse>(no_cluster, new_acls);
  DeleteAclsRequest old_acls;
  old_acls.filters.push_back({.resource_type_filter = 1, .operation = 1, .permission_type = 1});
  add<DeleteAclsResponse>(no_cluster, old_acls);
}

TEST_F(AuthorizationApiTest, CoversEveryApiThatIsServed) {
  for (const ApiEntry& entry : api_table()) {
    EXPECT_NE(cases_.contains(entry.spec.key), kAsksNothing.contains(entry.spec.key))
        << entry.spec.name << " needs a case here, or a reason why it asks nothing";
  }
}

TEST_F(AuthorizationApiTest, RefusesWhoeverHasNoAclInEveryVersion) {
  authorize({});
  const auto client = connect();
  for (const auto& [key, one] : cases_) {
    for (std::int16_t version = one.from; version <= one.spec.highest; ++version) {
      SCOPED_TRACE(std::string(one.spec.name) + " v" + std::to_string(version));
      const auto codes = one.ask(*client, version);
      EXPECT_TRUE(codes.contains(one.refusal(version)));
      for (const KafkaError code : codes) {
        EXPECT_TRUE(code == KafkaError::None || code == one.refusal(version)) << name_of(code);
      }
    }
  }
  EXPECT_EQ(broker_->find_topic("new"), nullptr);
  EXPECT_EQ(broker_->find_partition("orders", 0)->offsets().log_end_offset, 0);
  EXPECT_TRUE(acls_->list({}).empty());
}

TEST_F(AuthorizationApiTest, RefusesASuperUserNothing) {
  authorize({"User:ANONYMOUS"});
  const auto client = connect();
  for (const auto& [key, one] : cases_) {
    SCOPED_TRACE(one.spec.name);
    for (const KafkaError code : one.ask(*client, one.spec.highest)) {
      EXPECT_FALSE(kRefusals.contains(code)) << name_of(code);
    }
  }
  EXPECT_NE(broker_->find_topic("new"), nullptr);
}

TEST_F(AuthorizationApiTest, AsksNobodyWithoutAnAuthorizer) {
  const auto client = connect();
  for (const auto& [key, one] : cases_) {
    SCOPED_TRACE(one.spec.name);
    for (const KafkaError code : one.ask(*client, one.spec.highest)) {
      EXPECT_FALSE(kRefusals.contains(code)) << name_of(code);
    }
  }
}

}  // namespace
}  // namespace tidemill::broker::api
