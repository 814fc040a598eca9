// SPDX-License-Identifier: Apache-2.0
// Kills the query at every step of an epoch and compares what the outside holds with what a run
// without crashes gives.
#include <algorithm>
#include <thread>

#include "stream/testing/engine_fixture.h"

namespace tidemill::stream::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

// Dies before the step of the given name comes for the given time.
class Crash {
 public:
  void at(std::string step, int turn) {
    const MutexLock lock(mutex_);
    step_ = std::move(step);
    turns_ = turn;
    happened_ = false;
  }
  void never() { at("", 0); }
  bool happened() const {
    const MutexLock lock(mutex_);
    return happened_;
  }
  Result<> operator()(std::string_view step) {
    const MutexLock lock(mutex_);
    if (step != step_ || turns_ == 0 || --turns_ > 0) return {};
    happened_ = true;
    return error(ErrorCode::Internal, "killed");
  }

 private:
  mutable Mutex mutex_;
  std::string step_;
  int turns_ = 0;
  bool happened_ = false;
};

class CrashTest : public EngineTest,
                  public ::testing::WithParamInterface<std::tuple<std::string, int, bool>> {
 protected:
  CrashTest() {
    options_.before_step = [this](std::string_view step) { return crash_(step); };
    options_.epoch_bytes_max = 8 * 1024;  // some 100 records
    options_.snapshot_bytes_min = 1;
  }
  // The engine goes without a snapshot, as a killed process does; perhaps its files, too.
  void kill_and_restart(bool lose_files) {
    engine_.reset();
    if (lose_files) std::filesystem::remove_all(folder_);
    crash_.never();
    open();
  }
  Crash crash_;
};

TEST_P(CrashTest, EveryRecordIsInTheTableOrTheDeadLetterExactlyOnce) {
  const auto& [step, turn, lose_files] = GetParam();
  auto spec = users();
  std::vector<std::string> expected_rows;
  std::vector<std::string> expected_letters;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 500; ++i) {
      const std::string id = fmt::format("id-{}", (round * 300) + i);
      produce(fmt::format(R"({{"id":"{}","name":"{}","n":{}}})", id, round, i % 90 + 1));
      if (i % 50 == 0) {
        expected_letters.push_back(fmt::format("json@0/{}", round * 510 + i + i / 50 + 1));
        produce("{torn");
      }
      if (i < 200 && round > 0) continue;  // seen in the round before
      expected_rows.push_back(fmt::format("{}|{}|{}", id, round, i % 90 + 1));
    }
    crash_.at(step, turn);
    open();
    start(spec);
    eventually([&] {
      const auto status = *engine_->status("q");
      return status.state == QueryState::Failed ||
             (status.state == QueryState::Running && status.lag == 0);
    });
    EXPECT_TRUE(crash_.happened());
    kill_and_restart(lose_files);
    start(spec);
    wait();
  }
  EXPECT_THAT(rows(), UnorderedElementsAreArray(expected_rows));
  EXPECT_THAT(letters(), UnorderedElementsAreArray(expected_letters));
  EXPECT_THAT(table_.ties, IsEmpty());
  const auto status = *engine_->status("q");
  EXPECT_EQ(status.totals.input_rows, 1530U);
  EXPECT_EQ(status.totals.output_rows, expected_rows.size());
  EXPECT_EQ(status.totals.duplicate_rows, 1500U - expected_rows.size());
}

INSTANTIATE_TEST_SUITE_P(EveryStep, CrashTest,
                         ::testing::Combine(::testing::Values("state", "sink_written",
                                                              "dead_letters", "before_commit",
                                                              "after_commit"),
                                            ::testing::Values(1, 2, 4), ::testing::Bool()),
                         [](const auto& info) {
                           return fmt::format("{}_{}{}", std::get<0>(info.param),
                                              std::get<1>(info.param),
                                              std::get<2>(info.param) ? "_without_files" : "");
                         });

class WindowCrashTest : public CrashTest {};

// Windows: the counts of a run with crashes are those of the records.
TEST_P(WindowCrashTest, CountsAreThoseOfTheRecords) {
  const auto& [step, turn, lose_files] = GetParam();
  auto spec = users();
  spec.dedup.reset();
  spec.source.constraints.clear();
  WindowAggregate window;
  window.size = std::chrono::seconds(10);
  window.keys = {{"name", ColumnType::Varchar}};
  window.accumulators = {{{"c", ColumnType::BigInt}, Merge::Sum},
                         {{"s", ColumnType::HugeInt}, Merge::Sum}};
  window.emit = Emit::OnUpdate;
  window.final_sql = "SELECT window_start, name, c, CAST(s AS BIGINT) AS s FROM closed";
  spec.window = window;
  spec.select_sql =
      "SELECT make_timestamp(epoch_us(\"at\") // 10000000 * 10000000) AS window_start, name, "
      "count(*) AS c, sum(n) AS s FROM input GROUP BY 1, 2";
  spec.output = {{"window_start", ColumnType::Timestamp},
                 {"name", ColumnType::Varchar},
                 {"c", ColumnType::BigInt},
                 {"s", ColumnType::BigInt}};
  spec.key = {"window_start", "name"};
  std::map<std::string, std::pair<int, int>> counts;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 300; ++i) {
      const int ms = round * 20'000 + i * 60;
      const std::string name = fmt::format("name-{}", i % 7);
      produce(fmt::format(R"({{"id":"x","name":"{}","n":{}}})", name, i), 0, ms);
      auto& [count, sum] = counts[fmt::format("{}|{}", ms / 10'000 * 10'000'000LL, name)];
      ++count;
      sum += i;
    }
    crash_.at(step, turn);
    open();
    start(spec);
    eventually([&] {
      const auto status = *engine_->status("q");
      return status.state == QueryState::Failed ||
             (status.state == QueryState::Running && status.lag == 0);
    });
    EXPECT_TRUE(crash_.happened());
    kill_and_restart(lose_files);
    start(spec);
    wait();
  }
  std::vector<std::string> expected;
  for (const auto& [key, value] : counts) {
    expected.push_back(fmt::format("{}|{}|{}", key, value.first, value.second));
  }
  EXPECT_THAT(rows(), UnorderedElementsAreArray(expected));
  EXPECT_THAT(table_.ties, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(EveryStep, WindowCrashTest,
                         ::testing::Combine(::testing::Values("state", "sink_written",
                                                              "before_commit", "after_commit"),
                                            ::testing::Values(2), ::testing::Bool()),
                         [](const auto& info) {
                           return fmt::format("{}_{}{}", std::get<0>(info.param),
                                              std::get<1>(info.param),
                                              std::get<2>(info.param) ? "_without_files" : "");
                         });

// A commit that fails may have happened all the same: the log is asked.
TEST_F(EngineTest, CommitThatFailsIsRepeatedOnce) {
  int failures = 2;
  broker_.before_commit = [&]() -> Result<> {
    if (broker_.commits() < 1 || failures == 0) return {};
    --failures;
    return error(ErrorCode::Unavailable, "the log is away");
  };
  open();
  start(users());
  eventually([&] { return (*engine_->status("q")).state == QueryState::Running; });
  produce(R"({"id":"a","name":"x","n":1})");
  produce(R"({"id":"a","name":"y","n":1})");
  wait();
  EXPECT_THAT(rows(), ::testing::ElementsAre("a|x|1"));
  EXPECT_EQ((*engine_->status("q")).restarts, 2U);
}

}  // namespace
}  // namespace tidemill::stream::testing
