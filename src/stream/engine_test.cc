// SPDX-License-Identifier: Apache-2.0
#include "stream/engine.h"

#include "runtime/threads.h"
#include "stream/testing/engine_fixture.h"

namespace tidemill::stream::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string user(const std::string& id, const std::string& name, int n) {
  return fmt::format(R"({{"id":"{}","name":"{}","n":{}}})", id, name, n);
}

TEST_F(EngineTest, GoodRowsReachTheTableAndBadOnesTheDeadLetterWithEveryRule) {
  produce(user("a", "Ann", 1));
  produce("{torn");
  produce(R"({"name":12345,"n":500})");
  produce(user("b", "a name that is longer than twelve", 3), 1);
  produce(R"({"id":7,"name":"x","n":-1})", 1);
  open();
  start(users());
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|Ann|1", "b|a name that is longer than twelve|3"));
  EXPECT_THAT(letters(),
              UnorderedElementsAre("json@0/1", "id_present,n_small@0/2", "type_id,n_positive@1/1"));
  const auto status = *engine_->status("q");
  EXPECT_EQ(status.totals.input_rows, 5U);
  EXPECT_EQ(status.totals.output_rows, 2U);
  EXPECT_EQ(status.totals.rejected_rows, 3U);
  EXPECT_EQ(status.totals.rejected_by_rule.at("n_small"), 1U);
  EXPECT_EQ(status.lag, 0);
  EXPECT_EQ(status.state, QueryState::Running);
  EXPECT_THAT(broker_.group("tidemill.query.q"),
              ElementsAre(::testing::Pair(0, 3), ::testing::Pair(1, 2)));
  EXPECT_EQ(broker_.committed("dead")[0].value, "{torn");
}

TEST_F(EngineTest, FirstRowOfAKeyWinsAlsoAcrossRestartsAndLostLocalFiles) {
  open();
  start(users());
  produce(user("a", "first", 1));
  produce(user("a", "second", 2));
  wait();
  open();
  start(users());
  produce(user("a", "third", 3));
  produce(user("b", "other", 4));
  wait();
  close();
  std::filesystem::remove_all(folder_);
  open();
  start(users());
  produce(user("a", "fourth", 5));
  produce(user("b", "fifth", 6));
  produce(user("c", "new", 7));
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|first|1", "b|other|4", "c|new|7"));
  const auto status = *engine_->status("q");
  EXPECT_EQ(status.totals.duplicate_rows, 4U);
  EXPECT_EQ(status.totals.input_rows, 7U);
  EXPECT_EQ(table_.writes, 3U);
}

TEST_F(EngineTest, DamagedSnapshotIsReplacedByTheChangelog) {
  open();
  start(users());
  produce(user("a", "first", 1));
  wait();
  close();
  const auto path = folder_ + "/q.state";
  auto bytes = *read_file(disk_, path, 1 << 20);
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(replace_file(disk_, path, bytes).ok());
  open();
  start(users());
  produce(user("a", "again", 2));
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|first|1"));
}

TEST_F(EngineTest, AnotherPlanIsRefused) {
  open();
  start(users());
  produce(user("a", "x", 1));
  wait();
  open();
  auto other = users();
  other.plan_hash = "h2";
  EXPECT_EQ(engine_->start(other).error().code, ErrorCode::Conflict);
}

