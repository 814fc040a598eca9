// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/partition.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "broker/embedded/test_broker.h"

namespace tidemill::broker::embedded {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PartitionTest : public EmbeddedTest {
 protected:
  PartitionTest() { make_topic("t"); }
  KafkaError refusal(const Result<Appended>& outcome) {
    return outcome.ok() ? KafkaError::None : kafka_error_of(outcome.error());
  }
};

TEST_F(PartitionTest, AnswersARetriedBatchWithItsFirstOffset) {
  const auto sequenced = [&](std::int32_t sequence) {
    return batch({"a", "b"}, {.id = 5, .epoch = 0, .base_sequence = sequence});
  };
  EXPECT_EQ(append("t", sequenced(0))->base_offset, 0);
  EXPECT_EQ(append("t", sequenced(2))->base_offset, 2);
  const auto again = append("t", sequenced(0));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base_offset, 0);
  EXPECT_EQ(partition("t")->offsets().log_end_offset, 4);
  EXPECT_EQ(refusal(append("t", sequenced(9))), KafkaError::OutOfOrderSequenceNumber);
  restart();
  EXPECT_TRUE(append("t", sequenced(2))->duplicate);
  crash();
  EXPECT_TRUE(append("t", sequenced(2))->duplicate);
  EXPECT_EQ(append("t", sequenced(4))->base_offset, 4);
}

TEST_F(PartitionTest, FencesAProducerWithAnOlderEpoch) {
  EXPECT_TRUE(append("t", batch({"a"}, {.id = 5, .epoch = 1, .base_sequence = 0})).ok());
  EXPECT_EQ(refusal(append("t", batch({"b"}, {.id = 5, .epoch = 0, .base_sequence = 1}))),
            KafkaError::InvalidProducerEpoch);
}

TEST_F(PartitionTest, RefusesWhatIsNotABatch) {
  Bytes damaged = batch({"a"});
  damaged.back() ^= 1;
  EXPECT_EQ(refusal(append("t", damaged)), KafkaError::CorruptMessage);
  Bytes cut = batch({"a"});
  cut.pop_back();
  EXPECT_EQ(refusal(append("t", cut)), KafkaError::CorruptMessage);
  EXPECT_EQ(refusal(append("t", {})), KafkaError::InvalidRecord);
  EXPECT_EQ(refusal(append("t", wire::kafka::build_end_marker(true, 1, 0, 0, 0))),
            KafkaError::InvalidRecord);
  EXPECT_EQ(partition("t")->offsets().log_end_offset, 0);
}

TEST_F(PartitionTest, RefusesTimestampsTooFarAhead) {
  wire::kafka::BatchBuilder builder(0);
  builder.add(record("x", clock_.wall_ms() + 3'700'000));
  EXPECT_EQ(refusal(append("t", *builder.finish())), KafkaError::InvalidTimestamp);
}

TEST_F(PartitionTest, StampsLogAppendTimeWhereTheTopicWantsIt) {
  make_topic("stamped", 1, {{"message.timestamp.type", "LogAppendTime"}});
  wire::kafka::BatchBuilder builder(0);
  builder.add(record("x", 1000));
  EXPECT_EQ(append("stamped", *builder.finish())->log_append_time_ms, clock_.wall_ms());
  const FetchPosition position{{"stamped", 0}, 0};
  const auto chunks = broker_->fetch(std::span(&position, 1), {});
  ASSERT_TRUE(chunks.ok()) << chunks.error().message;
  EXPECT_EQ(chunks->front().records[0].timestamp_ms, clock_.wall_ms());
}

TEST_F(PartitionTest, ABrokersDefaultThatIsKafkasIsNoneOfItsOwn) {
  options_.topic_defaults = {{"segment.bytes", "1073741824"}, {"retention.ms", "5"}};
  restart();
  EXPECT_EQ(broker_->options().topic_defaults, (TopicConfigs{{"retention.ms", "5"}}));
}

TEST_F(PartitionTest, ACompactedTopicAsksForKeys) {
  make_topic("compacted", 1, {{"cleanup.policy", "compact"}});
  EXPECT_EQ(refusal(append("compacted", batch({"no key"}))), KafkaError::InvalidRecord);
}

TEST_F(PartitionTest, ReadersSeeOnlyWhatIsOnDisk) {
  const auto p = partition("t");
  std::optional<Result<Appended>> answer;
  Bytes bytes = batch({"a"});
  p->append(bytes, AckWhen::Deferred, Origin::Client,
            [&](Result<Appended> outcome) { answer = std::move(outcome); });
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ(p->offsets().log_end_offset, 1);
  EXPECT_EQ(p->offsets().high_watermark, 0);
  EXPECT_TRUE(p->read(0, 1000, Isolation::ReadUncommitted)->batches.empty());
  ASSERT_TRUE(await_completion<Result<>>([&](Completion<Result<>> done) {
                p->sync(std::move(done));
              }).ok());
  EXPECT_EQ(p->offsets().high_watermark, 1);
}

