// SPDX-License-Identifier: Apache-2.0
// Watermarks and windows from records to the table.
#include "stream/testing/engine_fixture.h"

#include "duck/database.h"

namespace tidemill::stream::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class WindowsTest : public EngineTest {
 protected:
  // Counts per name and 10 s; event time is the record's timestamp.
  QuerySpec counting(Emit emit) const {
    auto spec = users();
    spec.dedup.reset();
    spec.source.constraints.clear();
    WindowAggregate window;
    window.size = std::chrono::seconds(10);
    window.keys = {{"name", ColumnType::Varchar}};
    window.accumulators = {{{"c", ColumnType::BigInt}, Merge::Sum},
                           {{"least", ColumnType::BigInt}, Merge::Min},
                           {{"total", ColumnType::HugeInt}, Merge::Sum}};
    window.emit = emit;
    window.final_sql =
        "SELECT window_start, name, c, least, CAST(total AS DOUBLE) / c AS mean FROM closed";
    spec.window = window;
    spec.select_sql =
        "SELECT make_timestamp(epoch_us(\"at\") // 10000000 * 10000000) AS window_start, name, "
        "count(*) AS c, min(n) AS least, sum(n) AS total FROM input GROUP BY 1, 2";
    spec.output = {{"window_start", ColumnType::Timestamp},
                   {"name", ColumnType::Varchar},
                   {"c", ColumnType::BigInt},
                   {"least", ColumnType::BigInt},
                   {"mean", ColumnType::Double}};
    spec.key = {"window_start", "name"};
    spec.trigger.kind = TriggerKind::AvailableNow;
    return spec;
  }
  void put(const std::string& name, int n, std::int64_t ms, std::int32_t partition = 0) {
    produce(fmt::format(R"({{"id":"x","name":"{}","n":{}}})", name, n), partition, ms);
  }
  // Runs AVAILABLE NOW again.
  void again() {
    ASSERT_TRUE(engine_->resume("q").ok());
    wait();
  }
};

TEST_F(WindowsTest, WindowIsEmittedOnceWhenTheWatermarkPassesItsEnd) {
  auto spec = counting(Emit::OnWindowClose);
  spec.source.watermark->delay = std::chrono::seconds(2);
  put("a", 1, 1'000);
  put("a", 3, 9'999);
  put("b", 5, 11'999);
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), IsEmpty());
  put("b", 5, 12'000);
  again();
  EXPECT_THAT(rows(), ElementsAre("0|a|2|1|2"));
  EXPECT_EQ((*engine_->status("q")).watermark_ms, 10'000);
}

TEST_F(WindowsTest, SlowestPartitionHoldsTheWatermarkAndAnEmptyOneDoesNot) {
  ASSERT_TRUE(broker_.create_partitions("in", 3).ok());
  put("a", 1, 1'000, 0);
  put("a", 1, 30'000, 0);
  put("a", 1, 5'000, 1);
  open();
  start(counting(Emit::OnWindowClose));
  wait();
  EXPECT_THAT(rows(), IsEmpty());
  put("a", 1, 30'000, 1);
  again();
  EXPECT_THAT(rows(), ElementsAre("0|a|2|1|1"));
}

TEST_F(WindowsTest, LateRowsAreCountedAndKeptWhereAsked) {
  auto spec = counting(Emit::OnWindowClose);
  spec.window->on_late = OnLate::DeadLetter;
  put("a", 1, 1'000);
  put("a", 1, 25'000);
  open();
  start(spec);
  wait();
  put("a", 1, 2'000);
  put("a", 7, 26'000);
  again();
  EXPECT_THAT(rows(), ElementsAre("0|a|1|1|1"));
  EXPECT_THAT(letters(), ElementsAre("late@0/2"));
  EXPECT_EQ((*engine_->status("q")).totals.late_rows, 1U);
}

TEST_F(WindowsTest, CloseAfterWaitsLonger) {
  auto spec = counting(Emit::OnWindowClose);
  spec.window->close_after = std::chrono::seconds(20);
  put("a", 1, 1'000);
  put("a", 1, 25'000);
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), IsEmpty());
  put("a", 2, 2'000);
  put("a", 1, 30'000);
  again();
  EXPECT_THAT(rows(), ElementsAre("0|a|2|1|1.5"));
}

TEST_F(WindowsTest, UpdatesComeEachEpoch) {
  put("a", 4, 1'000);
  open();
  start(counting(Emit::OnUpdate));
  wait();
  EXPECT_THAT(rows(), ElementsAre("0|a|1|4|4"));
  put("a", 2, 1'000);
  again();
  EXPECT_THAT(rows(), ElementsAre("0|a|2|2|3"));
  EXPECT_THAT(table_.ties, IsEmpty());
}

TEST_F(WindowsTest, IdleStreamClosesItsWindowsByTheClock) {
  auto spec = counting(Emit::OnWindowClose);
  spec.trigger.kind = TriggerKind::Pipelined;
  spec.window->close_after_idle = std::chrono::milliseconds(200);
  put("a", 1, 1'000);
  open();
  start(spec);
  eventually([&] { return rows().size() == 1; });
  EXPECT_THAT(rows(), ElementsAre("0|a|1|1|1"));
}

TEST_F(WindowsTest, IdleStreamDoesNotCloseAWindowThatHasNotEnded) {
  auto spec = counting(Emit::OnWindowClose);
  spec.window->size = std::chrono::hours(24 * 365 * 100);
  spec.select_sql =
      "SELECT make_timestamp(0) AS window_start, name, count(*) AS c, min(n) AS least, sum(n) AS "
      "total FROM input GROUP BY 1, 2";
  spec.window->close_after_idle = std::chrono::milliseconds(0);
  put("a", 1, 1'000);
  open();
  start(spec);
  wait();
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(WindowsTest, ResultIsThatOfOneBatchQuery) {
  auto spec = counting(Emit::OnWindowClose);
  options_.epoch_bytes_max = 16 * 1024;
  spec.window->close_after_idle = std::chrono::milliseconds(0);
  std::string values;
  for (int i = 0; i < 5000; ++i) {
    const int name = i * 7919 % 13;
    const int ms = i * 37;
    put(fmt::format("name-{}", name), i % 101, ms);
    values += fmt::format("{}('name-{}', {}, {})", i == 0 ? "" : ",", name, i % 101, ms);
  }
  open();
  start(spec);
  wait();
  const auto connection = *(*duck::Database::open()).connect();
  const auto batch = connection.query_text(
      "SELECT concat_ws('|', ms // 10000 * 10000000, name, count(*), min(n), "
      "CAST(sum(n) AS DOUBLE) / count(*)) AS line FROM (VALUES " +
      values + ") AS v(name, n, ms) GROUP BY ms // 10000, name");
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  std::vector<std::string> expected;
  for (const auto& row : batch->rows) {
    auto line = *row[0];
    // fmt prints whole numbers without a point, DuckDB with one.
    if (line.ends_with(".0")) line.resize(line.size() - 2);
    expected.push_back(line);
  }
  EXPECT_THAT(rows(), UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace tidemill::stream::testing
