// SPDX-License-Identifier: Apache-2.0
// What CQL promises beyond plain rows: conditions, counters, static columns, user types, indexes.
#include "tables_contract.h"

namespace tidemill::tables {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kShared =
    "CREATE TABLE contract.shared (p int, c int, s int static, v int, PRIMARY KEY (p, c))";

TEST_P(TablesContract, AConditionalWriteAppliesOnceAndShowsWhatStoodAgainstIt) {
  const std::string insert =
      "INSERT INTO contract.users (id, seq, name) VALUES ('a', 1, 'x') IF NOT EXISTS";
  EXPECT_THAT(rows(insert), ElementsAre("true"));
  EXPECT_THAT(rows(insert), ElementsAre("false|a|1|null|x"));
  const std::string rename =
      "UPDATE contract.users SET name = 'y' WHERE id = 'a' AND seq = 1 IF name = 'x' AND age = "
      "null";
  EXPECT_THAT(rows(rename), ElementsAre("true"));
  EXPECT_THAT(rows(rename), ElementsAre("false|y|null"));
  EXPECT_THAT(rows("DELETE FROM contract.users WHERE id = 'a' AND seq = 2 IF EXISTS"),
              ElementsAre("false"));
  EXPECT_THAT(rows("DELETE FROM contract.users WHERE id = 'a' AND seq = 1 IF name > 'x'"),
              ElementsAre("true"));
  EXPECT_THAT(rows("SELECT * FROM contract.users"), IsEmpty());
}

TEST_P(TablesContract, AConditionalBatchIsAllOrNothing) {
  run(kShared);
  const std::string batch =
      "BEGIN BATCH INSERT INTO contract.shared (p, c, v) VALUES (1, 1, 1) IF NOT EXISTS; "
      "INSERT INTO contract.shared (p, c, v) VALUES (1, 2, 2) IF NOT EXISTS; "
      "UPDATE contract.shared SET s = 9 WHERE p = 1; APPLY BATCH";
  EXPECT_THAT(rows(batch), ElementsAre("true"));
  run("DELETE FROM contract.shared WHERE p = 1 AND c = 1");
  run("UPDATE contract.shared SET s = 5 WHERE p = 1");
  EXPECT_THAT(rows(batch), ElementsAre("false|1|2|null|2"));
  EXPECT_THAT(rows("SELECT c, s, v FROM contract.shared WHERE p = 1"), ElementsAre("2|5|2"));
}

TEST_P(TablesContract, StaticColumnsBelongToThePartition) {
  run(kShared);
  run("INSERT INTO contract.shared (p, s) VALUES (1, 7)");
  EXPECT_THAT(rows("SELECT p, c, s, v FROM contract.shared"), ElementsAre("1|null|7|null"));
  run("INSERT INTO contract.shared (p, c, v) VALUES (1, 1, 1)");
  EXPECT_THAT(rows("UPDATE contract.shared SET s = 8 WHERE p = 1 IF s = 7"), ElementsAre("true"));
  EXPECT_THAT(rows("UPDATE contract.shared SET v = 2 WHERE p = 1 AND c = 1 IF s = 7"),
              ElementsAre("false|8"));
  run("DELETE FROM contract.shared WHERE p = 1 AND c = 1");
  EXPECT_THAT(rows("SELECT DISTINCT p, s FROM contract.shared"), ElementsAre("1|8"));
}

TEST_P(TablesContract, CountersAddUpInAnyStatementAndSurviveARestart) {
  run("CREATE TABLE contract.counts (k int, c int, s counter static, n counter, PRIMARY KEY (k, "
      "c))");
  run("UPDATE contract.counts SET n = n + 5, s += 1 WHERE k = 1 AND c = 1");
  run("BEGIN COUNTER BATCH UPDATE contract.counts SET n -= 2 WHERE k = 1 AND c = 1; "
      "UPDATE contract.counts SET n += 3 WHERE k = 1 AND c IN (1, 2); APPLY BATCH");
  run("BEGIN UNLOGGED BATCH UPDATE contract.counts SET s += 1 WHERE k = 1; APPLY BATCH");
  const auto all = [&] { return rows("SELECT k, c, s, n FROM contract.counts"); };
  EXPECT_THAT(all(), ElementsAre("1|1|2|6", "1|2|2|3"));
  if (!restart()) GTEST_SKIP() << "cannot be restarted";
  EXPECT_THAT(all(), ElementsAre("1|1|2|6", "1|2|2|3"));
}

TEST_P(TablesContract, AFieldAddedToATypeIsNullInOldValues) {
  run("CREATE TYPE contract.phone (country int, number text)");
  run("CREATE TABLE contract.people (k int PRIMARY KEY, p contract.phone, f "
      "frozen<contract.phone>)");
  run("INSERT INTO contract.people (k, p, f) VALUES (1, {country: 1, number: 'a'}, {country: 2})");
  run("ALTER TYPE contract.phone ADD kind text");
  run("ALTER TYPE contract.phone RENAME country TO cc");
  const auto all = [&] { return rows("SELECT p, f FROM contract.people"); };
  const std::string expected = "{cc: 1, number: 'a', kind: null}|{cc: 2, number: null, kind: null}";
  EXPECT_THAT(all(), ElementsAre(expected));
  if (!restart()) GTEST_SKIP() << "cannot be restarted";
  EXPECT_THAT(all(), ElementsAre(expected));
}

TEST_P(TablesContract, AnIndexFindsRowsWhoeverWroteThem) {
  run("INSERT INTO contract.users (id, seq, name) VALUES ('before', 1, 'x')");
  run("CREATE INDEX by_name ON contract.users (name)");
  const auto writer = open_writer();
  ASSERT_TRUE(
      writer->upsert(batch({{"a", 1, "x"}, {"a", 2, "y"}, {"b", 1, "x"}, {"b", 2, {}}})).ok());
  run("INSERT INTO contract.users (id, seq, name) VALUES ('c', 1, 'x')");
  run("UPDATE contract.users SET name = 'z' WHERE id = 'b' AND seq = 1");
  const auto named = [&](const std::string& name) {
    return rows("SELECT id, seq FROM contract.users WHERE name = '" + name + "'");
  };
  const auto check = [&] {
    EXPECT_THAT(named("x"), testing::UnorderedElementsAre("a|1", "before|1", "c|1"));
    EXPECT_THAT(named("y"), ElementsAre("a|2"));
    EXPECT_THAT(named("z"), ElementsAre("b|1"));
  };
  check();
  if (!restart()) GTEST_SKIP() << "cannot be restarted";
  check();
  run("DROP INDEX contract.by_name");
}

}  // namespace
}  // namespace tidemill::tables