TEST_F(EngineTest, KeyIsForgottenWithinItsHorizonOfEventTime) {
  auto spec = users();
  spec.dedup->within = std::chrono::seconds(10);
  open();
  start(spec);
  produce(user("a", "first", 1), 0, 1'000);
  produce(user("a", "inside", 2), 0, 10'999);
  produce(user("a", "outside", 3), 0, 11'000);
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|outside|3"));
  EXPECT_EQ((*engine_->status("q")).totals.duplicate_rows, 1U);
}

TEST_F(EngineTest, RowThatMakesDuckDbThrowIsFoundAlone) {
  auto spec = users();
  spec.source.constraints = {{"odd", "CAST(name AS INTEGER) % 2 = 1"}};
  spec.select_sql = "SELECT id, name, CAST(n + CAST(id AS INTEGER) AS BIGINT) AS n FROM input";
  open();
  for (int i = 0; i < 50; ++i) produce(user(fmt::format("{}", i), "1", 1));
  produce(user("50", "no number", 1));
  produce(user("51", "3", 6));
  produce(user("not a number", "3", 6));
  start(spec);
  wait();
  EXPECT_EQ(rows().size(), 51U);
  EXPECT_THAT(letters(), UnorderedElementsAre("expression@0/50", "expression@0/52"));
}

TEST_F(EngineTest, SelectMayFilterComputeAndNest) {
  auto spec = users();
  spec.source.constraints.clear();
  spec.select_sql =
      "SELECT id, CAST(name AS VARCHAR) AS name, n FROM (SELECT id, upper(name) AS name, n * 2 AS "
      "n "
      "FROM input AS u WHERE n > 1) WHERE n < 100";
  produce(user("a", "ann", 1));
  produce(user("b", "bob", 2));
  produce(user("c", "cleo", 70));
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), ElementsAre("b|BOB|4"));
}

TEST_F(EngineTest, ProjectionWithAFilterCopiesNothingAndKeepsOrder) {
  auto spec = users();
  spec.select_sql = "SELECT * EXCLUDE (\"at\") FROM \"input\" AS u WHERE n % 2 = 0";
  for (int i = 1; i < 10; ++i) produce(user(fmt::format("{}", i), "x", i));
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), ElementsAre("2|x|2", "4|x|4", "6|x|6", "8|x|8"));
}

TEST_F(EngineTest, RowTheSinkRefusesIsNotSeen) {
  produce(user("a", "refuse me", 1));
  produce(user("a", "take me", 2));
  open();
  start(users());
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|take me|2"));
  EXPECT_THAT(letters(), ElementsAre("sink@0/0"));
}

