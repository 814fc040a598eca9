// SPDX-License-Identifier: Apache-2.0
#include "web/newest_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tidemill::web {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Rows by key with the time they were written at; pages of what it is asked for.
class PagedTable final : public tables::Tables {
 public:
  std::map<std::string, std::int64_t> rows;
  std::vector<std::string> statements;
  std::size_t pages = 0;

  Result<tables::CqlResult> execute(const tables::CqlRequest& request) override {
    ++pages;
    statements.push_back(request.cql);
    tables::CqlResult result;
    const std::string after(as_text(request.paging_state));
    auto at = after.empty() ? rows.begin() : rows.upper_bound(after);
    for (; at != rows.end(); ++at) {
      if (result.text.size() == static_cast<std::size_t>(request.page_size)) break;
      result.text.push_back({at->first, "v" + at->first, std::to_string(at->second)});
    }
    if (at != rows.end()) {
      const auto last = as_bytes(*result.text.back()[0]);
      result.paging_state.assign(last.begin(), last.end());
    }
    return result;
  }
  Result<std::vector<tables::TableInfo>> list_tables() override {
    return std::vector<tables::TableInfo>();
  }
  Result<tables::TableInfo> describe_table(const std::string&, const std::string&) override {
    tables::TableInfo info;
    info.columns = {{"id", "text", tables::ColumnKind::PartitionKey},
                    {"v", "text", tables::ColumnKind::Regular}};
    return info;
  }
  Result<std::unique_ptr<tables::Writer>> open_writer(const std::string&, const std::string&,
                                                      const std::vector<std::string>&) override {
    return error(ErrorCode::Unsupported, "nobody writes here");
  }
};

class NewestRowsTest : public testing::Test {
 protected:
  NewestRowsTest() {
    limits_.page_rows = 10;
    limits_.look_rows = 30;
    limits_.look_time = std::chrono::hours(1);
    limits_.look_again = std::chrono::milliseconds(0);
    limits_.kept = 3;
  }
  std::vector<std::string> look() {
    const auto found = newest_->look(table_, "k", "t");
    std::vector<std::string> ids;
    if (!found.ok()) return {found.error().message};
    for (const auto& row : found->rows) ids.push_back(*row[0]);
    return ids;
  }
  void put(int id, std::int64_t written) { table_.rows[fmt::format("{:03}", id)] = written; }
  void open() { newest_ = std::make_unique<NewestRows>(clock_, limits_); }

  NewestRowsLimits limits_;
  SystemClock clock_;
  PagedTable table_;
  std::unique_ptr<NewestRows> newest_;
};

TEST_F(NewestRowsTest, TellsTheNewestOfATableThatIsSeenWhole) {
  open();
  for (int i = 0; i < 25; ++i) put(i, 100 - i);
  put(17, 500);
  EXPECT_THAT(look(), ElementsAre("017", "000", "001"));
  EXPECT_EQ(table_.pages, 3U);
  EXPECT_EQ(table_.statements[0], "SELECT id, v, writetime(v) FROM k.t");
  put(3, 600);
  table_.rows.erase("017");
  EXPECT_THAT(look(), ElementsAre("003", "000", "001"));
}

TEST_F(NewestRowsTest, FindsTheNewestOfALargerTableWithinSomeLooks) {
  open();
  for (int i = 0; i < 100; ++i) put(i, i);
  EXPECT_THAT(look(), ElementsAre("029", "028", "027")) << "of the first stretch";
  (void)look();
  (void)look();
  EXPECT_THAT(look(), ElementsAre("099", "098", "097"));
  put(50, 1000);
  (void)look();
  EXPECT_THAT(look(), ElementsAre("050", "099", "098")) << "with those of the round before";
  put(99, 2000);
  for (int i = 0; i < 2; ++i) (void)look();
  EXPECT_THAT(look(), ElementsAre("099", "050", "098")) << "each row once";
}

TEST_F(NewestRowsTest, LooksNoFurtherThanItsTime) {
  limits_.look_time = std::chrono::milliseconds(0);
  open();
  for (int i = 0; i < 100; ++i) put(i, i);
  EXPECT_THAT(look(), ElementsAre("009", "008", "007"));
  EXPECT_EQ(table_.pages, 1U);
}

TEST_F(NewestRowsTest, AnswersAgainWithoutALookForAWhile) {
  limits_.look_again = std::chrono::hours(1);
  open();
  put(1, 1);
  EXPECT_THAT(look(), SizeIs(1));
  put(2, 2);
  EXPECT_THAT(look(), SizeIs(1));
  EXPECT_EQ(table_.pages, 1U);
}

}  // namespace
}  // namespace tidemill::web
