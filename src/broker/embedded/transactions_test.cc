// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/transactions.h"

#include <gmock/gmock.h>

#include "broker/embedded/test_broker.h"

namespace tidemill::broker::embedded {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TransactionsTest : public EmbeddedTest {
 protected:
  TransactionsTest() { make_topic("t", 2); }

  Result<Appended> append_in(ProducerIdentity producer, const std::string& value,
                             std::int32_t sequence) {
    return append("t", batch({value}, {.id = producer.id,
                                       .epoch = producer.epoch,
                                       .base_sequence = sequence,
                                       .transactional = true}));
  }
};

TEST_F(TransactionsTest, NeverGivesAProducerIdTwice) {
  std::set<std::int64_t> ids;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 600; ++i) EXPECT_TRUE(ids.insert(try_init(std::nullopt)->id).second);
    crash(static_cast<std::uint64_t>(round));
  }
}

TEST_F(TransactionsTest, BumpsTheEpochOfAnIdAndKeepsIt) {
  const ProducerIdentity first = init("writer");
  const ProducerIdentity second = init("writer");
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.epoch, first.epoch + 1);
  crash();
  EXPECT_EQ(init("writer").epoch, second.epoch + 1);
}

TEST_F(TransactionsTest, AMarkerInTheStateTopicDoesNotKeepTheBrokerFromStarting) {
  const ProducerIdentity producer = init("writer");
  for (std::int32_t index = 0; partition(std::string(kTransactionsTopic), index); ++index) {
    const auto marked = await_completion<Result<Appended>>([&](Completion<Result<Appended>> done) {
      partition(std::string(kTransactionsTopic), index)
          ->append_marker(producer, true, 0, AckWhen::Durable, std::move(done));
    });
    ASSERT_TRUE(marked.ok()) << marked.error().message;
  }
  restart();
  EXPECT_EQ(init("writer").epoch, producer.epoch + 1);
}

