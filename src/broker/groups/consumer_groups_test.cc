// SPDX-License-Identifier: Apache-2.0
// Groups of the newer protocol (KIP-848) as their members see them, on a clock turned by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/consumer_groups.h"

namespace tidemill::broker::groups {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using wire::kafka::KafkaError;

class MemoryTopics final : public TopicDirectory {
 public:
  std::optional<GroupTopic> find(std::string_view name) const override {
    const auto at = topics.find(name);
    if (at == topics.end()) return std::nullopt;
    return at->second;
  }
  std::vector<GroupTopic> all() const override {
    std::vector<GroupTopic> found;
    for (const auto& [name, topic] : topics) found.push_back(topic);
    return found;
  }
  void put(const std::string& name, std::int32_t partitions) {
    GroupTopic& topic = topics[name];
    topic.name = name;
    topic.partitions = partitions;
    topic.id.bytes[0] = ++last_id;
  }

  std::map<std::string, GroupTopic, std::less<>> topics;
  std::uint8_t last_id = 0;
};

class ConsumerGroupsTest : public testing::Test {
 protected:
  using Request = ConsumerGroups::Request;
  using Response = ConsumerGroups::Response;

  // A client that keeps the protocol: it gives up what it must with its next heartbeat.
  struct Client {
    std::string id;
    std::int32_t epoch = 0;
    Partitions owned = {};
    std::vector<std::string> topics{"t"};
    std::optional<std::string> instance = {};
    std::optional<std::string> assignor = {};
    std::optional<std::string> regex = {};
    KafkaError error = KafkaError::None;
  };

  ConsumerGroupsTest() { topics_.put("t", 6); }

  Response send(const Request& request) {
    return groups_.heartbeat(request, caller_, "fresh", topics_);
  }
  Request request_of(const Client& client) {
    Request request;
    request.group_id = "g";
    request.member_id = client.id;
    request.member_epoch = client.epoch;
    request.instance_id = client.instance;
    request.rebalance_timeout_ms = 30'000;
    request.subscribed_topic_names = client.topics;
    request.subscribed_topic_regex = client.regex;
    request.server_assignor = client.assignor;
    request.topic_partitions.emplace();
    for (const auto& each : client.owned) {
      request.topic_partitions->push_back({each.topic, {each.partition}});
    }
    return request;
  }
  void beat(Client& client) {
    const Response response = send(request_of(client));
    client.error = response.error_code;
    if (client.error != KafkaError::None) return;
    client.epoch = response.member_epoch;
    if (!response.assignment) return;
    client.owned.clear();
    for (const auto& topic : response.assignment->topic_partitions) {
      for (const auto partition : topic.partitions)
        client.owned.insert({topic.topic_id, partition});
    }
  }
  // Until nothing moves any more.
  void settle(std::initializer_list<Client*> clients) {
    for (int round = 0; round < 6; ++round) {
      for (Client* client : clients) {
        beat(*client);
        ASSERT_EQ(client->error, KafkaError::None) << client->id;
      }
    }
    EXPECT_EQ(groups_.find("g")->state_name(), "Stable");
  }
  void leave(const Client& client, std::int32_t epoch = kLeavingEpoch) {
    Request request;
    request.group_id = "g";
    request.member_id = client.id;
    request.instance_id = client.instance;
    request.member_epoch = epoch;
    EXPECT_EQ(send(request).error_code, KafkaError::None);
  }

  ManualClock clock_;
  MemoryTopics topics_;
  Caller caller_{.client_id = "client", .host = "/host", .api_version = 1};
  ConsumerGroups groups_{clock_, {}};
};

TEST_F(ConsumerGroupsTest, TheFirstMemberGetsEverythingAtOnce) {
  Client a{.id = "a"};
  beat(a);
  EXPECT_EQ(a.epoch, 1);
  EXPECT_THAT(a.owned, SizeIs(6));
  EXPECT_EQ(groups_.find("g")->state_name(), "Stable");
}

TEST_F(ConsumerGroupsTest, AMemberGetsPartitionsOnlyOnceTheyAreGivenUp) {
  Client a{.id = "a"};
  Client b{.id = "b"};
  beat(a);
  beat(b);
  EXPECT_EQ(b.epoch, 2);
  EXPECT_THAT(b.owned, IsEmpty());
  EXPECT_EQ(groups_.find("g")->state_name(), "Reconciling");
  const Partitions had = a.owned;
  beat(a);  // is told to give up three
  EXPECT_EQ(a.epoch, 1);
  EXPECT_THAT(a.owned, SizeIs(3));
  beat(b);
  EXPECT_THAT(b.owned, IsEmpty());
  beat(a);  // has given them up
  EXPECT_EQ(a.epoch, 2);
  beat(b);
  EXPECT_THAT(b.owned, SizeIs(3));
  for (const auto& each : b.owned) {
    EXPECT_TRUE(had.contains(each));
    EXPECT_FALSE(a.owned.contains(each));
  }
  EXPECT_EQ(groups_.find("g")->state_name(), "Stable");
}

TEST_F(ConsumerGroupsTest, WhoLeavesLeavesItsPartitionsToTheOthers) {
  Client a{.id = "a"};
  Client b{.id = "b"};
  settle({&a, &b});
  leave(b);
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(6));
  EXPECT_EQ(a.epoch, 3);
  leave(a);
  EXPECT_EQ(groups_.find("g")->state_name(), "Empty");
}

