// SPDX-License-Identifier: Apache-2.0
// Bulk writers and CQL see the same rows, whoever wrote them.
#include "tables_contract.h"

namespace tidemill::tables {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kAll = "SELECT id, seq, name, age FROM contract.users WHERE id = 'a'";

TEST_P(TablesContract, UpsertedRowsAreSelectedAndSurviveARestart) {
  const auto writer = open_writer();
  ASSERT_TRUE(writer->upsert(batch({{"a", 2, "two"}, {"a", 1, {}}, {"b", 1, "x"}})).ok());
  EXPECT_THAT(rows(kAll), ElementsAre("a|1|null|null", "a|2|two|null"));
  if (!restart()) GTEST_SKIP() << "cannot be restarted";
  EXPECT_THAT(rows(kAll), ElementsAre("a|1|null|null", "a|2|two|null"));
}

TEST_P(TablesContract, TimestampsDecideBetweenUpsertsAndStatements) {
  const auto writer = open_writer();
  run("INSERT INTO contract.users (id, seq, name, age) VALUES ('a', 1, 'old', 7) "
      "USING TIMESTAMP 500");
  run("INSERT INTO contract.users (id, seq, name) VALUES ('a', 2, 'new') USING TIMESTAMP 2000");
  ASSERT_TRUE(writer->upsert(batch({{"a", 1, "bulk"}, {"a", 2, "bulk"}, {"a", 3, "bulk"}})).ok());
  EXPECT_THAT(rows(kAll), ElementsAre("a|1|bulk|7", "a|2|new|null", "a|3|bulk|null"));

  run("DELETE FROM contract.users USING TIMESTAMP 1000 WHERE id = 'a' AND seq = 3");
  run("UPDATE contract.users USING TIMESTAMP 999 SET name = 'late' WHERE id = 'a' AND seq = 1");
  EXPECT_THAT(rows(kAll), ElementsAre("a|1|bulk|7", "a|2|new|null"));
}

TEST_P(TablesContract, TheSameUpsertTwiceIsTheSameAsOnce) {
  const auto writer = open_writer();
  const auto once = batch({{"a", 1, "x"}, {"a", 2, "y"}, {"a", 2, "z", 900}});
  ASSERT_TRUE(writer->upsert(once).ok());
  ASSERT_TRUE(writer->upsert(once).ok());
  EXPECT_THAT(rows(kAll), ElementsAre("a|1|x|null", "a|2|y|null"));
  EXPECT_THAT(rows("SELECT count(*) FROM contract.users"), ElementsAre("2"));
}

TEST_P(TablesContract, AnUpsertWithANullKeyOrABadValueWritesNothing) {
  const auto writer = open_writer();
  auto null_key = batch({{"a", 1, "x"}, {"a", 2, "y"}});
  null_key.columns[0].nulls[1] = 1;
  EXPECT_EQ(writer->upsert(null_key).error().code, ErrorCode::InvalidArgument);
  auto bad_text = batch({{"a", 1, "x"}, {"a", 2, "\xFF"}});
  EXPECT_EQ(writer->upsert(bad_text).error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(rows(kAll), IsEmpty());
}

TEST_P(TablesContract, AnUpsertTakesTheTablesTimeToLiveUnlessItHasItsOwn) {
  run("ALTER TABLE contract.users WITH default_time_to_live = 600");
  const auto writer = open_writer();
  ASSERT_TRUE(writer->upsert(batch({{"a", 1, "x"}})).ok());
  auto kept = batch({{"a", 2, "y"}});
  kept.ttl_seconds = 0;
  ASSERT_TRUE(writer->upsert(kept).ok());
  const auto times = rows("SELECT ttl(name), writetime(name) FROM contract.users WHERE id = 'a'");
  ASSERT_EQ(times.size(), 2U);
  EXPECT_GT(std::stoi(times[0]), 590);
  EXPECT_EQ(times[1], "null|1000");
}

TEST_P(TablesContract, AWriterOfADroppedTableIsToldSo) {
  const auto writer = open_writer();
  run("DROP TABLE contract.users");
  EXPECT_EQ(writer->upsert(batch({{"a", 1, "x"}})).error().code, ErrorCode::NotFound);
  EXPECT_EQ(tables().open_writer("contract", "users", {"id"}).error().code, ErrorCode::NotFound);
}

TEST_P(TablesContract, TablesAreListedAndDescribed) {
  const auto described = tables().describe_table("contract", "users");
  ASSERT_TRUE(described.ok()) << described.error().message;
  std::vector<std::string> columns;
  for (const auto& each : described->columns) columns.push_back(each.name + " " + each.type);
  EXPECT_THAT(columns, ElementsAre("id text", "seq int", "age int", "name text"));
  EXPECT_THAT(described->create_statement, HasSubstr("CREATE TABLE contract.users ("));
  EXPECT_EQ(tables().describe_table("contract", "none").error().code, ErrorCode::NotFound);

  const auto listed = tables().list_tables();
  ASSERT_TRUE(listed.ok());
  EXPECT_TRUE(std::ranges::any_of(*listed, [](const TableInfo& table) {
    return table.keyspace == "contract" && table.table == "users";
  }));
}

TEST_P(TablesContract, PagesContinueWhereTheLastEnded) {
  const auto writer = open_writer();
  std::vector<User> users;
  for (int i = 0; i < 25; ++i) users.push_back({"a", i, "x"});
  ASSERT_TRUE(writer->upsert(batch(users)).ok());
  CqlRequest request;
  request.cql = "SELECT seq FROM contract.users WHERE id = 'a'";
  request.page_size = 10;
  std::vector<std::size_t> sizes;
  do {
    const auto page = tables().execute(request);
    ASSERT_TRUE(page.ok()) << page.error().message;
    sizes.push_back(page->rows.size());
    request.paging_state = page->paging_state;
  } while (!request.paging_state.empty());
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
}

INSTANTIATE_TEST_SUITE_P(All, TablesContract, testing::ValuesIn(configured_tables()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tidemill::tables
