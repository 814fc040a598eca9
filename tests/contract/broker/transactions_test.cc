// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "broker_contract.h"

namespace tidemill::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

#define ASSERT_OK(expression)                             \
  do {                                                    \
    const auto& outcome = (expression);                   \
    ASSERT_TRUE(outcome.ok()) << outcome.error().message; \
  } while (false)

TEST_P(BrokerContract, CommittedRecordsOfSeveralPartitionsBecomeVisibleTogether) {
  const std::string topic = fresh_topic(2);
  const auto writer = *broker().open_writer(fresh_name("writer"));
  ASSERT_OK(writer->begin());
  ASSERT_OK(write(*writer, topic, {"a"}, 0));
  ASSERT_OK(write(*writer, topic, {"b", "c"}, 1));
  EXPECT_THAT(read_all(topic, 0), IsEmpty());
  ASSERT_OK(writer->commit());
  EXPECT_THAT(read_all(topic, 0), ElementsAre("a"));
  EXPECT_THAT(read_all(topic, 1), ElementsAre("b", "c"));
}

TEST_P(BrokerContract, AbortedRecordsAreNeverSeenByReadCommitted) {
  const std::string topic = fresh_topic();
  const auto writer = *broker().open_writer(fresh_name("writer"));
  produce(topic, {"before"});
  ASSERT_OK(writer->begin());
  ASSERT_OK(write(*writer, topic, {"gone"}));
  produce(topic, {"between"});
  ASSERT_OK(writer->abort());
  ASSERT_OK(writer->begin());
  ASSERT_OK(write(*writer, topic, {"kept"}));
  ASSERT_OK(writer->commit());
  produce(topic, {"after"});
  EXPECT_THAT(read_all(topic), ElementsAre("before", "between", "kept", "after"));
  EXPECT_THAT(read_all(topic, 0, 0, Isolation::ReadUncommitted),
              ElementsAre("before", "gone", "between", "kept", "after"));
}

TEST_P(BrokerContract, ReadCommittedStopsAtTheFirstOpenTransaction) {
  const std::string topic = fresh_topic();
  const auto writer = *broker().open_writer(fresh_name("writer"));
  produce(topic, {"before"});
  ASSERT_OK(writer->begin());
  ASSERT_OK(write(*writer, topic, {"open"}));
  produce(topic, {"behind"});
  EXPECT_THAT(read_all(topic), ElementsAre("before"));
  EXPECT_EQ(broker().find_offset({topic, 0}, OffsetSpec::Latest, -1).value(), 1);
  ASSERT_OK(writer->commit());
  EXPECT_THAT(read_all(topic), ElementsAre("before", "open", "behind"));
}

TEST_P(BrokerContract, AWaitingReaderWakesWhenATransactionEnds) {
  const std::string topic = fresh_topic();
  const auto writer = *broker().open_writer(fresh_name("writer"));
  ASSERT_OK(writer->begin());
  ASSERT_OK(write(*writer, topic, {"x"}));
  std::jthread committer([&] { EXPECT_TRUE(writer->commit().ok()); });
  const FetchPosition position{{topic, 0}, 0};
  const auto chunks =
      broker().fetch(std::span(&position, 1), {.max_wait = std::chrono::seconds{30}});
  ASSERT_OK(chunks);
  ASSERT_EQ(chunks->size(), 1U);
  EXPECT_EQ(as_text(chunks->front().records[0].value), "x");
}

TEST_P(BrokerContract, OffsetsCommitWithTheTransactionOrNotAtAll) {
  const std::string topic = fresh_topic();
  const std::string group = fresh_name("group");
  auto writer = *broker().open_writer(fresh_name("writer"));
  const CommittedOffset five{{topic, 0}, 5, ""};
  const CommittedOffset nine{{topic, 0}, 9, ""};
  ASSERT_OK(writer->begin());
  ASSERT_OK(writer->commit_offsets(group, std::span(&five, 1)));
  ASSERT_OK(write(*writer, topic, {"out"}));
  EXPECT_THAT(broker().committed_offsets(group).value(), IsEmpty());
  ASSERT_OK(writer->commit());
  EXPECT_EQ(broker().committed_offsets(group).value().at(0).offset, 5);
  ASSERT_OK(writer->begin());
  ASSERT_OK(writer->commit_offsets(group, std::span(&nine, 1)));
  ASSERT_OK(writer->abort());
  EXPECT_EQ(broker().committed_offsets(group).value().at(0).offset, 5);
  writer.reset();  // the broker outlives it
  restart();
  EXPECT_EQ(broker().committed_offsets(group).value().at(0).offset, 5);
}

TEST_P(BrokerContract, ANewWriterFencesTheOldOneAndAbortsItsTransaction) {
  const std::string topic = fresh_topic();
  const std::string id = fresh_name("writer");
  const auto old_writer = *broker().open_writer(id);
  ASSERT_OK(old_writer->begin());
  ASSERT_OK(write(*old_writer, topic, {"zombie"}));
  const auto new_writer = *broker().open_writer(id);
  auto late = write(*old_writer, topic, {"late"});
  if (late.ok()) late = old_writer->commit();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::Conflict) << late.error().message;
  ASSERT_OK(new_writer->begin());
  ASSERT_OK(write(*new_writer, topic, {"fresh"}));
  ASSERT_OK(new_writer->commit());
  EXPECT_THAT(read_all(topic), ElementsAre("fresh"));
}

TEST_P(BrokerContract, DestroyingAWriterAbortsItsTransaction) {
  const std::string topic = fresh_topic();
  {
    const auto writer = *broker().open_writer(fresh_name("writer"));
    ASSERT_OK(writer->begin());
    ASSERT_OK(write(*writer, topic, {"lost"}));
  }
  produce(topic, {"kept"});
  EXPECT_THAT(read_all(topic), ElementsAre("kept"));
}

TEST_P(BrokerContract, AnEmptyTransactionCommits) {
  const auto writer = *broker().open_writer(fresh_name("writer"));
  ASSERT_OK(writer->begin());
  ASSERT_OK(writer->commit());
  ASSERT_OK(writer->begin());
  ASSERT_OK(writer->abort());
}

TEST_P(BrokerContract, WritingOutsideATransactionIsRefused) {
  const std::string topic = fresh_topic();
  const auto writer = *broker().open_writer(fresh_name("writer"));
  EXPECT_FALSE(write(*writer, topic, {"x"}).ok());
  EXPECT_FALSE(writer->commit().ok());
  ASSERT_OK(writer->begin());
  EXPECT_FALSE(writer->begin().ok());
}

TEST_P(BrokerContract, OneIdCommitsManyTransactionsInARow) {
  const std::string topic = fresh_topic(2);
  const auto writer = *broker().open_writer(fresh_name("writer"));
  for (int i = 0; i < 30; ++i) {
    ASSERT_OK(writer->begin());
    ASSERT_OK(write(*writer, topic, {std::to_string(i)}, i % 2));
    ASSERT_OK(i % 3 == 2 ? writer->abort() : writer->commit());
  }
  EXPECT_EQ(read_all(topic, 0).size() + read_all(topic, 1).size(), 20U);
}

}  // namespace
}  // namespace tidemill::broker
