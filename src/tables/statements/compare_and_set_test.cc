// SPDX-License-Identifier: Apache-2.0
// IF in all its forms: expectations as Apache Cassandra 5.0.9 answered the same statements.
#include "tables/statements/compare_and_set.h"

#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;

class CompareAndSetTest : public StatementTest {
 protected:
  void SetUp() override {
    StatementTest::SetUp();
    run("CREATE TYPE pt (x int, y text)");
    run("CREATE TABLE t (k int PRIMARY KEY, v text, n int, l list<int>, s set<int>, m map<text, "
        "int>, f frozen<list<int>>, u pt)");
    run("CREATE TABLE c (p int, c int, s int static, v int, x int, PRIMARY KEY (p, c))");
    run("INSERT INTO t (k, v, n, l, s, m, f, u) VALUES (1, 'a', 1, [1, 2, 3], {1, 2}, {'a': 1, "
        "'b': 2}, [1, 2], {x: 1, y: 'p'})");
    run("INSERT INTO t (k, v) VALUES (2, 'b')");
  }
  // The names of the answer's columns after [applied].
  std::string columns(const std::string& cql) {
    const StatementResult result = run(cql);
    std::string out;
    for (const ColumnSpec& column : std::get<wire::cql::Rows>(result.kind).metadata->columns) {
      if (column.name != "[applied]") out += (out.empty() ? "" : " ") + column.name;
    }
    return out;
  }
  bool holds(const std::string& condition, int key = 1) {
    const auto answer =
        rows("UPDATE t SET v = 'a' WHERE k = " + std::to_string(key) + " IF " + condition);
    return !answer.empty() && answer[0] == "true";
  }
};

TEST_F(CompareAndSetTest, ComparesValuesAndNulls) {
  EXPECT_TRUE(holds("n > 0 AND v IN ('a', null)"));
  EXPECT_TRUE(holds("n != null"));
  EXPECT_FALSE(holds("n != null", 2));
  EXPECT_TRUE(holds("n != 5", 2));
  EXPECT_TRUE(holds("n IN (null, 1)", 2));
  EXPECT_FALSE(holds("n < 5", 2));
  EXPECT_FALSE(holds("n IN ()"));
  for (const int key : {1, 2}) {
    EXPECT_EQ(failure("UPDATE t SET n = 2 WHERE k = " + std::to_string(key) + " IF n < null"),
              "Invalid comparison with null for operator \"<\"");
  }
}

TEST_F(CompareAndSetTest, ComparesCollectionsTheirElementsAndFields) {
  EXPECT_TRUE(holds("l = [1, 2, 3] AND s = {2, 1} AND m = {'a': 1, 'b': 2}"));
  EXPECT_TRUE(holds("l > [1, 2] AND l < [1, 2, 3, 4] AND s > {1}"));
  EXPECT_FALSE(holds("l <= [1, 2, 2]"));
  EXPECT_TRUE(holds("m = {} AND l = null", 2));
  EXPECT_TRUE(holds("l[0] = 1 AND l[0] IN (1, 9) AND l[5] = null AND m['z'] = null"));
  EXPECT_TRUE(holds("l CONTAINS 2 AND s CONTAINS 2 AND m CONTAINS 2 AND m CONTAINS KEY 'a'"));
  EXPECT_FALSE(holds("l CONTAINS 9"));
  EXPECT_TRUE(holds("f = [1, 2] AND f[0] = 1 AND f CONTAINS 2"));
  EXPECT_TRUE(holds("u = {x: 1, y: 'p'} AND u.x = 1"));
  EXPECT_FALSE(holds("u.x = 1 AND u.y = 'q'"));
  EXPECT_EQ(failure("UPDATE t SET n = 1 WHERE k = 1 IF s[1] = 1"),
            "Invalid element access syntax for set column s");
  EXPECT_EQ(failure("UPDATE t SET n = 1 WHERE k = 1 IF s CONTAINS KEY 1"),
            "Cannot use CONTAINS KEY on non-map column s");
  EXPECT_EQ(failure("UPDATE t SET n = 1 WHERE k = 1 IF m[null] = 1"),
            "Invalid null value for map element access");
}

TEST_F(CompareAndSetTest, ShowsConditionsOnRowsBeforeStaticOnes) {
  run("INSERT INTO c (p, c, s, v) VALUES (1, 1, 5, 1)");
  const std::string both = "UPDATE c SET v = 2 WHERE p = 1 AND c = 1 IF s = 6 AND v = 3 AND x = 1";
  EXPECT_EQ(columns(both), "v x s");
  EXPECT_THAT(rows(both), ElementsAre("false | 1 | null | 5"));
}

