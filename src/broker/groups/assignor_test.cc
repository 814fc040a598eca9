// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/assignor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/random.h"

namespace tidemill::broker::groups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

GroupTopic topic(std::uint8_t number, std::int32_t partitions) {
  GroupTopic made{.name = "t" + std::to_string(number), .id = {}, .partitions = partitions};
  made.id.bytes[15] = number;
  return made;
}

std::vector<std::int32_t> of(const Partitions& partitions, const GroupTopic& topic) {
  std::vector<std::int32_t> found;
  for (const auto& each : partitions) {
    if (each.topic == topic.id) found.push_back(each.partition);
  }
  return found;
}

bool wants(const AssignedMember& member, const Uuid& id) {
  return std::ranges::find(member.topics, id, &GroupTopic::id) != member.topics.end();
}

TEST(RangeAssignor, GivesEachMemberARangeOfEachTopic) {
  const GroupTopic seven = topic(1, 7);
  const GroupTopic two = topic(2, 2);
  const auto assigned =
      assign(Assignor::Range, {{"a", {.instance_id = {}, .topics = {seven, two}, .before = {}}},
                               {"b", {.instance_id = {}, .topics = {seven, two}, .before = {}}},
                               {"c", {.instance_id = {}, .topics = {seven}, .before = {}}}});
  EXPECT_THAT(of(assigned.at("a"), seven), ElementsAre(0, 1, 2));
  EXPECT_THAT(of(assigned.at("b"), seven), ElementsAre(3, 4));
  EXPECT_THAT(of(assigned.at("c"), seven), ElementsAre(5, 6));
  EXPECT_THAT(of(assigned.at("a"), two), ElementsAre(0));
  EXPECT_THAT(of(assigned.at("b"), two), ElementsAre(1));
  EXPECT_THAT(of(assigned.at("c"), two), IsEmpty());
}

TEST(RangeAssignor, GoesByTheInstanceIdOfStaticMembers) {
  const GroupTopic four = topic(1, 4);
  const auto assigned =
      assign(Assignor::Range, {{"a", {.instance_id = {}, .topics = {four}, .before = {}}},
                               {"x", {.instance_id = "2", .topics = {four}, .before = {}}},
                               {"y", {.instance_id = "1", .topics = {four}, .before = {}}}});
  EXPECT_THAT(of(assigned.at("y"), four), ElementsAre(0, 1));
  EXPECT_THAT(of(assigned.at("x"), four), ElementsAre(2));
  EXPECT_THAT(of(assigned.at("a"), four), ElementsAre(3));
}

TEST(UniformAssignor, MovesNoMoreThanItMust) {
  const GroupTopic six = topic(1, 6);
  std::map<std::string, AssignedMember> members{
      {"a", {.instance_id = {}, .topics = {six}, .before = {}}}};
  auto assigned = assign(Assignor::Uniform, members);
  EXPECT_THAT(of(assigned.at("a"), six), SizeIs(6));
  members["a"].before = assigned.at("a");
  members["b"].topics = {six};
  assigned = assign(Assignor::Uniform, members);
  EXPECT_THAT(assigned.at("a"), SizeIs(3));
  EXPECT_THAT(assigned.at("b"), SizeIs(3));
  EXPECT_TRUE(std::ranges::includes(members["a"].before, assigned.at("a")));
  members["a"].before = assigned.at("a");
  members["b"].before = assigned.at("b");
  EXPECT_EQ(assign(Assignor::Uniform, members), assigned);
}

TEST(UniformAssignor, ForgetsPartitionsOfTopicsThatAreGone) {
  const GroupTopic old = topic(1, 3);
  const GroupTopic present = topic(2, 2);
  const auto assigned = assign(
      Assignor::Uniform,
      {{"a", {.instance_id = {}, .topics = {present}, .before = {{old.id, 0}, {present.id, 7}}}}});
  EXPECT_THAT(of(assigned.at("a"), old), IsEmpty());
  EXPECT_THAT(of(assigned.at("a"), present), ElementsAre(0, 1));
}

// Whatever is wanted by somebody is had by exactly one who wants it, and nobody has two more than
// somebody who could have one of them.
TEST(UniformAssignor, IsEvenAndCompleteForAnyWishes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::vector<GroupTopic> topics;
    for (std::uint8_t i = 0; i < 1 + random.next() % 4; ++i) {
      topics.push_back(topic(i, static_cast<std::int32_t>(random.next() % 9)));
    }
    std::map<std::string, AssignedMember> members;
    std::map<std::string, Partitions> assigned;
    for (int round = 0; round < 4; ++round) {
      members["m" + std::to_string(random.next() % 6)];
      for (auto& [id, member] : members) {
        if (member.topics.empty() || random.next() % 4 == 0) {
          member.topics.clear();
          for (const GroupTopic& each : topics) {
            if (random.next() % 3 != 0) member.topics.push_back(each);
          }
        }
        member.before = assigned[id];
      }
      assigned = assign(Assignor::Uniform, members);
      std::size_t given = 0;
      for (const auto& [id, partitions] : assigned) {
        given += partitions.size();
        for (const auto& each : partitions) {
          EXPECT_TRUE(wants(members.at(id), each.topic));
        }
      }
      std::size_t wanted = 0;
      for (const GroupTopic& each : topics) {
        const bool somebody = std::ranges::any_of(
            members, [&](const auto& entry) { return wants(entry.second, each.id); });
        if (somebody) wanted += static_cast<std::size_t>(each.partitions);
      }
      EXPECT_EQ(given, wanted);
      for (const auto& [giver, much] : assigned) {
        for (const auto& [taker, little] : assigned) {
          if (much.size() < little.size() + 2) continue;
          for (const auto& each : much) {
            EXPECT_FALSE(wants(members.at(taker), each.topic));
          }
        }
      }
    }
  }
}

TEST(TopicFilter, MatchesWholeNames) {
  const auto filter = TopicFilter::compile("orders-[0-9]+|users");
  ASSERT_TRUE(filter.ok());
  EXPECT_TRUE((*filter)->matches("orders-12"));
  EXPECT_TRUE((*filter)->matches("users"));
  EXPECT_FALSE((*filter)->matches("users2"));
  EXPECT_FALSE((*filter)->matches("my-orders-1"));
}

TEST(TopicFilter, RefusesWhatIsNoPatternAndEndsOnHostileOnes) {
  EXPECT_FALSE(TopicFilter::compile("orders-(").ok());
  EXPECT_FALSE(TopicFilter::compile(std::string(2000, 'a')).ok());
  const auto hostile = TopicFilter::compile("(a+)+(a+)+(a+)+(a+)+$");
  ASSERT_TRUE(hostile.ok());
  EXPECT_FALSE((*hostile)->matches(std::string(240, 'a') + "!"));
}

}  // namespace
}  // namespace tidemill::broker::groups
