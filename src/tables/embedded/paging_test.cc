// SPDX-License-Identifier: Apache-2.0
// Slices, orders, limits and pages. The model: whatever the page size, the rows are the same.
#include <gmock/gmock.h>

#include <algorithm>

#include "tables/embedded/store_fixture.h"

namespace tidemill::tables::embedded {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class PagingTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::vector<Mutation> all;
    for (int p = 0; p < 8; ++p) {
      Mutation partition = mutation("p" + std::to_string(p));
      // p0 has a static row only, p1 none, the others rows; p5 is deleted, p6 partly.
      if (p == 0 || p == 3) {
        RowChange statics;
        statics.is_static = true;
        statics.timestamp = 10;
        statics.cells = {set("s", text("static"))};
        partition.rows.push_back(std::move(statics));
      }
      for (int ck = 0; p != 0 && ck < p; ++ck) {
        RowChange change = row(ck, 10);
        change.marker = true;
        change.cells = {set("v", text("v"))};
        partition.rows.push_back(std::move(change));
      }
      if (p == 5) partition.delete_partition = 20;
      if (p == 6) partition.ranges = {{rows_between(1, 3), 20}};
      all.push_back(std::move(partition));
    }
    must(store_->apply_and_wait(std::move(all)));
  }
  ReadRequest scan() {
    ReadRequest request = all_of({});
    request.columns = {id("pk"), id("ck"), id("s")};
    return request;
  }
  void expect_same_in_any_page_size(ReadRequest request) {
    request.page_rows = 1000;
    const auto whole = rows(request);
    for (std::uint32_t size = 1; size < 9; ++size) {
      request.page_rows = size;
      EXPECT_EQ(rows(request), whole) << "pages of " << size;
    }
    request.page_rows = 1000;
    request.page_bytes = 1;
    EXPECT_EQ(rows(request), whole) << "pages of one byte";
  }
};

TEST_F(PagingTest, AScanSeesEveryLiveRowOnce) {
  auto seen = rows(scan());
  EXPECT_THAT(seen, SizeIs(1 + 1 + 2 + 3 + 4 + 4 + 7));
  std::ranges::sort(seen);
  EXPECT_EQ(seen[0], "p0/-/static");
  EXPECT_TRUE(std::ranges::adjacent_find(seen) == seen.end());
}

TEST_F(PagingTest, ScansAreTheSameInAnyPageSize) {
  expect_same_in_any_page_size(scan());
  ReadRequest distinct = scan();
  distinct.columns = {id("pk"), id("s")};
  distinct.distinct = true;
  EXPECT_THAT(rows(distinct), SizeIs(7));
  expect_same_in_any_page_size(distinct);
  ReadRequest limited = scan();
  limited.per_partition_limit = 2;
  EXPECT_THAT(rows(limited), SizeIs(1 + 1 + 2 + 2 + 2 + 2 + 2));
  expect_same_in_any_page_size(limited);
  ReadRequest sliced = scan();
  sliced.ranges = {rows_between(1, 3)};
  sliced.static_only_rows = false;
  EXPECT_THAT(rows(sliced), SizeIs(1 + 2 + 2 + 2));
  expect_same_in_any_page_size(sliced);
}

TEST_F(PagingTest, NamedPartitionsAreTheSameInAnyPageSize) {
  ReadRequest request = all_of({"p7", "p1", "p0", "none", "p6", "p3"});
  request.columns = {id("pk"), id("ck"), id("s")};
  expect_same_in_any_page_size(request);
  request.reversed = true;
  expect_same_in_any_page_size(request);
  request.per_partition_limit = 2;
  expect_same_in_any_page_size(request);
  request.ranges = {rows_between(0, 1), rows_between(3, 6)};
  request.static_only_rows = false;
  expect_same_in_any_page_size(request);
}

TEST_F(PagingTest, SlicesAndOrders) {
  ReadRequest request = all_of({"p7"});
  request.columns = {id("ck")};
  request.ranges = {rows_between(2, 5)};
  EXPECT_THAT(rows(request), ElementsAre("2", "3", "4"));
  request.reversed = true;
  EXPECT_THAT(rows(request), ElementsAre("4", "3", "2"));
  request.ranges = {rows_between(0, 1), rows_between(5, 7)};
  EXPECT_THAT(rows(request), ElementsAre("6", "5", "0"));
  request.per_partition_limit = 2;
  EXPECT_THAT(rows(request), ElementsAre("6", "5"));
}

TEST_F(PagingTest, TokenRangesDivideTheRing) {
  const auto whole = rows(scan());
  std::vector<std::string> parts;
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t to :
       {std::int64_t{-4000000000000000000}, std::int64_t{0}, std::int64_t{4000000000000000000},
        std::numeric_limits<std::int64_t>::max()}) {
    ReadRequest request = scan();
    request.tokens = {from, to};
    for (auto& each : rows(request)) parts.push_back(std::move(each));
    from = to + (to != std::numeric_limits<std::int64_t>::max());
  }
  EXPECT_EQ(parts, whole);

  ReadRequest one = scan();
  one.tokens.start = one.tokens.end = token_of(partition("p2"));
  EXPECT_THAT(rows(one), ElementsAre("p2/0/-", "p2/1/-"));
  one.tokens = {5, 4};
  EXPECT_THAT(rows(one), IsEmpty());
}

TEST_F(PagingTest, APageIsOneMomentAndTheNextContinuesAfterIt) {
  ReadRequest request = all_of({"p7"});
  request.columns = {id("ck")};
  request.page_rows = 3;
  const Page first = must(store_->read(request));
  insert("p7", -1, "before the page", 10);
  insert("p7", 3, "changed", 20);
  insert("p7", 10, "behind", 10);
  request.resume = first.resume();
  request.page_rows = 100;
  EXPECT_THAT(rows(request), ElementsAre("3", "4", "5", "6", "10"));
}

TEST_F(PagingTest, AForgedResumeIsRefusedOrHarmless) {
  ReadRequest request = scan();
  request.page_rows = 2;
  const Bytes good = must(store_->read(request)).resume();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const auto byte : Bytes{0x00, 0x7F, 0xFF}) {
      request.resume = good;
      request.resume[at] = byte;
      const auto page = store_->read(request);
      if (!page.ok()) EXPECT_EQ(page.error().code, ErrorCode::InvalidArgument);
    }
    request.resume.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at));
    const auto page = store_->read(request);
    if (!page.ok()) EXPECT_EQ(page.error().code, ErrorCode::InvalidArgument);
  }
  ReadRequest named = all_of({"p7"});
  named.resume = good;
  EXPECT_EQ(store_->read(named).error().code, ErrorCode::InvalidArgument);
}

TEST_F(PagingTest, ReadsWithoutColumnsCountRows) {
  ReadRequest request = all_of({"p7"});
  request.columns = {};
  EXPECT_EQ(must(store_->read(request)).rows(), 7U);
}

}  // namespace
}  // namespace tidemill::tables::embedded