TEST_F(CompareAndSetTest, ReadsStaticColumnsOnlyWhenTheyMatter) {
  run("INSERT INTO c (p, s) VALUES (1, 5)");
  EXPECT_THAT(rows("UPDATE c SET v = 2 WHERE p = 1 AND c = 7 IF v = 3"), ElementsAre("false"));
  EXPECT_THAT(rows("UPDATE c SET v = 2 WHERE p = 1 AND c = 7 IF v = 3 AND s = 5"),
              ElementsAre("false | null | 5"));
  EXPECT_THAT(rows("UPDATE c SET v = 2 WHERE p = 1 AND c = 7 IF EXISTS"), ElementsAre("false"));
  EXPECT_THAT(rows("UPDATE c SET s = 1, v = 2 WHERE p = 1 AND c = 7 IF EXISTS"),
              ElementsAre("false | 1 | null | 5 | null | null"));
}

TEST_F(CompareAndSetTest, TheStaticRowExistsWhenItHasAValue) {
  run("INSERT INTO c (p, c, v) VALUES (2, 1, 1)");
  EXPECT_THAT(rows("UPDATE c SET s = 8 WHERE p = 2 IF EXISTS"),
              ElementsAre("false | 2 | 1 | null | null | null"));
  EXPECT_THAT(rows("INSERT INTO c (p, s) VALUES (2, 9) IF NOT EXISTS"), ElementsAre("true"));
  EXPECT_THAT(rows("INSERT INTO c (p, s) VALUES (2, 10) IF NOT EXISTS"),
              ElementsAre("false | 2 | 1 | 9 | null | null"));
  EXPECT_THAT(rows("DELETE s FROM c WHERE p = 2 IF EXISTS"), ElementsAre("true"));
  EXPECT_THAT(rows("SELECT s, v FROM c WHERE p = 2"), ElementsAre("null | 1"));
}

TEST_F(CompareAndSetTest, RefusesKeysThatNameNoSingleRow) {
  EXPECT_EQ(failure("UPDATE c SET s = 1 WHERE p = 1 AND c = 1"),
            "Invalid restrictions on clustering columns since the UPDATE statement modifies only "
            "static columns");
  EXPECT_EQ(failure("DELETE s FROM c WHERE p = 1 AND c = 1 IF EXISTS"),
            "Invalid restrictions on clustering columns since the DELETE statement modifies only "
            "static columns");
  EXPECT_EQ(failure("DELETE s FROM c WHERE p = 1 IF v = 1"),
            "DELETE statements must restrict all PRIMARY KEY columns with equality relations in "
            "order to use IF condition on non static columns");
  EXPECT_EQ(failure("DELETE FROM c WHERE p = 1 AND c IN (1, 2) IF EXISTS"),
            "IN on the clustering key columns is not supported with conditional deletions");
  EXPECT_EQ(failure("DELETE v FROM c WHERE p = 1"),
            "Range deletions are not supported for specific columns");
  EXPECT_THAT(failure("UPDATE c SET v = 1 WHERE p = 1 AND c = 1 IF NOT EXISTS"),
              testing::HasSubstr("no viable alternative at input 'NOT'"));
}

TEST_F(CompareAndSetTest, ARefusedBatchShowsItsRowsInTheirOrder) {
  run("INSERT INTO c (p, c, s, v, x) VALUES (1, 1, 5, 1, 1)");
  run("INSERT INTO c (p, c, v, x) VALUES (1, 2, 2, 2)");
  const std::string batch =
      "BEGIN BATCH UPDATE c SET v = 9 WHERE p = 1 AND c = 2 IF v = 7; UPDATE c SET x = 9 WHERE p = "
      "1 AND c = 1 IF x = 1; APPLY BATCH";
  EXPECT_EQ(columns(batch), "p c v x");
  EXPECT_THAT(rows(batch), ElementsAre("false | 1 | 1 | 1 | 1", "false | 1 | 2 | 2 | 2"));
  // A row that is not there gives way to those that are, or to the static one.
  EXPECT_THAT(rows("BEGIN BATCH UPDATE c SET v = 9 WHERE p = 1 AND c = 5 IF v = 7; UPDATE c SET s "
                   "= 9 WHERE p = 1 IF s = 5; APPLY BATCH"),
              ElementsAre("false | 1 | null | null | 5"));
  EXPECT_THAT(rows("BEGIN BATCH UPDATE c SET s = 9 WHERE p = 1 IF s = 6; APPLY BATCH"),
              ElementsAre("false | 1 | 1 | 5"));
  EXPECT_THAT(rows("BEGIN BATCH UPDATE c SET v = 9 WHERE p = 1 AND c = 5 IF v = 7; APPLY BATCH"),
              ElementsAre("false"));
  // IF NOT EXISTS shows all columns; an unconditional member decides nothing about them.
  EXPECT_THAT(rows("BEGIN BATCH INSERT INTO c (p, c, v) VALUES (1, 2, 9) IF NOT EXISTS; UPDATE c "
                   "SET s = 9 WHERE p = 1; APPLY BATCH"),
              ElementsAre("false | 1 | 2 | null | 2 | 2"));
}

