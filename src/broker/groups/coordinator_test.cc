// SPDX-License-Identifier: Apache-2.0
// The group protocol as members see it, on a clock turned by hand.
#include "broker/groups/coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/group_records.h"

namespace tidemill::broker::groups {
namespace {

using embedded::GroupRecord;
using embedded::OffsetCommit;
using embedded::StoredOffset;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using wire::kafka::HeartbeatRequest;
using wire::kafka::JoinGroupRequest;
using wire::kafka::JoinGroupResponse;
using wire::kafka::KafkaError;
using wire::kafka::LeaveGroupRequest;
using wire::kafka::SyncGroupRequest;
using wire::kafka::SyncGroupResponse;

// Keeps everything in maps; a write can be held back or made to fail.
class MemoryOffsetStore final : public embedded::OffsetStore {
 public:
  void commit(const std::string& group, std::vector<OffsetCommit> offsets,
              Completion<Result<>> done) override {
    for (const auto& offset : offsets) {
      StoredOffset& stored_offset = offsets_[group][offset.source];
      stored_offset.offset = offset.offset;
      stored_offset.commit_timestamp_ms = now_ms;
    }
    done({});
  }
  void commit_in_transaction(const std::string&, embedded::ProducerIdentity,
                             std::vector<OffsetCommit>, embedded::AckWhen,
                             Completion<Result<>> done) override {
    done({});
  }
  std::optional<StoredOffset> find(const std::string&, const TopicPartition&) const override {
    return std::nullopt;
  }
  std::vector<std::pair<TopicPartition, StoredOffset>> list(
      const std::string& group) const override {
    const auto at = offsets_.find(group);
    if (at == offsets_.end()) return {};
    return {at->second.begin(), at->second.end()};
  }
  std::vector<std::string> groups() const override {
    std::vector<std::string> all;
    for (const auto& [group, offsets] : offsets_) all.push_back(group);
    return all;
  }
  void erase(const std::string& group, std::vector<TopicPartition> sources,
             Completion<Result<>> done) override {
    for (const auto& source : sources) offsets_[group].erase(source);
    done({});
  }
  void erase_group(const std::string& group, Completion<Result<>> done) override {
    offsets_.erase(group);
    done({});
  }
  void write_group_records(const std::string&, std::vector<GroupRecord> records,
                           Completion<Result<>> done) override {
    if (failure) return done(*failure);
    for (auto& record : records) stored[record.key] = std::move(record.value);
    done({});
  }
  std::vector<GroupRecord> take_group_records() override {
    std::vector<GroupRecord> all;
    for (auto& [key, value] : stored) {
      if (value) all.push_back({key, value});
    }
    return all;
  }

  std::int64_t now_ms = 0;
  std::map<Bytes, std::optional<Bytes>> stored;
  std::optional<Error> failure;

 private:
  std::map<std::string, std::map<TopicPartition, StoredOffset>> offsets_;
};

using Joined = std::shared_ptr<std::optional<JoinGroupResponse>>;
using Synced = std::shared_ptr<std::optional<SyncGroupResponse>>;

class GroupCoordinatorTest : public testing::Test {
 protected:
  // What a client sends in its first JoinGroup; version 3 needs no second one.
  Joined join(const std::string& member_id, const std::string& instance = "",
              std::vector<std::string> protocols = {"range"}, std::int16_t version = 3,
              const std::string& client = "client") {
    JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = 10'000;
    request.rebalance_timeout_ms = 60'000;
    request.member_id = member_id;
    if (!instance.empty()) request.group_instance_id = instance;
    request.protocol_type = "consumer";
    for (const auto& name : protocols) {
      request.protocols.push_back({.name = name, .metadata = {0, 1}});
    }
    auto answer = std::make_shared<std::optional<JoinGroupResponse>>();
    coordinator_.join(std::move(request),
                      {.client_id = client, .host = "/127.0.0.1", .api_version = version},
                      [answer](JoinGroupResponse response) { *answer = std::move(response); });
    return answer;
  }

  Synced sync(const std::string& member_id, std::int32_t generation,
              std::map<std::string, Bytes> assignments = {}) {
    SyncGroupRequest request;
    request.group_id = "g";
    request.member_id = member_id;
    request.generation_id = generation;
    for (auto& [member, bytes] : assignments) {
      request.assignments.push_back({.member_id = member, .assignment = bytes});
    }
    auto answer = std::make_shared<std::optional<SyncGroupResponse>>();
    coordinator_.sync(std::move(request),
                      [answer](SyncGroupResponse response) { *answer = std::move(response); });
    return answer;
  }

