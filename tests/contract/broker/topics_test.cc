// SPDX-License-Identifier: Apache-2.0
#include "broker_contract.h"

namespace tidemill::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_P(BrokerContract, DescribesTheTopicItCreated) {
  const std::string name = fresh_topic(3, {{"retention.ms", "1000000"}});
  const auto topic = broker().describe_topic(name);
  ASSERT_TRUE(topic.ok()) << topic.error().message;
  EXPECT_EQ(topic->name, name);
  EXPECT_FALSE(topic->id.is_nil());
  EXPECT_FALSE(topic->internal);
  EXPECT_EQ(topic->partitions.size(), 3U);
  const auto retention = std::ranges::find(topic->configs, "retention.ms", &ConfigValue::name);
  ASSERT_NE(retention, topic->configs.end());
  EXPECT_EQ(retention->value, "1000000");
  EXPECT_FALSE(retention->is_default);
  EXPECT_TRUE(std::ranges::is_sorted(topic->configs, {}, &ConfigValue::name));
}

TEST_P(BrokerContract, ListsTopicsByName) {
  const std::string a = fresh_topic();
  const std::string b = fresh_topic();
  const auto topics = broker().list_topics();
  ASSERT_TRUE(topics.ok());
  EXPECT_NE(std::ranges::find(*topics, a, &TopicInfo::name), topics->end());
  EXPECT_NE(std::ranges::find(*topics, b, &TopicInfo::name), topics->end());
  EXPECT_TRUE(std::ranges::is_sorted(*topics, {}, &TopicInfo::name));
}

TEST_P(BrokerContract, RefusesASecondTopicOfTheSameName) {
  const std::string name = fresh_topic();
  const auto again = broker().create_topic({name, 1, {}});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::AlreadyExists);
  EXPECT_THAT(again.error().message, HasSubstr(name));
}

TEST_P(BrokerContract, RefusesBadNamesPartitionsAndConfigurations) {
  for (const NewTopic& topic :
       std::vector<NewTopic>{{"", 1, {}},
                             {"..", 1, {}},
                             {"with blank", 1, {}},
                             {std::string(250, 'x'), 1, {}},
                             {fresh_name("zero"), 0, {}},
                             {fresh_name("unknown"), 1, {{"no.such.config", "1"}}},
                             {fresh_name("wrong"), 1, {{"retention.ms", "soon"}}},
                             {fresh_name("policy"), 1, {{"cleanup.policy", "shred"}}}}) {
    const auto made = broker().create_topic(topic);
    ASSERT_FALSE(made.ok()) << topic.name;
    EXPECT_EQ(made.error().code, ErrorCode::InvalidArgument) << made.error().message;
  }
}

TEST_P(BrokerContract, AnswersNotFoundForAnUnknownTopicOrPartition) {
  const std::string name = fresh_topic();
  const std::string unknown = fresh_name("unknown");
  EXPECT_EQ(broker().describe_topic(unknown).error().code, ErrorCode::NotFound);
  EXPECT_EQ(broker().delete_topic(unknown).error().code, ErrorCode::NotFound);
  NewRecord record;
  record.value = as_bytes("x");
  EXPECT_EQ(broker().produce({name, 1}, std::span(&record, 1)).error().code, ErrorCode::NotFound);
  EXPECT_EQ(broker().produce({unknown, 0}, std::span(&record, 1)).error().code,
            ErrorCode::NotFound);
  const FetchPosition position{{unknown, 0}, 0};
  EXPECT_EQ(broker().fetch(std::span(&position, 1), {}).error().code, ErrorCode::NotFound);
}

TEST_P(BrokerContract, ARecreatedTopicIsEmptyAndHasAnotherId) {
  const std::string name = fresh_topic();
  produce(name, {"old"});
  const Uuid before = broker().describe_topic(name)->id;
  ASSERT_TRUE(broker().delete_topic(name).ok());
  EXPECT_EQ(broker().describe_topic(name).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(broker().create_topic({name, 1, {}}).ok());
  EXPECT_NE(broker().describe_topic(name)->id, before);
  EXPECT_THAT(read_all(name), ElementsAre());
  EXPECT_EQ(produce(name, {"new"}), 0);
  EXPECT_THAT(read_all(name), ElementsAre("new"));
}

TEST_P(BrokerContract, AddsPartitionsAndKeepsTheOldOnes) {
  const std::string name = fresh_topic(1);
  produce(name, {"a"});
  ASSERT_TRUE(broker().create_partitions(name, 3).ok());
  EXPECT_EQ(broker().describe_topic(name)->partitions.size(), 3U);
  produce(name, {"b"}, 2);
  EXPECT_THAT(read_all(name, 0), ElementsAre("a"));
  EXPECT_THAT(read_all(name, 2), ElementsAre("b"));
  EXPECT_EQ(broker().create_partitions(name, 3).error().code, ErrorCode::InvalidArgument);
}

TEST_P(BrokerContract, SetsAndResetsATopicsConfiguration) {
  const std::string name = fresh_topic(1);
  const auto value = [&] {
    const auto topic = broker().describe_topic(name);
    return std::ranges::find(topic->configs, "max.message.bytes", &ConfigValue::name)->value;
  };
  const std::string before = value();
  ASSERT_TRUE(broker().alter_topic(name, {{"max.message.bytes", "2000"}}).ok());
  EXPECT_EQ(value(), "2000");
  EXPECT_EQ(broker().alter_topic(name, {{"max.message.bytes", "-5"}}).error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(value(), "2000");
  ASSERT_TRUE(broker().alter_topic(name, {{"max.message.bytes", std::nullopt}}).ok());
  EXPECT_EQ(value(), before);
}

TEST_P(BrokerContract, KeepsTopicsOverARestart) {
  const std::string name = fresh_topic(2, {{"retention.ms", "77000"}});
  const Uuid id = broker().describe_topic(name)->id;
  produce(name, {"a", "b"}, 1);
  if (!restart()) GTEST_SKIP() << "this implementation is not ours to restart";
  const auto topic = broker().describe_topic(name);
  ASSERT_TRUE(topic.ok()) << topic.error().message;
  EXPECT_EQ(topic->id, id);
  EXPECT_EQ(topic->partitions.size(), 2U);
  EXPECT_THAT(read_all(name, 1), ElementsAre("a", "b"));
}

INSTANTIATE_TEST_SUITE_P(All, BrokerContract, testing::ValuesIn(configured_brokers()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace tidemill::broker
