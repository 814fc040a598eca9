// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE, DELETE, BATCH and conditions.
#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ModificationTest : public StatementTest {
 protected:
  void SetUp() override {
    StatementTest::SetUp();
    run("CREATE TABLE t (k int PRIMARY KEY, v text, n int, l list<text>, s set<int>, m map<text, "
        "int>)");
    run("CREATE TABLE c (p int, c int, s int static, v int, PRIMARY KEY (p, c))");
  }
};

TEST_F(ModificationTest, InsertLeavesARowThatOutlivesItsCellsAndUpdateDoesNot) {
  run("INSERT INTO c (p, c, v) VALUES (1, 1, 1)");
  run("UPDATE c SET v = 2 WHERE p = 1 AND c = 2");
  run("UPDATE c SET v = null WHERE p = 1 AND c IN (1, 2)");
  EXPECT_THAT(rows("SELECT c, v FROM c WHERE p = 1"), ElementsAre("1 | null"));
}

TEST_F(ModificationTest, KeepsUnsetColumnsAndRemovesNullOnes) {
  run("INSERT INTO t (k, v, n) VALUES (1, 'a', 1)");
  wire::cql::QueryOptions options;
  options.values = {BoundValue::unset(), BoundValue::null()};
  run("INSERT INTO t (k, v, n) VALUES (1, ?, ?)", options);
  EXPECT_THAT(rows("SELECT v, n FROM t"), ElementsAre("'a' | null"));
}

TEST_F(ModificationTest, TheLaterTimestampWinsWhateverTheOrder) {
  run("INSERT INTO t (k, v) VALUES (1, 'new') USING TIMESTAMP 200");
  run("INSERT INTO t (k, v) VALUES (1, 'old') USING TIMESTAMP 100");
  EXPECT_THAT(rows("SELECT v, writetime(v) FROM t"), ElementsAre("'new' | 200"));
}

TEST_F(ModificationTest, ValuesExpire) {
  run("INSERT INTO t (k, v, n) VALUES (1, 'stay', 1)");
  run("UPDATE t USING TTL 10 SET n = 2 WHERE k = 1");
  EXPECT_THAT(rows("SELECT v, n, ttl(n) FROM t"), ElementsAre("'stay' | 2 | 10"));
  clock_.advance(std::chrono::seconds(11));
  EXPECT_THAT(rows("SELECT v, n FROM t"), ElementsAre("'stay' | null"));
}

TEST_F(ModificationTest, RefusesTimesToLiveOutOfBounds) {
  EXPECT_EQ(failure("INSERT INTO t (k) VALUES (1) USING TTL -1"),
            "A TTL must be greater or equal to 0, but was -1");
  EXPECT_EQ(failure("INSERT INTO t (k) VALUES (1) USING TTL 630720001"),
            "ttl is too large. requested (630720001) maximum (630720000)");
}

TEST_F(ModificationTest, ChangesElementsOfCollections) {
  run("INSERT INTO t (k, l, s, m) VALUES (1, ['b', 'a', 'b'], {3, 1, 1}, {'x': 1, 'y': 2})");
  run("UPDATE t SET l = l + ['end'], s += {2}, m['z'] = 3 WHERE k = 1");
  run("UPDATE t SET l = ['one', 'two'] + l, s -= {3}, m = m - {'x'} WHERE k = 1");
  EXPECT_THAT(rows("SELECT l, s, m FROM t"),
              ElementsAre("['one', 'two', 'b', 'a', 'b', 'end'] | {1, 2} | {'y': 2, 'z': 3}"));
  run("UPDATE t SET l = l - ['b'] WHERE k = 1");
  run("UPDATE t SET l[1] = 'second' WHERE k = 1");
  run("DELETE l[0], m['y'] FROM t WHERE k = 1");
  EXPECT_THAT(rows("SELECT l, m FROM t"), ElementsAre("['second', 'a', 'end'] | {'z': 3}"));
  EXPECT_EQ(failure("UPDATE t SET l[9] = 'x' WHERE k = 1"),
            "List index 9 out of bound, list has size 3");
}

