// SPDX-License-Identifier: Apache-2.0
// Upserts by column: through files, through the log, and mixed with ordinary writes.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tables/embedded/port.h"
#include "tables/embedded/store_fixture.h"

namespace tidemill::tables::embedded {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Rows "pk/ck/v" of table t.
class BulkTest : public StoreTest, public testing::WithParamInterface<std::size_t> {
 protected:
  void SetUp() override {
    options_.bulk_rows_min = GetParam();
    StoreTest::SetUp();
    writer_ = must(open_writer(*store_, "ks", "t", {"v", "pk", "ck"}));
  }

  struct Row {
    std::string pk;
    std::int32_t ck;
    std::optional<std::string> v;
    std::int64_t timestamp = 10;
  };
  static void add(ValueColumn& column, const std::optional<Bytes>& value) {
    if (column.offsets.empty()) column.offsets.push_back(0);
    if (value) column.data.insert(column.data.end(), value->begin(), value->end());
    column.offsets.push_back(static_cast<std::uint32_t>(column.data.size()));
    column.nulls.push_back(value ? 0 : 1);
  }
  UpsertBatch batch(const std::vector<Row>& rows) const {
    UpsertBatch out;
    out.rows = rows.size();
    out.columns.resize(3);
    for (auto& column : out.columns) column.offsets.push_back(0);
    for (const auto& row : rows) {
      add(out.columns[0], row.v ? std::optional(text(*row.v)) : std::nullopt);
      add(out.columns[1], text(row.pk));
      add(out.columns[2], number(row.ck));
      out.write_timestamps.push_back(row.timestamp);
    }
    return out;
  }
  std::unique_ptr<Writer> writer_;
};

TEST_P(BulkTest, RowsAreVisibleAndSurviveReopening) {
  must(writer_->upsert(batch({{"b", 1, "x"}, {"a", 2, "y"}, {"a", -1, {}}})));

  EXPECT_THAT(rows(all_of({"a", "b"})), ElementsAre("a/-1/-", "a/2/y", "b/1/x"));
  writer_.reset();
  reopen();
  EXPECT_THAT(rows(all_of({"a", "b"})), ElementsAre("a/-1/-", "a/2/y", "b/1/x"));
}

TEST_P(BulkTest, TimestampsDecideNotTheOrderOfArrival) {
  insert("a", 1, "newer by hand", 20);
  insert("a", 2, "older by hand", 5);
  must(writer_->upsert(batch({{"a", 1, "bulk"}, {"a", 2, "bulk"}, {"a", 3, "bulk"}})));
  insert("a", 3, "late and old", 5);
  must(store_->flush());

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/newer by hand", "a/2/bulk", "a/3/bulk"));
  must(store_->compact(*table_));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/newer by hand", "a/2/bulk", "a/3/bulk"));
}

TEST_P(BulkTest, TheSameKeyTwiceInABatchKeepsTheLatest) {
  must(writer_->upsert(batch({{"a", 1, "new", 20}, {"a", 1, "old", 10}, {"a", 1, {}, 30}})));
  // A null leaves no cell: the row's marker is newer, its value is not gone.
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/new"));
}

TEST_P(BulkTest, TheSameWriteTwiceIsTheSameAsOnce) {
  const auto once = batch({{"a", 1, "x"}, {"b", 2, "y"}});
  must(writer_->upsert(once));
  must(writer_->upsert(once));
  EXPECT_THAT(rows(all_of({"a", "b"})), ElementsAre("a/1/x", "b/2/y"));
}

TEST_P(BulkTest, TheTablesDefaultTimeToLiveHoldsUnlessGiven) {
  TableAlteration alteration;
  alteration.options.scalars["default_time_to_live"] = "60";
  table_ = must(store_->alter_table("ks", "t", alteration));
  must(writer_->upsert(batch({{"a", 1, "default"}})));
  auto kept = batch({{"a", 2, "for ever"}});
  kept.ttl_seconds = 0;
  must(writer_->upsert(kept));
  auto shorter = batch({{"a", 3, "shorter"}});
  shorter.ttl_seconds = 10;
  must(writer_->upsert(shorter));

  turn_clock(std::chrono::seconds(10));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/default", "a/2/for ever"));
  turn_clock(std::chrono::seconds(50));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/2/for ever"));
}

TEST_P(BulkTest, ARowExpiresAtItsOwnTimeHoweverOftenItIsWritten) {
  const std::int64_t now = clock_.wall_us() / 1'000'000;
  auto rows_of_an_hour_ago = batch({{"a", 1, "gone"}, {"a", 2, "soon"}, {"a", 3, "from now"}});
  rows_of_an_hour_ago.ttl_seconds = 60;
  rows_of_an_hour_ago.expires_at_s = {now - 3540, now + 10, 0};
  must(writer_->upsert(rows_of_an_hour_ago));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/2/soon", "a/3/from now"));
  turn_clock(std::chrono::seconds(9));
  must(writer_->upsert(rows_of_an_hour_ago));
  turn_clock(std::chrono::seconds(1));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/3/from now"));

  rows_of_an_hour_ago.ttl_seconds = 0;
  EXPECT_THAT(writer_->upsert(rows_of_an_hour_ago).error().message,
              HasSubstr("a batch of 3 rows with ttl 0 has 3 times of expiry"));
}

TEST_P(BulkTest, ABadValueWritesNothing) {
  auto bad = batch({{"a", 1, "x"}, {"a", 2, "\xFF\xFE"}});
  const auto refused = writer_->upsert(bad);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("column 'v' of row 1"));
  EXPECT_THAT(rows(all_of({"a"})), IsEmpty());