TEST_F(PartitionTest, DurabilityOsAnswersAndShowsWithoutASync) {
  make_topic("fast", 1, {{"tidemill.durability", "os"}});
  const std::uint64_t before = disk_.syncs();
  EXPECT_TRUE(append("fast", batch({"a"})).ok());
  EXPECT_EQ(partition("fast")->offsets().high_watermark, 1);
  EXPECT_EQ(disk_.syncs(), before);
}

TEST_F(PartitionTest, RetentionDropsFullSegmentsOfDurabilityOsToo) {
  make_topic("fast", 1,
             {{"tidemill.durability", "os"}, {"segment.bytes", "300"}, {"retention.bytes", "300"}});
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(append("fast", batch({std::string(100, 'x')})).ok());
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (partition("fast")->offsets().log_start_offset == 0 &&
         std::chrono::steady_clock::now() < give_up) {
    broker_->run_housekeeping();
    std::this_thread::yield();
  }
  EXPECT_GT(partition("fast")->offsets().log_start_offset, 0);
}

TEST_F(PartitionTest, AWaitIsCalledOnceAndACancelledOneNever) {
  const auto p = partition("t");
  int woken = 0;
  int cancelled = 0;
  p->wait_readable(0, Isolation::ReadUncommitted, [&] { ++woken; });
  const WaitId id = p->wait_readable(0, Isolation::ReadUncommitted, [&] { ++cancelled; });
  EXPECT_TRUE(p->cancel_wait(id));
  ASSERT_TRUE(append("t", batch({"a"})).ok());
  ASSERT_TRUE(append("t", batch({"b"})).ok());
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(cancelled, 0);
  EXPECT_FALSE(p->cancel_wait(id));
  int at_once = 0;
  p->wait_readable(0, Isolation::ReadUncommitted, [&] { ++at_once; });
  EXPECT_EQ(at_once, 1);
}

TEST_F(PartitionTest, ADeletedTopicWakesWaitersAndAnswersNotFound) {
  const auto p = partition("t");
  int woken = 0;
  p->wait_readable(0, Isolation::ReadUncommitted, [&] { ++woken; });
  ASSERT_TRUE(broker_->delete_topic("t").ok());
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(p->read(0, 100, Isolation::ReadUncommitted).error().code, ErrorCode::NotFound);
}

TEST_F(PartitionTest, DeletesRecordsDurably) {
  for (const char* value : {"a", "b", "c"}) ASSERT_TRUE(produce("t", value).ok());
  EXPECT_EQ(*partition("t")->delete_records(2), 2);
  EXPECT_EQ(kafka_error_of(partition("t")->read(1, 100, Isolation::ReadUncommitted).error()),
            KafkaError::OffsetOutOfRange);
  EXPECT_EQ(partition("t")->delete_records(9).error().code, ErrorCode::InvalidArgument);
  crash();
  EXPECT_EQ(partition("t")->offsets().log_start_offset, 2);
  EXPECT_THAT(read_all("t"), ElementsAre("c"));
  EXPECT_EQ(*partition("t")->delete_records(-1), 3);
  ASSERT_TRUE(produce("t", "d").ok());
  EXPECT_THAT(read_all("t"), ElementsAre("d"));
}

TEST_F(PartitionTest, RetentionDropsOldSegmentsAndRemembersTheStart) {
  make_topic("short", 1, {{"retention.ms", "60000"}, {"segment.bytes", "200"}});
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(produce("short", std::string(100, static_cast<char>('a' + i))).ok());
    clock_.advance(std::chrono::seconds{30});
  }
  broker_->run_housekeeping();
  const std::int64_t start = partition("short")->offsets().log_start_offset;
  EXPECT_EQ(start, 2);
  crash();
  EXPECT_EQ(partition("short")->offsets().log_start_offset, start);
  clock_.advance(std::chrono::hours{1});
  broker_->run_housekeeping();
  EXPECT_EQ(partition("short")->offsets().log_start_offset, 4);
  EXPECT_EQ(partition("short")->bytes_on_disk(), 0U);
  ASSERT_TRUE(produce("short", "next").ok());
  EXPECT_THAT(read_all("short"), ElementsAre("next"));
}

