// SPDX-License-Identifier: Apache-2.0
// Deletions of every size, expiry and what compaction removes.
#include <gmock/gmock.h>

#include "tables/embedded/store_fixture.h"

namespace tidemill::tables::embedded {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeletionTest : public StoreTest {
 protected:
  void delete_row(std::string_view pk, std::int32_t ck, std::int64_t timestamp) {
    RowChange change = row(ck, timestamp);
    change.delete_row = true;
    apply(mutation(pk, {change}));
  }
  void delete_range(std::string_view pk, ClusteringRange range, std::int64_t timestamp) {
    Mutation change = mutation(pk);
    change.ranges = {{std::move(range), timestamp}};
    apply(std::move(change));
  }
  void delete_partition(std::string_view pk, std::int64_t timestamp) {
    Mutation change = mutation(pk);
    change.delete_partition = timestamp;
    apply(std::move(change));
  }
  // What must hold in memory must hold in files, and after they were merged.
  void expect_rows(const ReadRequest& request, const std::vector<std::string>& expected) {
    EXPECT_EQ(rows(request), expected);
    must(store_->flush());
    EXPECT_EQ(rows(request), expected) << "after a flush";
    must(store_->compact(*table_));
    EXPECT_EQ(rows(request), expected) << "after a compaction";
  }
  ReadRequest everything() {
    ReadRequest request = all_of({});
    request.partitions.clear();
    return request;
  }
};

TEST_F(DeletionTest, ARowDeletionHidesWhatIsNotNewer) {
  insert("a", 1, "old", 10);
  insert("a", 2, "kept", 10);
  delete_row("a", 1, 10);
  expect_rows(all_of({"a"}), {"a/2/kept"});

  insert("a", 1, "late and old", 9);
  expect_rows(all_of({"a"}), {"a/2/kept"});
  insert("a", 1, "new", 11);
  expect_rows(all_of({"a"}), {"a/1/new", "a/2/kept"});
}

TEST_F(DeletionTest, APartitionDeletionHidesRowsAndStaticsInBothKindsOfReads) {
  insert("a", 1, "x", 10);
  insert("b", 1, "other", 10);
  RowChange statics;
  statics.is_static = true;
  statics.timestamp = 10;
  statics.cells = {set("s", text("shared"))};
  apply(mutation("a", {statics}));
  delete_partition("a", 20);

  expect_rows(all_of({"a"}), {});
  expect_rows(everything(), {"b/1/other"});

  insert("a", 2, "later", 30);
  expect_rows(all_of({"a"}), {"a/2/later"});
}

TEST_F(DeletionTest, ARangeDeletionHidesItsRowsOnly) {
  for (const int ck : {1, 2, 3, 4}) insert("a", ck, "x", 10);
  delete_range("a", rows_between(2, 4), 20);

  expect_rows(all_of({"a"}), {"a/1/x", "a/4/x"});
  expect_rows(everything(), {"a/1/x", "a/4/x"});

  insert("a", 3, "newer", 30);
  insert("a", 2, "too old", 15);
  expect_rows(all_of({"a"}), {"a/1/x", "a/3/newer", "a/4/x"});
}

TEST_F(DeletionTest, OverlappingRangeDeletionsKeepTheLatestOfEach) {
  for (const int ck : {1, 2, 3, 4, 5}) insert("a", ck, "x", 10);
  delete_range("a", rows_between(1, 4), 5);
  delete_range("a", rows_between(3, 5), 20);
  expect_rows(all_of({"a"}), {"a/1/x", "a/2/x", "a/5/x"});
}

TEST_F(DeletionTest, TablesWithoutHeadersLearnOfThemAfterReopening) {
  insert("a", 1, "x", 10);
  delete_partition("a", 20);
  reopen();
  EXPECT_THAT(rows(all_of({"a"})), IsEmpty());
}

TEST_F(DeletionTest, WhatExpiredStillHidesOlderWrites) {
  insert("a", 1, "for ever", 10);
  insert("a", 1, "short", 20, 60);
  must(store_->flush());
  turn_clock(std::chrono::seconds(60));
  expect_rows(all_of({"a"}), {});

  insert("a", 1, "late and old", 15);
  expect_rows(all_of({"a"}), {});
  insert("a", 1, "new", 25);
  expect_rows(all_of({"a"}), {"a/1/new"});
}

TEST_F(DeletionTest, CompactionReclaimsExpiredRowsAfterGrace) {
  for (int ck = 0; ck < 1000; ++ck) insert("a", ck, std::string(100, 'x'), 10, 60);
  must(store_->compact(*table_));
  const std::uint64_t full = must(store_->size_of(*table_)).bytes;

  turn_clock(std::chrono::seconds(60));
  must(store_->compact(*table_));
  const std::uint64_t expired = must(store_->size_of(*table_)).bytes;
  EXPECT_LT(expired, full);

  turn_clock(options_.gc_grace_max + std::chrono::seconds(61));
  must(store_->compact(*table_));
  EXPECT_EQ(must(store_->size_of(*table_)).bytes, 0U);
}

TEST_F(DeletionTest, CompactionReclaimsWhatAPartitionsHeaderHides) {
  for (int ck = 0; ck < 500; ++ck) {
    insert("a", ck, std::string(100, 'x'), 10);
    insert("b", ck, std::string(100, 'x'), 10);
  }
  must(store_->compact(*table_));
  const std::uint64_t full = must(store_->size_of(*table_)).bytes;
  delete_partition("a", 20);
  delete_range("b", rows_between(0, 400), 20);
  insert("a", 3, "newer", 30);
  must(store_->compact(*table_));

  EXPECT_LT(must(store_->size_of(*table_)).bytes, full / 2);
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/3/newer"));
  EXPECT_EQ(rows(all_of({"b"})).size(), 100U);
  insert("a", 4, "late and old", 15);
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/3/newer"));
}

TEST_F(DeletionTest, GraceIsTheTablesOwnWhereItIsShorter) {
  TableAlteration alteration;
  alteration.options.scalars["gc_grace_seconds"] = "5";
  table_ = must(store_->alter_table("ks", "t", alteration));
  insert("a", 1, "x", 10);
  delete_row("a", 1, 20);
  must(store_->compact(*table_));
  EXPECT_NE(must(store_->size_of(*table_)).bytes, 0U);

  turn_clock(std::chrono::seconds(6));
  must(store_->compact(*table_));
  EXPECT_EQ(must(store_->size_of(*table_)).bytes, 0U);
}

TEST_F(DeletionTest, TruncateReclaimsWholeFilesAtOnce) {
  for (int ck = 0; ck < 100; ++ck) insert("a", ck, "x", 10);
  must(store_->compact(*table_));
  const Table old = *table_;
  must(store_->truncate("ks", "t"));
  insert("b", 1, "y", 10);

  Table frozen = old;
  frozen.live = nullptr;  // looks at the old incarnation
  EXPECT_EQ(must(store_->size_of(frozen)).bytes, 0U);
  EXPECT_THAT(rows(everything()), ElementsAre("b/1/y"));
}

}  // namespace
}  // namespace tidemill::tables::embedded
