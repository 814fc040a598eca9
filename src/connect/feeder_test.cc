// SPDX-License-Identifier: Apache-2.0
#include "connect/feeder.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "broker/testing/memory_broker.h"
#include "connect/partitioner.h"

namespace tidemill::connect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

stream::SourceSpec generator(std::map<std::string, std::string> options) {
  stream::SourceSpec source;
  source.name = "users";
  source.topic = "users_created";
  source.connector = "generator";
  source.connector_options = std::move(options);
  source.connector_options.emplace("rows_per_second", "0");
  return source;
}

class FeedersTest : public testing::Test {
 protected:
  FeedersTest() {
    EXPECT_TRUE(broker.create_topic({"users_created", 1, {}}).ok());
    reopen();
  }
  void reopen() {
    feeders.reset();
    feeders = std::make_unique<Feeders>(broker, clock, metrics, "");
  }
  void feed(const stream::SourceSpec& source) {
    const auto started = feeders->start(source);
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  // Waits for a condition on the one feeder.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto deadline = clock.monotonic() + std::chrono::seconds(30);
    while (!condition(feeders->list().at(0))) {
      if (clock.monotonic() > deadline) return false;
      Mutex mutex;
      CondVar pause;
      const MutexLock lock(mutex);
      pause.wait_for(mutex, std::chrono::milliseconds(2));
    }
    return true;
  }
  bool finished() {
    return eventually([](const FeederStatus& s) { return s.state == FeederState::Finished; });
  }
  std::vector<std::string> values(std::int32_t partition = 0) {
    std::vector<std::string> out;
    for (const auto& record : broker.records("users_created", partition))
      out.push_back(*record.value);
    return out;
  }
  std::string failure(std::map<std::string, std::string> options) {
    const auto checked = feeders->check(generator(std::move(options)));
    return checked.ok() ? "fine" : checked.error().message;
  }

  broker::testing::MemoryBroker broker;
  SystemClock clock;
  Metrics metrics;
  std::unique_ptr<Feeders> feeders;
};

TEST_F(FeedersTest, WritesACountOfRecordsAndFinishes) {
  feed(generator({{"count", "1000"}}));
  ASSERT_TRUE(finished());
  EXPECT_THAT(values(), SizeIs(1000));
  EXPECT_EQ(feeders->list()[0].records_total, 1000);
}

TEST_F(FeedersTest, WritesTheSameForTheSameSeed) {
  feed(generator(
      {{"count", "500"}, {"seed", "7"}, {"invalid_share", "0.1"}, {"duplicate_share", "0.1"}}));
  ASSERT_TRUE(finished());
  const auto first = values();
  ASSERT_TRUE(broker.delete_topic("users_created").ok());
  ASSERT_TRUE(broker.create_topic({"users_created", 1, {}}).ok());
  reopen();
  feed(generator(
      {{"count", "500"}, {"seed", "7"}, {"invalid_share", "0.1"}, {"duplicate_share", "0.1"}}));
  ASSERT_TRUE(finished());
  EXPECT_EQ(values(), first);
}