  auto null_key = batch({{"a", 1, "x"}});
  null_key.columns[1].nulls[0] = 1;
  EXPECT_THAT(writer_->upsert(null_key).error().message, HasSubstr("Invalid null value"));

  auto empty_key = batch({{"", 1, "x"}});
  EXPECT_THAT(writer_->upsert(empty_key).error().message, HasSubstr("Key may not be empty"));

  auto short_column = batch({{"a", 1, "x"}});
  short_column.columns[0].offsets.pop_back();
  EXPECT_FALSE(writer_->upsert(short_column).ok());

  auto beyond = batch({{"a", 1, "x"}});
  beyond.columns[0].offsets[1] = 99;
  EXPECT_FALSE(writer_->upsert(beyond).ok());
}

TEST_P(BulkTest, ADroppedTableIsNotFoundAndATruncatedOneEmpty) {
  must(writer_->upsert(batch({{"a", 1, "x"}})));
  must(store_->truncate("ks", "t"));
  EXPECT_THAT(rows(all_of({"a"})), IsEmpty());
  must(writer_->upsert(batch({{"a", 2, "y"}})));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/2/y"));

  must(store_->drop_table("ks", "t"));
  EXPECT_EQ(writer_->upsert(batch({{"a", 1, "x"}})).error().code, ErrorCode::NotFound);
}

TEST_P(BulkTest, AnIndexMadeMeanwhileMissesNoRow) {
  constexpr int kRounds = 20;
  constexpr std::int32_t kBatchRows = 200;
  std::size_t written = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<bool> stop = false;
    std::thread upserts([&] {
      do {
        std::vector<Row> some;
        for (std::int32_t i = 0; i < kBatchRows; ++i) {
          some.push_back({"p", static_cast<std::int32_t>(written) + i, "x"});
        }
        must(writer_->upsert(batch(some)));
        written += some.size();
      } while (!stop);
    });
    Index index;
    index.name = "by_v";
    index.kind = "COMPOSITES";
    index.column = id("v");
    must(store_->create_index("ks", "t", index));
    stop = true;
    upserts.join();
    auto request = all_of({});
    request.table = store_->schema()->find_table("ks", "t");
    request.lookup = IndexLookup{.index = "by_v", .lower = {}, .upper = {}};
    ASSERT_EQ(rows(request).size(), written) << round;
    must(store_->drop_index("ks", "t", "by_v"));
    must(store_->drop_table("ks", "t"));
    Table draft;
    draft.keyspace = "ks";
    draft.name = "t";
    draft.columns = {column("pk", "text", ColumnKind::PartitionKey),
                     column("ck", "int", ColumnKind::Clustering), column("v", "text")};
    table_ = must(store_->create_table(draft));
    writer_ = must(open_writer(*store_, "ks", "t", {"v", "pk", "ck"}));
    written = 0;
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, BulkTest, testing::Values(1U, 1000000U), [](const auto& info) {
  return std::string(info.param == 1 ? "Files" : "Log");
});

TEST_F(StoreTest, AWriterNeedsTheWholeKeyAndColumnsOfOneCell) {
  EXPECT_THAT(open_writer(*store_, "ks", "t", {"pk", "v"}).error().message,
              HasSubstr("Some clustering key parts are missing: ck"));
  EXPECT_EQ(open_writer(*store_, "ks", "t", {"pk", "ck", "m"}).error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(open_writer(*store_, "ks", "t", {"pk", "ck", "s"}).error().code,
            ErrorCode::Unsupported);
  EXPECT_EQ(open_writer(*store_, "ks", "t", {"pk", "ck", "x"}).error().code, ErrorCode::NotFound);
  EXPECT_EQ(open_writer(*store_, "ks", "none", {"pk"}).error().code, ErrorCode::NotFound);
}

TEST_F(StoreTest, TablesAreDescribedWithTheirColumns) {
  const auto info = must(describe_table(*store_, "ks", "t"));
  std::vector<std::string> columns;
  for (const auto& each : info.columns) columns.push_back(each.name + " " + each.type);
  EXPECT_THAT(columns,
              ElementsAre("pk text", "ck int", "m map<int, text>", "n int", "s text", "v text"));
  EXPECT_EQ(must(list_tables(*store_)).size(), 1U);
  EXPECT_EQ(describe_table(*store_, "ks", "none").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace tidemill::tables::embedded