TEST_F(PartitionTest, AFullDiskRefusesAndRecovers) {
  ASSERT_TRUE(produce("t", "a").ok());
  disk_.set_capacity(disk_.used_bytes());
  const auto refused = produce("t", std::string(400'000, 'x'));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::Exhausted);
  disk_.set_capacity({});
  ASSERT_TRUE(produce("t", "b").ok());
  EXPECT_THAT(read_all("t"), ElementsAre("a", "b"));
  crash();
  EXPECT_THAT(read_all("t"), ElementsAre("a", "b"));
}

TEST_F(PartitionTest, AFailedSyncFailsTheWriteAndAReadOfTheLogMendsIt) {
  ASSERT_TRUE(produce("t", "a").ok());
  disk_.fail_syncs(1);
  const auto failed = produce("t", "b");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::Io);
  disk_.fail_syncs(0);
  broker_->run_housekeeping();
  ASSERT_TRUE(produce("t", "c").ok());
  // What failed may be there (its outcome was unknown), what was acknowledged must be.
  const auto values = read_all("t");
  EXPECT_THAT(values, testing::AnyOf(ElementsAre("a", "c"), ElementsAre("a", "b", "c")));
}

TEST_F(PartitionTest, ADamagedPartitionIsRefusedAndTheOthersWork) {
  make_topic("two", 2);
  ASSERT_TRUE(produce("two", "first", 0).ok());
  ASSERT_TRUE(produce("two", "second", 0).ok());
  ASSERT_TRUE(produce("two", "other", 1).ok());
  broker_->run_housekeeping();  // notes what is on disk
  cut_power();
  disk_.damage("data/logs/two-0/00000000000000000000.log", 65);
  open();
  const auto health = partition("two", 0)->health();
  ASSERT_FALSE(health.ok());
  EXPECT_EQ(health.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(health.error().message, HasSubstr("offset 0): checksum mismatch"));
  EXPECT_EQ(produce("two", "x", 0).error().code, ErrorCode::Corrupt);
  EXPECT_THAT(read_all("two", 1), ElementsAre("other"));
  ASSERT_TRUE(produce("two", "more", 1).ok());
  // What was known to be on disk stays known: no later start may take the damage for a torn tail.
  broker_->run_housekeeping();
  restart();
  EXPECT_EQ(partition("two", 0)->health().error().code, ErrorCode::Corrupt);
  crash();
  EXPECT_EQ(partition("two", 0)->health().error().code, ErrorCode::Corrupt);
  EXPECT_THAT(read_all("two", 1), ElementsAre("other", "more"));
}

TEST_F(PartitionTest, AnswersWhereALeaderEpochEnds) {
  ASSERT_TRUE(produce("t", "a").ok());
  EXPECT_EQ(partition("t")->end_of_epoch(0).start_offset, 1);
  EXPECT_EQ(partition("t")->end_of_epoch(5).epoch, -1);
}

TEST_F(PartitionTest, FindsTheRecordWithTheLargestTimestamp) {
  for (const std::int64_t time : {500, 900, 700}) {
    wire::kafka::BatchBuilder builder(0);
    builder.add(record("x", time - 1));
    builder.add(record("y", time));
    ASSERT_TRUE(append("t", *builder.finish()).ok());
  }
  const auto found = partition("t")->find_max_timestamp();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->offset, 3);
  EXPECT_EQ(found->timestamp_ms, 900);
}

// Every acknowledged record is there after a power cut at any moment, in order, none twice.
TEST_F(PartitionTest, AcknowledgedRecordsSurvivePowerCuts) {
  options_.checkpoint_interval = std::chrono::milliseconds{0};
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    broker_.reset();
    disk_ = FaultyDisk();
    open();
    make_topic("t", 1, {{"segment.bytes", "1000"}});
    std::vector<std::string> acknowledged;
    SeededRandom random(seed);
    for (int round = 0; round < 4; ++round) {
      const std::uint64_t count = random.next() % 12;
      for (std::uint64_t i = 0; i < count; ++i) {
        acknowledged.push_back(std::to_string(acknowledged.size()) +
                               std::string(random.next() % 300, '.'));
        ASSERT_TRUE(produce("t", acknowledged.back()).ok());
        if (random.next() % 5 == 0) broker_->run_housekeeping();
      }
      // Some that nobody acknowledged.
      for (std::uint64_t i = random.next() % 3; i > 0; --i) {
        ASSERT_TRUE(append("t", batch({"unsynced"}), AckWhen::Deferred).ok());
      }
      crash(seed * 100 + static_cast<std::uint64_t>(round));
      ASSERT_TRUE(partition("t")->health().ok()) << partition("t")->health().error().message;
      auto values = read_all("t");
      ASSERT_GE(values.size(), acknowledged.size());
      std::erase(values, "unsynced");
      EXPECT_EQ(values, acknowledged);
    }
  }
}

TEST_F(PartitionTest, WhatRecoveryOfManyPartitionsReadSurvivesThePowerCutAfterIt) {
  make_topic("many", 300, {{"tidemill.durability", "os"}});
  ASSERT_TRUE(produce("many", "a", 7).ok());
  // The process ends without a sync: the record is in the page cache alone.
  disk_.fail_syncs(1'000'000);
  EXPECT_FALSE(broker_->close().ok());
  broker_.reset();
  disk_.fail_syncs(0);
  open();
  EXPECT_THAT(read_all("many", 7), ElementsAre("a"));
  crash();
  EXPECT_THAT(read_all("many", 7), ElementsAre("a"));
}

TEST_F(PartitionTest, AStopOfManyPartitionsIsCleanOnlyOnceAllIsOnDisk) {
  make_topic("many", 300);
  ASSERT_TRUE(produce("many", "a", 7).ok());
  ASSERT_TRUE(broker_->close().ok());
  crash();
  EXPECT_THAT(read_all("many", 7), ElementsAre("a"));
  ASSERT_TRUE(produce("many", "b", 7).ok());
  EXPECT_THAT(read_all("many", 7), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace tidemill::broker::embedded