TEST_F(FeedersTest, GoesOnWhereItStoodAfterARestart) {
  feed(generator({{"count", "60000"}, {"seed", "3"}}));
  ASSERT_TRUE(eventually([](const FeederStatus& s) { return s.records_total > 0; }));
  for (int i = 0; i < 3; ++i) {
    reopen();
    feed(generator({{"count", "60000"}, {"seed", "3"}}));
  }
  ASSERT_TRUE(finished());
  const auto all = values();
  EXPECT_THAT(all, SizeIs(60'000));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 60'000U);
}

TEST_F(FeedersTest, LosesAndDoublesNothingWhenCommitsFail) {
  broker.commit_fails(true);
  feed(generator({{"count", "100"}}));
  ASSERT_TRUE(eventually([](const FeederStatus& s) { return s.state == FeederState::Retrying; }));
  EXPECT_THAT(feeders->list()[0].error, HasSubstr("commits fail in this test"));
  EXPECT_THAT(values(), SizeIs(0));
  broker.commit_fails(false);
  ASSERT_TRUE(finished());
  EXPECT_THAT(values(), SizeIs(100));
}

TEST_F(FeedersTest, FeedsNothingAgainIntoTheSameTopic) {
  feed(generator({{"count", "100"}}));
  ASSERT_TRUE(finished());
  ASSERT_TRUE(feeders->drop("users").ok());
  feed(generator({{"count", "150"}}));
  ASSERT_TRUE(finished());
  EXPECT_THAT(values(), SizeIs(150));
}

TEST_F(FeedersTest, StartsOverWithOtherOptionsOrInAnotherTopic) {
  feed(generator({{"count", "10"}}));
  ASSERT_TRUE(finished());
  feed(generator({{"count", "10"}, {"seed", "9"}}));
  ASSERT_TRUE(finished());
  EXPECT_THAT(values(), SizeIs(20));
  ASSERT_TRUE(broker.delete_topic("users_created").ok());
  ASSERT_TRUE(broker.create_topic({"users_created", 1, {}}).ok());
  feed(generator({{"count", "10"}, {"seed", "9"}}));
  ASSERT_TRUE(finished());
  EXPECT_THAT(values(), SizeIs(10));
}

TEST_F(FeedersTest, KeepsRecordsOfOneKeyInOnePartition) {
  ASSERT_TRUE(broker.create_partitions("users_created", 3).ok());
  feed(generator({{"count", "600"}, {"key", "id"}}));
  ASSERT_TRUE(finished());
  std::size_t total = 0;
  for (int partition = 0; partition < 3; ++partition) {
    const auto records = broker.records("users_created", partition);
    EXPECT_GT(records.size(), 100U);
    total += records.size();
    for (const auto& record : records) {
      EXPECT_EQ(partition_of(*record.key, 3), partition);
      EXPECT_THAT(*record.value, HasSubstr(*record.key));
    }
  }
  EXPECT_EQ(total, 600U);
}

TEST_F(FeedersTest, FindsAFileInItsProjectsFolderAndTellsWhenItIsNotThere) {
  const std::string folder = testing::TempDir() + "feeders_test_project";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/lines.json") << "{\"a\":1}\n{\"a\":2}\n";
  stream::SourceSpec source = generator({});
  source.connector = "file";
  source.connector_options = {{"path", "lines.json"}};
  feed(source);
  ASSERT_TRUE(eventually([](const FeederStatus& s) { return s.state == FeederState::Retrying; }));
  EXPECT_THAT(feeders->problem("users"), HasSubstr("lines.json"));
  source.folder = folder;
  feed(source);
  ASSERT_TRUE(finished());
  EXPECT_EQ(feeders->problem("users"), "");
  EXPECT_THAT(values(), ElementsAre("{\"a\":1}", "{\"a\":2}"));
  std::filesystem::remove_all(folder);
}

TEST_F(FeedersTest, StopsWhileItWaitsForItsNextRecord) {
  auto slow = generator({});
  slow.connector_options["rows_per_second"] = "0.001";
  feed(slow);
  const auto before = clock.monotonic();
  feeders->stop();
  EXPECT_LT(clock.monotonic() - before, std::chrono::seconds(5));
}

TEST_F(FeedersTest, NamesTheWrongOption) {
  EXPECT_EQ(failure({{"seeed", "1"}}),
            "connector 'generator' has no option 'seeed'; it knows count, duplicate_share, "
            "invalid_share, "
            "key, kind, seed");
  EXPECT_EQ(
      failure({{"invalid_share", "2"}}),
      "option 'invalid_share' of connector 'generator' is '2', it must be a number from 0 to 1");
  EXPECT_THAT(failure({{"kind", "people"}}), HasSubstr("it must be 'random_user'"));
  EXPECT_THAT(failure({{"rows_per_second", "fast"}}), HasSubstr("rows_per_second"));
}

// The values Kafka's own unit test has for its partitioner's hash.
TEST(Partitioner, HashesAsKafkaDoes) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

}  // namespace
}  // namespace tidemill::connect