TEST_F(CompareAndSetTest, ABatchSeesThePartitionAsItWas) {
  run("INSERT INTO c (p, c, v) VALUES (1, 2, 2)");
  EXPECT_THAT(rows("BEGIN BATCH UPDATE c SET v = 3 WHERE p = 1 AND c = 2 IF v = 2; UPDATE c SET x "
                   "= 3 WHERE p = 1 AND c = 2 IF v = 3; APPLY BATCH"),
              ElementsAre("false | 1 | 2 | 2"));
  EXPECT_THAT(rows("BEGIN UNLOGGED BATCH UPDATE c SET v = 3 WHERE p = 1 AND c = 2 IF v = 2; DELETE "
                   "x FROM c WHERE p = 1 AND c = 2; APPLY BATCH"),
              ElementsAre("true"));
}

TEST_F(CompareAndSetTest, RefusesConditionsThatExcludeEachOther) {
  const std::string insert = "INSERT INTO c (p, c, v) VALUES (1, 8, 9) IF NOT EXISTS; ";
  const std::string exists = "UPDATE c SET v = 3 WHERE p = 1 AND c = 8 IF EXISTS; ";
  const std::string value = "UPDATE c SET v = 3 WHERE p = 1 AND c = 8 IF v = 3; ";
  const auto of = [&](const std::string& members) {
    return failure("BEGIN BATCH " + members + "APPLY BATCH");
  };
  EXPECT_EQ(of(insert + exists),
            "Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row");
  EXPECT_EQ(of(insert + value), "Cannot mix IF conditions and IF NOT EXISTS for the same row");
  EXPECT_EQ(of(value + insert), "Cannot mix IF conditions and IF NOT EXISTS for the same row");
  EXPECT_EQ(of(value + exists), "Cannot mix IF conditions and IF EXISTS for the same row");
  EXPECT_EQ(of(value + "UPDATE c SET x = 3 WHERE p = 1 AND c IN (1, 2); "),
            "IN on the clustering key columns is not supported with conditional updates");
}

TEST_F(CompareAndSetTest, DurationsHaveNoOrderInConditions) {
  run("CREATE TABLE d (k int PRIMARY KEY, v duration)");
  EXPECT_EQ(failure("UPDATE d SET v = 1h WHERE k = 1 IF v >= 1mo"),
            "Slice conditions ( >= ) are not supported on durations");
}

TEST_F(CompareAndSetTest, CountersHaveNoConditionsAndNoTimestamps) {
  run("CREATE TABLE n (k int, c int, s counter static, a counter, PRIMARY KEY (k, c))");
  EXPECT_EQ(failure("UPDATE n SET a = a + 1 WHERE k = 1 AND c = 1 IF EXISTS"),
            "Conditional updates are not supported on counter tables");
  EXPECT_EQ(failure("UPDATE n SET a = a + 1 WHERE k = 1 AND c = 1 IF a = 1"),
            "Conditions on counters are not supported");
  const std::string add = "UPDATE n SET a = a + 1 WHERE k = 1 AND c = 1; ";
  EXPECT_EQ(failure("BEGIN COUNTER BATCH USING TIMESTAMP 5 " + add + "APPLY BATCH"),
            "Cannot provide custom timestamp for counter BATCH");
  EXPECT_EQ(failure("BEGIN BATCH USING TIMESTAMP 5 " + add + "APPLY BATCH"),
            "Cannot provide custom timestamp for a BATCH containing counters");
  EXPECT_EQ(failure("BEGIN UNLOGGED BATCH " + add +
                    "UPDATE c SET v = 1 WHERE p = 1 AND c = 1; APPLY BATCH"),
            "Counter and non-counter mutations cannot exist in the same batch");
  run("BEGIN UNLOGGED BATCH " + add + "APPLY BATCH");
  run("BEGIN COUNTER BATCH UPDATE n SET a = a + 1 WHERE k = 1 AND c IN (1, 2); UPDATE n SET s = s "
      "- 5 WHERE k = 1; APPLY BATCH");
  EXPECT_THAT(rows("SELECT * FROM n"), ElementsAre("1 | 1 | -5 | 2", "1 | 2 | -5 | 1"));
  EXPECT_EQ(failure("ALTER TABLE n ADD v int"),
            "ks.n: Cannot have a non counter column (\"v\") in a counter table");
  EXPECT_EQ(failure("ALTER TABLE n ADD c int"), "Column with name 'c' already exists");
}

}  // namespace
}  // namespace tidemill::tables::statements