TEST_F(ModificationTest, ChecksLiteralsAgainstTheirType) {
  EXPECT_EQ(failure("INSERT INTO t (k) VALUES ('a')"),
            "Invalid STRING constant (a) for \"k\" of type int");
  EXPECT_EQ(failure("INSERT INTO t (k, s) VALUES (3, {'a'})"),
            "Invalid set literal for s: value 'a' is not of type int");
  EXPECT_EQ(failure("INSERT INTO t (k, s) VALUES (3, [1])"),
            "Unexpected receiver type 'set<int>'; only list and vector are expected");
  EXPECT_EQ(failure("INSERT INTO t (k, l) VALUES (3, ['a', null])"),
            "null is not supported inside collections");
  EXPECT_EQ(failure("INSERT INTO t (k, n) VALUES (1, 2147483648)"),
            "Unable to make int from '2147483648'");
}

TEST_F(ModificationTest, AsksForTheWholeKey) {
  EXPECT_EQ(failure("INSERT INTO c (p, v) VALUES (1, 1)"), "Some clustering keys are missing: c");
  EXPECT_EQ(failure("UPDATE c SET v = 1 WHERE p = 1"), "Some clustering keys are missing: c");
  EXPECT_EQ(failure("DELETE FROM c WHERE c = 1"), "Some partition key parts are missing: p");
  EXPECT_EQ(failure("UPDATE t SET v = 'x' WHERE k = 1 AND n = 1"),
            "Non PRIMARY KEY columns found in where clause: n");
  EXPECT_EQ(failure("INSERT INTO t (k) VALUES (null)"),
            "Invalid null value in condition for column k");
}

TEST_F(ModificationTest, DeletesCellsRowsRangesAndPartitions) {
  for (int c = 1; c <= 6; ++c)
    run("INSERT INTO c (p, c, v) VALUES (1, " + std::to_string(c) + ", 0)");
  run("DELETE v FROM c WHERE p = 1 AND c = 1");
  run("DELETE FROM c WHERE p = 1 AND c = 2");
  run("DELETE FROM c WHERE p = 1 AND c > 3 AND c <= 5");
  EXPECT_THAT(rows("SELECT c, v FROM c WHERE p = 1"), ElementsAre("1 | null", "3 | 0", "6 | 0"));
  EXPECT_EQ(failure("DELETE v FROM c WHERE p = 1 AND c > 1"),
            "Range deletions are not supported for specific columns");
  run("DELETE FROM c WHERE p = 1");
  EXPECT_THAT(rows("SELECT c FROM c WHERE p = 1"), IsEmpty());
}

TEST_F(ModificationTest, SharesStaticColumnsInThePartition) {
  run("INSERT INTO c (p, s) VALUES (2, 7)");
  EXPECT_THAT(rows("SELECT p, c, s, v FROM c WHERE p = 2"), ElementsAre("2 | null | 7 | null"));
  run("INSERT INTO c (p, c, v) VALUES (2, 1, 1)");
  run("UPDATE c SET s = 8 WHERE p = 2");
  EXPECT_THAT(rows("SELECT c, s, v FROM c WHERE p = 2"), ElementsAre("1 | 8 | 1"));
  EXPECT_THAT(rows("SELECT * FROM c WHERE p = 2 AND c = 9"), IsEmpty());
}

TEST_F(ModificationTest, ComparesAndSets) {
  EXPECT_THAT(rows("INSERT INTO t (k, v, n) VALUES (1, 'a', 1) IF NOT EXISTS"),
              ElementsAre("true"));
  EXPECT_THAT(rows("INSERT INTO t (k, v) VALUES (1, 'b') IF NOT EXISTS"),
              ElementsAre("false | 1 | null | null | 1 | null | 'a'"));
  EXPECT_THAT(rows("UPDATE t SET v = 'c' WHERE k = 1 IF v = 'zzz' AND n = 1"),
              ElementsAre("false | 'a' | 1"));
  EXPECT_THAT(rows("UPDATE t SET v = 'c' WHERE k = 1 IF v = 'a' AND n < 5"), ElementsAre("true"));
  EXPECT_THAT(rows("UPDATE t SET v = 'x' WHERE k = 99 IF EXISTS"), ElementsAre("false"));
  EXPECT_THAT(rows("DELETE FROM t WHERE k = 1 IF EXISTS"), ElementsAre("true"));
  EXPECT_EQ(failure("INSERT INTO t (k) VALUES (6) IF NOT EXISTS USING TIMESTAMP 5"),
            "Cannot provide custom timestamp for conditional updates");
}