TEST_F(TransactionsTest, RefusesATimeoutAboveTheLimit) {
  const auto refused = try_init("writer", 1'000'000'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(kafka_error_of(refused.error()), KafkaError::InvalidTransactionTimeout);
}

TEST_F(TransactionsTest, RefusesPartitionsThatWereNotAdded) {
  const ProducerIdentity producer = init("writer");
  const auto refused = verify("writer", producer, "t", TransactionVersion::V1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(kafka_error_of(refused.error()), KafkaError::InvalidTxnState);
  EXPECT_TRUE(verify("writer", producer, "t", TransactionVersion::V2).ok());
  EXPECT_TRUE(verify("writer", producer, "t", TransactionVersion::V1).ok());
}

TEST_F(TransactionsTest, VersionTwoBumpsTheEpochAndARetriedEndSucceeds) {
  const ProducerIdentity producer = init("writer");
  ASSERT_TRUE(verify("writer", producer, "t").ok());
  ASSERT_TRUE(append_in(producer, "a", 0).ok());
  const auto next = end("writer", producer, true, TransactionVersion::V2);
  ASSERT_TRUE(next.ok()) << next.error().message;
  EXPECT_EQ(next->epoch, producer.epoch + 1);
  EXPECT_EQ(*end("writer", producer, true, TransactionVersion::V2), *next);
  EXPECT_THAT(read_all("t"), ElementsAre("a"));
  // A write of the ended transaction that arrives late is fenced by the marker's epoch.
  EXPECT_EQ(kafka_error_of(append_in(producer, "late", 1).error()),
            KafkaError::InvalidProducerEpoch);
}

TEST_F(TransactionsTest, FencesAProducerWhoseIdWasTakenOver) {
  const ProducerIdentity producer = init("writer");
  ASSERT_TRUE(verify("writer", producer, "t").ok());
  init("writer");
  const auto refused = end("writer", producer, true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(kafka_error_of(refused.error()), KafkaError::ProducerFenced);
}

TEST_F(TransactionsTest, AbortsATransactionThatIsOpenTooLong) {
  const ProducerIdentity producer = init("writer", 5'000);
  ASSERT_TRUE(verify("writer", producer, "t").ok());
  ASSERT_TRUE(append_in(producer, "slow", 0).ok());
  ASSERT_TRUE(produce("t", "behind").ok());
  EXPECT_THAT(read_all("t"), IsEmpty());
  clock_.advance(std::chrono::seconds{6});
  broker_->run_housekeeping();
  // The abort shows once its marker is on disk.
  ASSERT_TRUE(await_completion<Result<>>([&](Completion<Result<>> done) {
                partition("t")->sync(std::move(done));
              }).ok());
  EXPECT_THAT(read_all("t"), ElementsAre("behind"));
  EXPECT_EQ(kafka_error_of(end("writer", producer, true).error()), KafkaError::ProducerFenced);
}

TEST_F(TransactionsTest, KeepsAnOpenTransactionOfAClientOverARestart) {
  const ProducerIdentity producer = init("writer");
  ASSERT_TRUE(verify("writer", producer, "t").ok());
  ASSERT_TRUE(append_in(producer, "a", 0).ok());
  restart();
  EXPECT_THAT(read_all("t"), IsEmpty());
  ASSERT_TRUE(end("writer", producer, true).ok());
  EXPECT_THAT(read_all("t"), ElementsAre("a"));
}

TEST_F(TransactionsTest, OffsetsOfAnOpenTransactionArePending) {
  const ProducerIdentity producer = init("writer");
  ASSERT_TRUE(await_completion<Result<>>([&](Completion<Result<>> done) {
                broker_->transactions().commit_offsets("writer", producer, "group",
                                                       {{{"t", 0}, 7, -1, "note"}},
                                                       TransactionVersion::V2, std::move(done));
              }).ok());
  const auto pending = broker_->offset_store().find("group", {"t", 0});
  ASSERT_TRUE(pending.has_value());
  EXPECT_TRUE(pending->pending);
  EXPECT_EQ(pending->offset, -1);
  ASSERT_TRUE(end("writer", producer, true).ok());
  const auto found = broker_->offset_store().find("group", {"t", 0});
  EXPECT_FALSE(found->pending);
  EXPECT_EQ(found->offset, 7);
  EXPECT_EQ(found->metadata, "note");
}

// One writer moves a counter through two partitions and a group's offset, and the power fails at
// any byte: afterwards all three agree, on what was committed or on one transaction more.
TEST_F(TransactionsTest, ATransactionSurvivesAPowerCutWholeOrNotAtAll) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    broker_.reset();
    disk_ = FaultyDisk();
    open();
    make_topic("t", 2);
    SeededRandom random(seed);
    std::int64_t committed = 0;
    {
      auto writer = *broker_->open_writer("writer");
      // The disk dies in the middle of some write; everything after it fails.
      disk_.fail_after_bytes(random.next() % 6000);
      for (std::int64_t n = 1; n <= 20; ++n) {
        if (!writer->begin().ok()) break;
        const CommittedOffset offset{{"t", 0}, n, ""};
        if (!write(*writer, "t", std::to_string(n), 0).ok()) break;
        if (!write(*writer, "t", std::to_string(n), 1).ok()) break;
        if (!writer->commit_offsets("group", std::span(&offset, 1)).ok()) break;
        // A commit that fails may still have happened; nothing is known of later ones then.
        if (n % 4 == 0) {
          if (!writer->abort().ok()) break;
          continue;
        }
        if (!writer->commit().ok()) break;
        committed = n;
      }
    }
    crash(seed);
    // What a successor sees: it fences the old writer first.
    const auto successor = broker_->open_writer("writer");
    ASSERT_TRUE(successor.ok()) << successor.error().message;
    ASSERT_TRUE(await_completion<Result<>>([&](Completion<Result<>> done) {
                  partition("t", 0)->sync(std::move(done));
                }).ok());
    ASSERT_TRUE(await_completion<Result<>>([&](Completion<Result<>> done) {
                  partition("t", 1)->sync(std::move(done));
                }).ok());
    const auto left = read_all("t", 0);
    EXPECT_EQ(left, read_all("t", 1));
    const std::int64_t last = left.empty() ? 0 : std::stoll(left.back());
    EXPECT_GE(last, committed);
    std::vector<std::string> expected;
    for (std::int64_t n = 1; n <= last; ++n) {
      if (n % 4 != 0) expected.push_back(std::to_string(n));
    }
    EXPECT_EQ(left, expected);
    const auto offset = broker_->offset_store().find("group", {"t", 0});
    EXPECT_EQ(offset ? offset->offset : 0, last);
  }
}

TEST_F(TransactionsTest, CommittedOffsetsSurviveACompactionOfTheirLog) {
  for (std::int64_t i = 1; i <= 20; ++i) {
    const CommittedOffset offset{{"t", 0}, i, std::string(1000, 'm')};
    ASSERT_TRUE(
        broker_->commit_offsets("group-" + std::to_string(i % 3), std::span(&offset, 1)).ok());
  }
  broker_->run_housekeeping();
  crash();
  EXPECT_EQ(broker_->committed_offsets("group-2").value().at(0).offset, 20);
  EXPECT_EQ(broker_->committed_offsets("group-0").value().at(0).offset, 18);
  ASSERT_TRUE(broker_->delete_topic("t").ok());
}

TEST_F(TransactionsTest, ADamagedRegistryIsNamed) {
  broker_.reset();
  disk_.damage("data/topics.registry", 20);
  const auto opened = try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("data/topics.registry"));
}

}  // namespace
}  // namespace tidemill::broker::embedded