TEST_F(EngineTest, LaterRowOfAKeyWinsWithoutDedupAlsoAtTheSameTime) {
  auto spec = users();
  spec.dedup.reset();
  open();
  start(spec);
  produce(user("a", "one", 1), 0, 5'000);
  produce(user("a", "two", 2), 0, 5'000);
  wait();
  produce(user("a", "three", 3), 0, 4'000);
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|three|3"));
  EXPECT_THAT(table_.ties, IsEmpty());
}

TEST_F(EngineTest, PausedQueryWaitsAndGoesOn) {
  open();
  start(users());
  produce(user("a", "x", 1));
  wait();
  ASSERT_TRUE(engine_->pause("q").ok());
  produce(user("b", "y", 2));
  EXPECT_EQ((*engine_->status("q")).state, QueryState::Paused);
  EXPECT_EQ((*engine_->status("q")).lag, 1);
  EXPECT_EQ(engine_->wait("q", std::chrono::milliseconds(50)).error().code, ErrorCode::Timeout);
  ASSERT_TRUE(engine_->resume("q").ok());
  wait();
  EXPECT_EQ(rows().size(), 2U);
}

// Two queries over one source, the first keeps the bad records.
class LettersTest : public EngineTest {
 protected:
  LettersTest() {
    open();
    start(query("q", true));
    start(query("other", false));
  }
  QuerySpec query(const std::string& name, bool keeps) const {
    auto spec = users();
    spec.name = name;
    spec.keeps_letters = keeps;
    return spec;
  }
  void hand_over(const std::string& from, const std::string& to) {
    ASSERT_TRUE(engine_->pause(from).ok());
    ASSERT_TRUE(engine_->leave_letters(from).ok());
    ASSERT_TRUE(engine_->keep_letters(to).ok());
  }
  void expect_letters(const std::vector<std::string>& expected) {
    eventually([&] { return letters().size() >= expected.size(); });
    EXPECT_THAT(letters(), ::testing::UnorderedElementsAreArray(expected));
  }
};

TEST_F(LettersTest, AreKeptByOneQueryAndThenByTheOtherOne) {
  produce("{first");
  wait();
  wait("other");
  EXPECT_THAT(letters(), ElementsAre("json@0/0"));
  hand_over("q", "other");
  produce("{second");
  wait("other");
  ASSERT_TRUE(engine_->resume("q").ok());
  produce("{third");
  wait();
  wait("other");
  expect_letters({"json@0/0", "json@0/1", "json@0/2"});
}

TEST_F(LettersTest, AreMadeUpForWhatTheNewKeeperHadReadAlready) {
  ASSERT_TRUE(engine_->pause("q").ok());
  produce("{first");
  produce("{second", 1);
  wait("other");
  EXPECT_THAT(letters(), IsEmpty());
  hand_over("q", "other");
  expect_letters({"json@0/0", "json@1/0"});
  produce("{third");
  wait("other");
  ASSERT_TRUE(engine_->resume("q").ok());
  wait();
  expect_letters({"json@0/0", "json@1/0", "json@0/1"});
}

TEST_F(LettersTest, AreNotRepeatedByANewKeeperThatHasReadLess) {
  ASSERT_TRUE(engine_->pause("other").ok());
  produce("{first");
  wait();
  ASSERT_TRUE(engine_->drop("q").ok());
  ASSERT_TRUE(engine_->keep_letters("other").ok());
  ASSERT_TRUE(engine_->resume("other").ok());
  produce("{second");
  wait("other");
  expect_letters({"json@0/0", "json@0/1"});
}

TEST_F(LettersTest, AreTakenOverAfterACrashInTheMiddleOfIt) {
  ASSERT_TRUE(engine_->pause("q").ok());
  produce("{first");
  wait("other");
  close();
  int failures = 3;
  broker_.before_commit = [&failures]() -> Result<> {
    return failures-- > 0 ? error(ErrorCode::Unavailable, "no commit yet") : Result<>();
  };
  open();
  start(query("other", true));
  produce("{second");
  wait("other");
  expect_letters({"json@0/0", "json@0/1"});
}

TEST_F(LettersTest, OfAQuerysOwnSinkStayWithThatQuery) {
  produce(user("refuse me", "x", 1));
  wait();
  wait("other");
  expect_letters({"sink@0/0", "sink@0/0"});
}

TEST_F(EngineTest, AvailableNowFinishesAndRunsAgainOnResume) {
  auto spec = users();
  spec.trigger.kind = TriggerKind::AvailableNow;
  produce(user("a", "x", 1));
  open();
  start(spec);
  wait();
  EXPECT_EQ((*engine_->status("q")).state, QueryState::Finished);
  produce(user("b", "y", 2));
  EXPECT_EQ(rows().size(), 1U);
  ASSERT_TRUE(engine_->resume("q").ok());
  wait();
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(EngineTest, EveryTriggerGathersRows) {
  auto spec = users();
  spec.trigger = {TriggerKind::Every, std::chrono::milliseconds(300)};
  open();
  start(spec);
  for (int i = 1; i < 20; ++i) produce(user(fmt::format("{}", i), "x", i));
  wait();
  EXPECT_EQ(rows().size(), 19U);
  EXPECT_LE((*engine_->status("q")).totals.epochs, 3U);
}

TEST_F(EngineTest, TriggerMeasuresHowLongItAsksWhereTheTopicEnds) {
  auto spec = users();
  spec.trigger.kind = TriggerKind::AvailableNow;
  broker_.before_find_offset = [] { pause_thread(std::chrono::milliseconds(5)); };
  produce(user("a", "x", 1));
  open();
  start(spec);
  wait();
  auto phases = (*engine_->status("q")).progress->duration_ms_by_phase;
  EXPECT_GE(phases.at("latestOffset"), 5);
  EXPECT_GE(phases.at("triggerExecution"), phases.at("latestOffset"));
}

TEST_F(EngineTest, DroppedQueryLeavesNothingBehind) {
  open();
  start(users());
  produce(user("a", "x", 1));
  wait();
  ASSERT_TRUE(engine_->drop("q").ok());
  EXPECT_EQ(engine_->status("q").error().code, ErrorCode::NotFound);
  EXPECT_FALSE(disk_.exists(folder_ + "/q.state"));
  auto other = users();
  other.plan_hash = "h2";
  start(other);
  wait();
  EXPECT_EQ((*engine_->status("q")).totals.output_rows, 1U);
}

TEST_F(EngineTest, FailingSinkIsRetriedUntilItWorks) {
  table_.next_failure = error(ErrorCode::Unavailable, "table is away");
  produce(user("a", "x", 1));
  open();
  start(users());
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|x|1"));
  const auto status = *engine_->status("q");
  EXPECT_GE(status.restarts, 1U);
  EXPECT_EQ(status.totals.output_rows, 1U);
}

TEST_F(EngineTest, OnErrorFailNamesTheRecord) {
  auto spec = users();
  spec.source.on_error = OnError::Fail;
  produce(user("a", "x", 1));
  produce("{torn");
  open();
  start(spec);
  const auto waited = engine_->wait("q", std::chrono::seconds(10));
  ASSERT_FALSE(waited.ok());
  EXPECT_THAT(waited.error().message, HasSubstr("record at offset 1 of 'in' partition 0"));
  EXPECT_EQ((*engine_->status("q")).state, QueryState::Failed);
}

TEST_F(EngineTest, NewPartitionIsReadFromItsBeginning) {
  auto spec = users();
  spec.trigger = {TriggerKind::AvailableNow, {}};
  spec.source.startup = Startup::Latest;
  produce(user("old", "x", 1));
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), IsEmpty());
  ASSERT_TRUE(broker_.create_partitions("in", 3).ok());
  produce(user("a", "x", 1), 2);
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), ElementsAre("a|x|1"));
}