TEST_F(ConsumerGroupsTest, WhoFallsSilentIsRemovedAndFencedWhenItComesBack) {
  Client a{.id = "a"};
  Client b{.id = "b"};
  settle({&a, &b});
  clock_.advance(seconds{30});
  beat(a);
  clock_.advance(seconds{20});
  groups_.run_due();
  EXPECT_THAT(groups_.find("g")->members, SizeIs(1));
  beat(b);
  EXPECT_EQ(b.error, KafkaError::UnknownMemberId);
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(6));
}

TEST_F(ConsumerGroupsTest, WhoDoesNotGiveUpItsPartitionsInTimeIsRemoved) {
  Client a{.id = "a"};
  Client b{.id = "b"};
  beat(a);
  beat(b);
  Client stubborn = a;
  for (int i = 0; i < 3; ++i) {
    const Response response = send(request_of(stubborn));
    EXPECT_EQ(response.error_code, KafkaError::None);
    beat(b);
    clock_.advance(seconds{10});
    groups_.run_due();
  }
  EXPECT_EQ(send(request_of(stubborn)).error_code, KafkaError::UnknownMemberId);
  beat(b);
  EXPECT_THAT(b.owned, SizeIs(6));
}

TEST_F(ConsumerGroupsTest, AHeartbeatWithAnotherEpochIsFencedButForALostAnswer) {
  Client a{.id = "a"};
  beat(a);
  topics_.put("u", 2);
  a.topics = {"t", "u"};
  const Client before = a;
  beat(a);
  EXPECT_EQ(a.epoch, 2);
  Request again = request_of(before);
  EXPECT_EQ(send(again).member_epoch, 2);
  again.member_epoch = 7;
  EXPECT_EQ(send(again).error_code, KafkaError::FencedMemberEpoch);
  again.member_epoch = 1;
  again.topic_partitions.reset();
  EXPECT_EQ(send(again).error_code, KafkaError::FencedMemberEpoch);
}

TEST_F(ConsumerGroupsTest, PartitionsThatAreAddedAreAssigned) {
  Client a{.id = "a"};
  beat(a);
  topics_.topics["t"].partitions = 8;
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(6));
  clock_.advance(seconds{2});
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(8));
  EXPECT_EQ(a.epoch, 2);
}

TEST_F(ConsumerGroupsTest, ATopicThatComesLaterIsAssigned) {
  Client a{.id = "a", .topics = {"later"}};
  beat(a);
  EXPECT_THAT(a.owned, IsEmpty());
  topics_.put("later", 2);
  clock_.advance(seconds{2});
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(2));
}

TEST_F(ConsumerGroupsTest, ARegularExpressionFollowsTheTopics) {
  topics_.put("orders-1", 2);
  Client a{.id = "a", .topics = {}, .regex = "orders-.*"};
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(2));
  topics_.put("orders-2", 3);
  clock_.advance(seconds{2});
  beat(a);
  EXPECT_THAT(a.owned, SizeIs(5));
  a.regex = "(";
  beat(a);
  EXPECT_EQ(a.error, KafkaError::InvalidRegularExpression);
}

TEST_F(ConsumerGroupsTest, AStaticMemberThatComesBackHasItsPartitionsAndNobodyMoves) {
  Client a{.id = "a", .instance = "one"};
  Client b{.id = "b", .instance = "two"};
  settle({&a, &b});
  const std::int32_t epoch = groups_.find("g")->epoch;
  leave(a, kStaticAwayEpoch);
  Client again{.id = "a2", .instance = "one"};
  beat(again);
  EXPECT_EQ(again.owned, a.owned);
  EXPECT_EQ(groups_.find("g")->epoch, epoch);
  beat(a);
  EXPECT_EQ(a.error, KafkaError::FencedInstanceId);
  Client thief{.id = "a3", .instance = "one"};
  beat(thief);
  EXPECT_EQ(thief.error, KafkaError::UnreleasedInstanceId);
}