  KafkaError heartbeat(const std::string& member_id, std::int32_t generation,
                       const std::string& instance = "") {
    HeartbeatRequest request;
    request.group_id = "g";
    request.member_id = member_id;
    request.generation_id = generation;
    if (!instance.empty()) request.group_instance_id = instance;
    return coordinator_.heartbeat(request);
  }

  KafkaError leave(const std::string& member_id) {
    LeaveGroupRequest request;
    request.group_id = "g";
    request.member_id = member_id;
    return coordinator_.leave(request, 0).error_code;
  }

  // A stable group of one; gives the member's id.
  std::string stable_member(const std::string& instance = "") {
    const Joined joined = join("", instance);
    const std::string id = (*joined)->member_id;
    sync(id, (*joined)->generation_id, {{id, {7}}});
    return id;
  }

  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    coordinator_.run_due();
  }

  std::string state() { return coordinator_.describe("g")->state; }

  MemoryOffsetStore store_;
  ManualClock clock_;
  SeededRandom random_{1};
  GroupCoordinator coordinator_{store_, clock_, random_, GroupOptions{}};
};

TEST_F(GroupCoordinatorTest, GivesTheFirstMemberItsAssignment) {
  const Joined joined = join("");
  ASSERT_TRUE(*joined);
  EXPECT_EQ((*joined)->error_code, KafkaError::None);
  EXPECT_EQ((*joined)->generation_id, 1);
  EXPECT_EQ((*joined)->leader, (*joined)->member_id);
  EXPECT_EQ((*joined)->protocol_name, "range");
  EXPECT_THAT((*joined)->members, SizeIs(1));
  EXPECT_THAT((*joined)->member_id, StartsWith("client-"));

  const std::string id = (*joined)->member_id;
  const Synced synced = sync(id, 1, {{id, {1, 2, 3}}});
  ASSERT_TRUE(*synced);
  EXPECT_EQ((*synced)->assignment, (Bytes{1, 2, 3}));
  EXPECT_EQ(state(), "Stable");
  EXPECT_EQ(heartbeat(id, 1), KafkaError::None);
}

TEST_F(GroupCoordinatorTest, AsksNewerClientsToComeBackWithTheirId) {
  const Joined refused = join("", "", {"range"}, 5);
  EXPECT_EQ((*refused)->error_code, KafkaError::MemberIdRequired);
  const Joined joined = join((*refused)->member_id, "", {"range"}, 5);
  EXPECT_EQ((*joined)->error_code, KafkaError::None);
  EXPECT_EQ((*joined)->member_id, (*refused)->member_id);
}

TEST_F(GroupCoordinatorTest, KnowsAnIdItGaveOutOnlyUntilTheSessionTimeout) {
  const Joined refused = join("", "", {"range"}, 5);
  pass(seconds(11));
  EXPECT_EQ((*join((*refused)->member_id, "", {"range"}, 5))->error_code,
            KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, RebalancesWhenASecondMemberJoins) {
  const std::string first = stable_member();
  const Joined second = join("");
  EXPECT_FALSE(*second) << "it waits for the first member to come back";
  EXPECT_EQ(heartbeat(first, 1), KafkaError::RebalanceInProgress);

  const Joined again = join(first);
  ASSERT_TRUE(*again);
  ASSERT_TRUE(*second);
  EXPECT_EQ((*again)->generation_id, 2);
  EXPECT_EQ((*second)->generation_id, 2);
  EXPECT_EQ((*second)->leader, first);
  EXPECT_THAT((*again)->members, SizeIs(2));
  EXPECT_THAT((*second)->members, IsEmpty());

  const std::string other = (*second)->member_id;
  const Synced waits = sync(other, 2);
  EXPECT_FALSE(*waits) << "the leader has not assigned yet";
  const Synced leads = sync(first, 2, {{first, {1}}, {other, {2}}});
  EXPECT_EQ((*leads)->assignment, (Bytes{1}));
  ASSERT_TRUE(*waits);
  EXPECT_EQ((*waits)->assignment, (Bytes{2}));
}

TEST_F(GroupCoordinatorTest, GoesOnWithoutAMemberThatDoesNotRejoinInTime) {
  const std::string first = stable_member();
  const Joined second = join("");
  for (int i = 0; i < 12; ++i) {
    EXPECT_FALSE(*second);
    pass(seconds(5));
    heartbeat(first, 1);
  }
  pass(seconds(1));
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->leader, (*second)->member_id);
  EXPECT_EQ(heartbeat(first, 1), KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, EndsTheSessionOfASilentMember) {
  const std::string id = stable_member();
  pass(seconds(9));
  EXPECT_EQ(heartbeat(id, 1), KafkaError::None);
  pass(seconds(9));
  EXPECT_EQ(state(), "Stable");
  pass(seconds(2));
  EXPECT_EQ(state(), "Empty");
  EXPECT_EQ(heartbeat(id, 1), KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, RemovesAMemberThatNeverAsksForItsAssignment) {
  const Joined joined = join("");
  const std::string id = (*joined)->member_id;
  for (int i = 0; i < 13; ++i) {
    heartbeat(id, 1);
    pass(seconds(5));
  }
  EXPECT_EQ(heartbeat(id, 1), KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, GivesTheRestToTheOthersWhenAMemberLeaves) {
  const std::string first = stable_member();
  const Joined second = join("");
  const Joined again = join(first);
  const std::string other = (*second)->member_id;
  sync(other, 2);
  sync(first, 2, {{first, {1}}, {other, {2}}});

  EXPECT_EQ(leave(other), KafkaError::None);
  EXPECT_EQ(heartbeat(first, 2), KafkaError::RebalanceInProgress);
  const Joined alone = join(first);
  ASSERT_TRUE(*alone);
  EXPECT_EQ((*alone)->generation_id, 3);
  EXPECT_THAT((*alone)->members, SizeIs(1));
  EXPECT_EQ(leave(other), KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, TellsThoseWhoWaitForAnAssignmentOfANewRebalance) {
  const std::string first = stable_member();
  const Joined second = join("");
  join(first);
  const Synced waits = sync((*second)->member_id, 2);
  join("", "", {"range"}, 3, "third");
  ASSERT_TRUE(*waits);
  EXPECT_EQ((*waits)->error_code, KafkaError::RebalanceInProgress);
}

TEST_F(GroupCoordinatorTest, LetsAStaticMemberComeBackWithoutARebalance) {
  const std::string former = stable_member("i1");
  const Joined back = join("", "i1");
  ASSERT_TRUE(*back);
  EXPECT_EQ((*back)->generation_id, 1);
  EXPECT_NE((*back)->member_id, former);
  // An older client must not think that it is to assign: another member is named as leader.
  EXPECT_EQ((*back)->leader, former);
  const Synced synced = sync((*back)->member_id, 1);
  EXPECT_EQ((*synced)->assignment, (Bytes{7}));
  EXPECT_EQ(heartbeat(former, 1, "i1"), KafkaError::FencedInstanceId);
}

TEST_F(GroupCoordinatorTest, TellsANewerStaticLeaderToSkipTheAssignment) {
  stable_member("i1");
  const Joined back = join("", "i1", {"range"}, 9);
  EXPECT_TRUE((*back)->skip_assignment);
  EXPECT_EQ((*back)->leader, (*back)->member_id);
  EXPECT_THAT((*back)->members, SizeIs(1));
}

TEST_F(GroupCoordinatorTest, RemovesAStaticMemberByItsInstanceAlone) {
  stable_member("i1");
  LeaveGroupRequest request;
  request.group_id = "g";
  request.members.push_back({.member_id = "", .group_instance_id = "i1"});
  request.members.push_back({.member_id = "", .group_instance_id = "i2"});
  const auto response = coordinator_.leave(request, 4);
  ASSERT_THAT(response.members, SizeIs(2));
  EXPECT_EQ(response.members[0].error_code, KafkaError::None);
  EXPECT_EQ(response.members[1].error_code, KafkaError::UnknownMemberId);
  EXPECT_EQ(state(), "Empty");
}

TEST_F(GroupCoordinatorTest, PicksTheProtocolThatAllSupport) {
  const Joined first = join("", "", {"sticky", "range"});
  const Joined second = join("", "", {"range"});
  const Joined again = join((*first)->member_id, "", {"sticky", "range"});
  EXPECT_EQ((*again)->protocol_name, "range");
  EXPECT_EQ((*join("", "", {"other"}))->error_code, KafkaError::InconsistentGroupProtocol);
}

TEST_F(GroupCoordinatorTest, RefusesOtherGenerationsAndStrangers) {
  const std::string id = stable_member();
  EXPECT_EQ(heartbeat(id, 2), KafkaError::IllegalGeneration);
  EXPECT_EQ(heartbeat("stranger", 1), KafkaError::UnknownMemberId);
  EXPECT_EQ((*sync(id, 5))->error_code, KafkaError::IllegalGeneration);
  EXPECT_EQ((*join("stranger"))->error_code, KafkaError::UnknownMemberId);
}

TEST_F(GroupCoordinatorTest, LetsOnlyMembersCommitWhileThereAreAny) {
  using Committer = GroupCoordinator::Committer;
  EXPECT_EQ(coordinator_.check_commit({.group = "g"}), KafkaError::None);
  const std::string id = stable_member();
  EXPECT_EQ(coordinator_.check_commit({.group = "g"}), KafkaError::UnknownMemberId);
  const Committer member{.group = "g", .member_id = id, .generation = 1};
  EXPECT_EQ(coordinator_.check_commit(member), KafkaError::None);
  const Committer late{.group = "g", .member_id = id, .generation = 0};
  EXPECT_EQ(coordinator_.check_commit(late), KafkaError::IllegalGeneration);
  leave(id);
  EXPECT_EQ(coordinator_.check_commit({.group = "g"}), KafkaError::None);
}

TEST_F(GroupCoordinatorTest, ContinuesAfterARestart) {
  const std::string id = stable_member("i1");
  GroupCoordinator restarted(store_, clock_, random_, GroupOptions{});
  ASSERT_TRUE(restarted.load().ok());
  const auto group = restarted.describe_kafka("g");
  EXPECT_EQ(group.group_state, "Stable");
  ASSERT_THAT(group.members, SizeIs(1));
  EXPECT_EQ(group.members[0].member_id, id);
  EXPECT_EQ(group.members[0].member_assignment, (Bytes{7}));
  HeartbeatRequest request;
  request.group_id = "g";
  request.member_id = id;
  request.generation_id = 1;
  EXPECT_EQ(restarted.heartbeat(request), KafkaError::None);
}

TEST_F(GroupCoordinatorTest, TellsNobodyAnAssignmentThatIsNotStored) {
  store_.failure = error(ErrorCode::Exhausted, "disk full");
  const Joined joined = join("");
  const Synced synced = sync((*joined)->member_id, 1, {{(*joined)->member_id, {1}}});
  ASSERT_TRUE(*synced);
  EXPECT_EQ((*synced)->error_code, KafkaError::KafkaStorageError);
  EXPECT_EQ(state(), "PreparingRebalance");
}

TEST_F(GroupCoordinatorTest, DeletesOnlyEmptyGroups) {
  const auto remove = [&](const std::string& group) {
    std::optional<KafkaError> code;
    coordinator_.remove_group(group, [&](KafkaError given) { code = given; });
    return *code;
  };
  EXPECT_EQ(remove("g"), KafkaError::GroupIdNotFound);
  const std::string id = stable_member();
  EXPECT_EQ(remove("g"), KafkaError::NonEmptyGroup);
  leave(id);
  EXPECT_EQ(remove("g"), KafkaError::None);
  EXPECT_FALSE(coordinator_.describe("g"));
  EXPECT_EQ(coordinator_.describe_kafka("g").group_state, "Dead");
}

TEST_F(GroupCoordinatorTest, KnowsGroupsThatHaveOffsetsOnly) {
  store_.commit("batch", {{.source = {"orders", 0}, .offset = 3, .metadata = ""}},
                [](const Result<>&) {});
  ASSERT_THAT(coordinator_.list_kafka(), SizeIs(1));
  EXPECT_EQ(coordinator_.list_kafka()[0].group_id, "batch");
  EXPECT_EQ(coordinator_.describe_kafka("batch").group_state, "Empty");
}

TEST_F(GroupCoordinatorTest, ForgetsOffsetsAWeekAfterTheLastMemberLeft) {
  store_.now_ms = clock_.wall_ms();
  store_.commit("g", {{.source = {"orders", 0}, .offset = 3, .metadata = ""}},
                [](const Result<>&) {});
  const std::string id = stable_member();
  for (int i = 0; i < 10 * 24 * 3600 / 9; ++i) {
    clock_.advance(seconds(9));
    heartbeat(id, 1);
    if (i % 1000 == 0) coordinator_.run_due();
  }
  EXPECT_THAT(store_.list("g"), SizeIs(1)) << "a group with members keeps its offsets";
  leave(id);
  pass(std::chrono::days(6));
  EXPECT_THAT(store_.list("g"), SizeIs(1));
  pass(std::chrono::days(2));
  EXPECT_THAT(store_.list("g"), IsEmpty());
  EXPECT_FALSE(coordinator_.describe("g"));
}

TEST_F(GroupCoordinatorTest, ForgetsOffsetsOfAGroupWithoutMembersAWeekAfterTheirCommit) {
  store_.now_ms = clock_.wall_ms();
  store_.commit("batch", {{.source = {"orders", 0}, .offset = 3, .metadata = ""}},
                [](const Result<>&) {});
  pass(std::chrono::days(4));
  store_.now_ms = clock_.wall_ms();
  store_.commit("batch", {{.source = {"orders", 1}, .offset = 3, .metadata = ""}},
                [](const Result<>&) {});
  pass(std::chrono::days(4));
  EXPECT_THAT(store_.list("batch"), SizeIs(1));
  pass(std::chrono::days(4));
  EXPECT_THAT(store_.list("batch"), IsEmpty());
}

TEST_F(GroupCoordinatorTest, KeepsTheOffsetsOfTheEnginesOwnGroups) {
  store_.now_ms = clock_.wall_ms();
  for (const char* group : {"tidemill.letters.s", "tidemill.feeder.s", "tidemill.query.q"}) {
    store_.commit(group, {{.source = {"orders", 0}, .offset = 3, .metadata = ""}},
                  [](const Result<>&) {});
  }
  pass(std::chrono::days(30));
  for (const char* group : {"tidemill.letters.s", "tidemill.feeder.s", "tidemill.query.q"}) {
    EXPECT_THAT(store_.list(group), SizeIs(1)) << group;
  }
}

TEST_F(GroupCoordinatorTest, AStaleEpochInATransactionIsAnIllegalGeneration) {
  struct NoTopics final : TopicDirectory {
    std::optional<GroupTopic> find(std::string_view) const override { return std::nullopt; }
    std::vector<GroupTopic> all() const override { return {}; }
  };
  wire::kafka::ConsumerGroupHeartbeatRequest request;
  request.group_id = "new";
  request.member_id = "m";
  request.member_epoch = 0;
  request.rebalance_timeout_ms = 1000;
  request.subscribed_topic_names = {"orders"};
  request.topic_partitions.emplace();
  const auto joined = coordinator_.consumer_heartbeat(request, {"c", "/h", 1}, NoTopics{});
  ASSERT_EQ(joined.error_code, KafkaError::None);
  const GroupCoordinator::Committer stale{
      .group = "new", .member_id = "m", .generation = joined.member_epoch + 1};
  auto in_transaction = stale;
  in_transaction.in_transaction = true;
  EXPECT_EQ(coordinator_.check_commit(stale), KafkaError::StaleMemberEpoch);
  EXPECT_EQ(coordinator_.check_commit(in_transaction), KafkaError::IllegalGeneration);
}

TEST_F(GroupCoordinatorTest, KeepsNothingOfAMemberThatNeverCameBackWithItsId) {
  join("", "", {"range"}, 5);
  EXPECT_TRUE(coordinator_.describe("g"));
  pass(seconds(11));
  EXPECT_FALSE(coordinator_.describe("g"));
}

TEST_F(GroupCoordinatorTest, AnswersEverybodyWhenItStops) {
  const std::string first = stable_member();
  const Joined second = join("");
  coordinator_.stop();
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->error_code, KafkaError::NotCoordinator);
  EXPECT_EQ(heartbeat(first, 1), KafkaError::NotCoordinator);
}

TEST_F(GroupCoordinatorTest, WakesItsTimerForAnEarlierDeadline) {
  int woken = 0;
  coordinator_.on_earlier_deadline([&] { ++woken; });
  stable_member();
  EXPECT_GT(woken, 0);
  const auto next = coordinator_.run_due();
  ASSERT_TRUE(next);
  EXPECT_EQ(*next - clock_.monotonic(), seconds(10));
}

TEST(GroupRecords, HaveKafkasEncoding) {
  Group group;
  group.id = "g";
  group.protocol_type = "consumer";
  group.generation = 3;
  Member member;
  member.id = "m";
  member.instance_id = "i";
  member.client_id = "c";
  member.client_host = "/h";
  member.session_timeout = std::chrono::milliseconds(10);
  member.rebalance_timeout = std::chrono::milliseconds(20);
  member.protocols.push_back({.name = "range", .metadata = {9}});
  member.assignment = {8};
  group.protocol = "range";
  group.add(std::move(member));
  const GroupRecord record = encode_group(group, 5);
  EXPECT_EQ(to_hex(record.key), "0002000167");
  EXPECT_EQ(to_hex(*record.value),
            "00030008636f6e73756d657200000003000572616e676500016d00000000000000050000000100016d0001"
            "6900016300022f68000000140000000a00000001090000000108");
  const auto back = decode_group(record);
  ASSERT_TRUE(back.ok() && back->has_value());
  EXPECT_EQ((*back)->generation, 3);
  EXPECT_EQ((*back)->leader, "m");
  for (std::size_t length = 0; length < record.value->size(); ++length) {
    GroupRecord cut = record;
    cut.value->resize(length);
    EXPECT_FALSE(decode_group(cut).ok()) << length;
  }
}

}  // namespace
}  // namespace tidemill::broker::groups