TEST_F(ModificationTest, ShowsOnlyTheKindOfColumnsThatARefusedStatementWrites) {
  run("INSERT INTO c (p, c, s, v) VALUES (1, 1, 7, 1)");
  EXPECT_THAT(rows("INSERT INTO c (p, c, v) VALUES (1, 1, 2) IF NOT EXISTS"),
              ElementsAre("false | 1 | 1 | null | 1"));
  EXPECT_THAT(rows("INSERT INTO c (p, c, s, v) VALUES (1, 1, 8, 2) IF NOT EXISTS"),
              ElementsAre("false | 1 | 1 | 7 | 1"));
}

TEST_F(ModificationTest, AppliesABatchUnderOneTimestamp) {
  run("BEGIN BATCH INSERT INTO t (k, v) VALUES (2, 'x'); DELETE FROM t WHERE k = 2;"
      " INSERT INTO t (k, v) VALUES (3, 'bbb'); INSERT INTO t (k, v) VALUES (3, 'aaa'); APPLY "
      "BATCH");
  EXPECT_THAT(rows("SELECT k, v FROM t WHERE k IN (2, 3)"), ElementsAre("3 | 'bbb'"));
}

TEST_F(ModificationTest, RefusesTheWholeBatchWhenOneConditionFails) {
  run("INSERT INTO c (p, c, v) VALUES (1, 1, 1)");
  EXPECT_THAT(rows("BEGIN BATCH INSERT INTO c (p, c, v) VALUES (1, 2, 2) IF NOT EXISTS;"
                   " INSERT INTO c (p, c, v) VALUES (1, 1, 9) IF NOT EXISTS; APPLY BATCH"),
              ElementsAre("false | 1 | 1 | null | 1"));
  EXPECT_THAT(rows("SELECT c, v FROM c WHERE p = 1"), ElementsAre("1 | 1"));
}

TEST_F(ModificationTest, CountsWithCounters) {
  run("CREATE TABLE n (k int PRIMARY KEY, a counter)");
  run("UPDATE n SET a = a + 5 WHERE k = 1");
  run("UPDATE n SET a -= 2 WHERE k = 1");
  EXPECT_THAT(rows("SELECT a FROM n"), ElementsAre("3"));
  EXPECT_THAT(failure("INSERT INTO n (k, a) VALUES (1, 1)"),
              HasSubstr("INSERT statements are not allowed on counter tables"));
}

TEST_F(ModificationTest, InsertsJson) {
  run(R"(INSERT INTO t JSON '{"k": 1, "v": "json", "l": ["a"], "m": {"y": 2}}')");
  EXPECT_THAT(rows("SELECT v, l, m FROM t"), ElementsAre("'json' | ['a'] | {'y': 2}"));
  EXPECT_EQ(failure(R"(INSERT INTO t JSON '{"k": 1, "nope": 1}')"),
            "JSON values map contains unrecognized column: nope");
}

TEST_F(ModificationTest, KeepsTuplesAndUserTypes) {
  run("CREATE TYPE phone (country int, number text)");
  run("CREATE TABLE u (k int PRIMARY KEY, p phone, f frozen<phone>, t tuple<int, text>)");
  run("INSERT INTO u (k, p, f, t) VALUES (1, {country: 1, number: 'a'}, {country: 2}, (1, 'x'))");
  run("UPDATE u SET p.number = 'b' WHERE k = 1");
  EXPECT_THAT(rows("SELECT p, f.country, t FROM u"),
              ElementsAre("{country: 1, number: 'b'} | 2 | (1, 'x')"));
  EXPECT_EQ(failure("DROP TYPE phone"),
            "Cannot drop user type 'ks.phone' as it is still used by tables u");
}

}  // namespace
}  // namespace tidemill::tables::statements