TEST_F(ConsumerGroupsTest, AStaticMemberThatStaysAwayIsRemoved) {
  Client a{.id = "a", .instance = "one"};
  Client b{.id = "b"};
  settle({&a, &b});
  leave(a, kStaticAwayEpoch);
  clock_.advance(seconds{30});
  beat(b);
  clock_.advance(seconds{20});
  groups_.run_due();
  beat(b);
  EXPECT_THAT(b.owned, SizeIs(6));
}

TEST_F(ConsumerGroupsTest, MembersChooseTheAssignor) {
  Client a{.id = "a", .assignor = "range"};
  Client b{.id = "b", .assignor = "range"};
  settle({&a, &b});
  EXPECT_EQ(groups_.find("g")->assignor, Assignor::Range);
  EXPECT_EQ(a.owned.begin()->partition, 0);
  EXPECT_EQ(a.owned.rbegin()->partition, 2);
  a.assignor = "best";
  beat(a);
  EXPECT_EQ(a.error, KafkaError::UnsupportedAssignor);
}

TEST_F(ConsumerGroupsTest, RefusesRequestsThatCannotBe) {
  const auto code_of = [&](auto change) {
    Request request = request_of({.id = "a"});
    change(request);
    return send(request).error_code;
  };
  EXPECT_EQ(code_of([](Request& r) { r.group_id = ""; }), KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.member_id = ""; }), KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.member_epoch = -3; }), KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.member_epoch = -2; }), KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.rebalance_timeout_ms = -1; }), KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.subscribed_topic_names.reset(); }),
            KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.topic_partitions->push_back({{}, {1}}); }),
            KafkaError::InvalidRequest);
  EXPECT_EQ(code_of([](Request& r) { r.member_epoch = 5; }), KafkaError::UnknownMemberId);
  EXPECT_EQ(code_of([](Request& r) { r.member_epoch = -1; }), KafkaError::GroupIdNotFound);
}

TEST_F(ConsumerGroupsTest, CommitsAreForMembersOfTheRightEpoch) {
  Client a{.id = "a"};
  beat(a);
  EXPECT_EQ(groups_.check_member("g", "a", 1), KafkaError::None);
  EXPECT_EQ(groups_.check_member("g", "a", 2), KafkaError::StaleMemberEpoch);
  EXPECT_EQ(groups_.check_member("g", "b", 1), KafkaError::UnknownMemberId);
  EXPECT_EQ(groups_.check_member("g", "", -1), KafkaError::UnknownMemberId);
  leave(a);
  EXPECT_EQ(groups_.check_member("g", "", -1), KafkaError::None);
}

TEST_F(ConsumerGroupsTest, ShowsWhatMembersHaveAndShallHave) {
  Client a{.id = "a", .assignor = "range"};
  Client b{.id = "b", .instance = "two"};
  beat(a);
  beat(b);
  const auto shown = groups_.describe(*groups_.find("g"));
  EXPECT_EQ(shown.group_state, "Reconciling");
  EXPECT_EQ(shown.group_epoch, 2);
  ASSERT_THAT(shown.members, SizeIs(2));
  EXPECT_EQ(shown.members[0].assignment.topic_partitions[0].topic_name, "t");
  EXPECT_THAT(shown.members[0].assignment.topic_partitions[0].partitions, SizeIs(6));
  EXPECT_THAT(shown.members[0].target_assignment.topic_partitions[0].partitions,
              ElementsAre(3, 4, 5));  // the static member comes first
  EXPECT_EQ(shown.members[1].instance_id, "two");
  EXPECT_EQ(shown.members[1].member_type, 1);
}

TEST_F(ConsumerGroupsTest, TheEpochGoesOnAfterARestart) {
  Client a{.id = "a"};
  beat(a);
  const auto stored = decode_consumer_group(encode_consumer_group("g", 1));
  ASSERT_TRUE(stored.ok() && *stored);
  ConsumerGroups restarted(clock_, {});
  restarted.restore((*stored)->id, (*stored)->epoch);
  std::swap(a.owned, *std::make_unique<Partitions>());
  Request request = request_of(a);
  const auto lost = restarted.heartbeat(request, caller_, "fresh", topics_);
  EXPECT_EQ(lost.error_code, KafkaError::UnknownMemberId);
  request.member_epoch = 0;
  const auto joined = restarted.heartbeat(request, caller_, "fresh", topics_);
  EXPECT_EQ(joined.member_epoch, 2);
}

}  // namespace
}  // namespace tidemill::broker::groups