TEST_F(EngineTest, ExpiredRecordsAreSkippedAndTheRestIsRead) {
  open();
  start(users());
  wait();
  ASSERT_TRUE(engine_->pause("q").ok());
  produce(user("a", "x", 1));
  produce(user("b", "y", 2));
  broker_.expire("in", 1);
  ASSERT_TRUE(engine_->resume("q").ok());
  eventually([&] { return rows().size() == 1; });
  EXPECT_THAT(rows(), ElementsAre("b|y|2"));
}

TEST_F(EngineTest, RecordsOfTheFutureDoNotMoveTheWatermark) {
  auto spec = users();
  produce(user("a", "x", 1), 0, clock_.wall_ms());
  produce(user("b", "y", 1), 0, clock_.wall_ms() + 3'600'000);
  open();
  start(spec);
  wait();
  EXPECT_THAT(letters(), ElementsAre("future@0/1"));
  EXPECT_LE((*engine_->status("q")).watermark_ms, clock_.wall_ms());
}

TEST_F(EngineTest, ProgressHasSparksFields) {
  open();
  start(users());
  produce(user("a", "x", 1));
  produce(user("a", "x", 1));
  wait();
  const auto progress = *engine_->progress("q", 10);
  ASSERT_FALSE(progress.empty());
  const auto& last = progress.back();
  EXPECT_GT(last.batch_id, 0);
  EXPECT_TRUE(last.duration_ms_by_phase.contains("triggerExecution"));
  EXPECT_EQ(last.source.end.at("in").at(0), 2);
  ASSERT_EQ(last.state_operators.size(), 1U);
  EXPECT_EQ(last.state_operators[0].operator_name, "dedup");
  EXPECT_EQ(last.state_operators[0].rows_total, 1U);
  EXPECT_EQ(last.sink_description, "fake table");
}

}  // namespace
}  // namespace tidemill::stream::testing
