// SPDX-License-Identifier: Apache-2.0
// Secondary indexes: what they answer, and that what was overwritten is not found.
#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNeedsFiltering = "use ALLOW FILTERING";

class IndexTest : public StatementTest {
 protected:
  void SetUp() override {
    StatementTest::SetUp();
    run("CREATE TABLE t (p int, c int, s int static, v text, n int, l list<int>, st set<text>, m "
        "map<text, int>, f frozen<list<int>>, PRIMARY KEY (p, c))");
  }
  void fill() {
    run("INSERT INTO t (p, c, s, v, n, l, st, m, f) VALUES (1, 1, 5, 'a', 1, [1, 2], {'x'}, {'a': "
        "1}, [1])");
    run("INSERT INTO t (p, c, v, n, l, m) VALUES (1, 2, 'a', 2, [2], {'b': 1})");
    run("INSERT INTO t (p, c, v, n) VALUES (2, 1, 'b', 2)");
  }
  std::vector<std::string> found(const std::string& where) {
    return rows("SELECT p, c FROM t WHERE " + where);
  }
};

TEST_F(IndexTest, FindsRowsByEveryKindOfColumn) {
  for (const char* target :
       {"v", "c", "s", "l", "keys(m)", "values(m)", "entries(m)", "st", "full(f)"}) {
    run(std::string("CREATE INDEX ON t (") + target + ")");
  }
  fill();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(found("v = 'a'"), ElementsAre("1 | 1", "1 | 2"));
    EXPECT_THAT(found("c = 1"), ElementsAre("1 | 1", "2 | 1"));
    EXPECT_THAT(found("s = 5"), ElementsAre("1 | 1", "1 | 2"));
    EXPECT_THAT(found("l CONTAINS 2"), ElementsAre("1 | 1", "1 | 2"));
    EXPECT_THAT(found("m CONTAINS KEY 'b'"), ElementsAre("1 | 2"));
    EXPECT_THAT(found("m CONTAINS 1"), ElementsAre("1 | 1", "1 | 2"));
    EXPECT_THAT(found("m['a'] = 1"), ElementsAre("1 | 1"));
    EXPECT_THAT(found("st CONTAINS 'x'"), ElementsAre("1 | 1"));
    EXPECT_THAT(found("f = [1]"), ElementsAre("1 | 1"));
    EXPECT_THAT(found("v = 'zz'"), IsEmpty());
    EXPECT_THAT(found("p = 1 AND v = 'a' AND c > 1"), ElementsAre("1 | 2"));
    EXPECT_THAT(rows("SELECT count(*) FROM t WHERE v = 'a'"), ElementsAre("2"));
    EXPECT_THAT(rows("SELECT p, c FROM t WHERE v = 'a' PER PARTITION LIMIT 1"),
                ElementsAre("1 | 1"));
    reopen();
  }
}

TEST_F(IndexTest, ForgetsWhatWasOverwrittenDeletedOrExpired) {
  run("CREATE INDEX ON t (v)");
  run("CREATE INDEX ON t (s)");
  run("CREATE INDEX ON t (l)");
  fill();
  run("UPDATE t SET v = 'moved' WHERE p = 1 AND c = 1");
  run("DELETE v FROM t WHERE p = 1 AND c = 2");
  run("UPDATE t SET s = 6, l = [3] WHERE p = 1 AND c = 1");
  EXPECT_THAT(found("v = 'a'"), IsEmpty());
  EXPECT_THAT(found("v = 'moved'"), ElementsAre("1 | 1"));
  EXPECT_THAT(found("s = 5"), IsEmpty());
  EXPECT_THAT(found("l CONTAINS 1"), IsEmpty());
  EXPECT_THAT(found("l CONTAINS 3"), ElementsAre("1 | 1"));
  run("DELETE FROM t WHERE p = 1 AND c = 1");
  EXPECT_THAT(found("v = 'moved'"), IsEmpty());
  run("DELETE FROM t WHERE p = 2");
  EXPECT_THAT(found("v = 'b'"), IsEmpty());
  run("INSERT INTO t (p, c, v) VALUES (3, 1, 'brief') USING TTL 10");
  EXPECT_THAT(found("v = 'brief'"), ElementsAre("3 | 1"));
  clock_.advance(std::chrono::seconds(11));
  EXPECT_THAT(found("v = 'brief'"), IsEmpty());
}

TEST_F(IndexTest, AValueThatComesBackIsFoundAgain) {
  run("CREATE INDEX ON t (v)");
  for (int i = 0; i < 3; ++i) {
    run("UPDATE t SET v = 'here' WHERE p = 1 AND c = 1");
    EXPECT_THAT(found("v = 'here'"), ElementsAre("1 | 1"));
    run("UPDATE t SET v = 'there' WHERE p = 1 AND c = 1");
    EXPECT_THAT(found("v = 'here'"), IsEmpty());
    EXPECT_THAT(found("v = 'here'"), IsEmpty());
    ASSERT_TRUE(store_->compact(*store_->schema()->find_table("ks", "t")).ok());
  }
  // A late write with an old timestamp changes nothing.
  run("UPDATE t USING TIMESTAMP 1 SET v = 'here' WHERE p = 1 AND c = 1");
  EXPECT_THAT(found("v = 'here'"), IsEmpty());
  EXPECT_THAT(found("v = 'there'"), ElementsAre("1 | 1"));
}

TEST_F(IndexTest, HoldsTheRowsThatWereThereBefore) {
  fill();
  run("CREATE INDEX by_v ON t (v)");
  EXPECT_THAT(found("v = 'a'"), ElementsAre("1 | 1", "1 | 2"));
  run("TRUNCATE t");
  EXPECT_THAT(found("v = 'a'"), IsEmpty());
  fill();
  EXPECT_THAT(found("v = 'a'"), ElementsAre("1 | 1", "1 | 2"));
  run("DROP INDEX by_v");
  EXPECT_THAT(failure("SELECT p FROM t WHERE v = 'a'"), HasSubstr(kNeedsFiltering));
}

TEST_F(IndexTest, PagesThroughEntriesAndWithinAPartition) {
  run("CREATE INDEX ON t (v)");
  run("CREATE INDEX ON t (s)");
  for (int p = 0; p < 4; ++p) {
    for (int c = 0; c < 5; ++c) {
      run("INSERT INTO t (p, c, s, v) VALUES (" + std::to_string(p) + ", " + std::to_string(c) +
          ", 1, 'x')");
    }
  }
  for (const std::string where : {"v = 'x'", "s = 1"}) {
    const auto all = found(where);
    ASSERT_EQ(all.size(), 20U) << where;
    for (const int size : {1, 3, 7, 20}) {
      std::vector<std::string> paged;
      wire::cql::QueryOptions options;
      Bytes state;
      do {
        options.page_size = size;
        options.paging_state.reset();
        if (!state.empty()) options.paging_state = state;
        const auto result = run("SELECT p, c FROM t WHERE " + where, options);
        for (const auto& row : shown(result)) paged.push_back(row);
        state = std::get<wire::cql::Rows>(result.kind).paging_state.value_or(Bytes());
      } while (!state.empty());
      EXPECT_EQ(paged, all) << where << " by " << size;
    }
  }
}

TEST_F(IndexTest, SparesAllowFilteringForOneRelationOnly) {
  run("CREATE INDEX ON t (v)");
  run("CREATE INDEX ON t (n)");
  fill();
  for (const char* where :
       {"v = 'a' AND n = 2", "v > 'a'", "v IN ('a', 'b')", "v = 'a' AND c = 1"}) {
    EXPECT_THAT(failure(std::string("SELECT p FROM t WHERE ") + where), HasSubstr(kNeedsFiltering))
        << where;
  }
  EXPECT_THAT(found("v = 'a' AND n = 2 ALLOW FILTERING"), ElementsAre("1 | 2"));
  EXPECT_THAT(found("v = 'a' AND c = 1 ALLOW FILTERING"), ElementsAre("1 | 1"));
  EXPECT_EQ(failure("SELECT p FROM t WHERE v = 'a' AND p IN (1, 2)"),
            "Select on indexed columns and with IN clause for the PRIMARY KEY are not supported");
  EXPECT_EQ(failure("SELECT p FROM t WHERE p = 1 AND v = 'a' ORDER BY c DESC"),
            "ORDER BY with 2ndary indexes is not supported, except for ANN queries.");
  EXPECT_EQ(failure("SELECT p FROM t WHERE v = null"), "Unsupported null value for column v");
}

TEST_F(IndexTest, StorageAttachedIndexesAnswerRangesAndWorkTogether) {
  run("CREATE TABLE sa (k int PRIMARY KEY, v int, y text)");
  run("CREATE INDEX sa_v ON sa (v) USING 'sai'");
  run("CREATE CUSTOM INDEX ON sa (y) USING 'StorageAttachedIndex'");
  for (const auto* values : {"(1, 10, 'p')", "(2, 15, 'q')", "(3, 30, 'q')", "(4, -5, 'q')"})
    run(std::string("INSERT INTO sa (k, v, y) VALUES ") + values);
  run("UPDATE sa SET v = 20 WHERE k = 2");
  const auto keys = [&](const std::string& where) {
    return rows("SELECT k FROM sa WHERE " + where);
  };
  EXPECT_THAT(keys("v > 10"), ElementsAre("2", "3"));
  EXPECT_THAT(keys("v >= 10 AND v < 30"), ElementsAre("1", "2"));
  EXPECT_THAT(keys("v < 0"), ElementsAre("4"));
  EXPECT_THAT(keys("v > 0 AND y = 'q'"), testing::UnorderedElementsAre("2", "3"));
  EXPECT_THAT(failure("SELECT k FROM sa WHERE y > 'a'"), HasSubstr(kNeedsFiltering));
  EXPECT_EQ(failure("CREATE CUSTOM INDEX ON sa (v) USING 'nope.Nope'"),
            "Unable to find custom indexer class 'nope.Nope'");
  EXPECT_THAT(failure("CREATE CUSTOM INDEX x ON sa (y) USING 'sai' WITH OPTIONS = "
                      "{'case_sensitive': 'false'}"),
              HasSubstr("not supported by Tidemill"));
}

TEST_F(IndexTest, RefusesWhatCannotBeIndexed) {
  run("CREATE INDEX by_v ON t (v)");
  EXPECT_EQ(failure("CREATE INDEX by_v ON t (n)"), "Index 'by_v' already exists");
  EXPECT_EQ(failure("CREATE INDEX again ON t (v)"),
            "Index again is a duplicate of existing index by_v");
  run("CREATE INDEX IF NOT EXISTS ON t (v)");
  EXPECT_EQ(failure("CREATE INDEX ON t (p)"),
            "Cannot create secondary index on the only partition key column p");
  EXPECT_EQ(failure("CREATE INDEX ON t (nope)"), "Undefined column name nope in table ks.t");
  EXPECT_EQ(failure("CREATE INDEX ON nope (v)"), "Table 'nope' doesn't exist");
  EXPECT_EQ(failure("CREATE INDEX ON t (keys(l))"),
            "Cannot create index on keys of column l with non-map type");
  EXPECT_THAT(failure("CREATE INDEX ON t (f)"), HasSubstr("must be fully indexed"));
  EXPECT_EQ(failure("ALTER TABLE t DROP v"),
            "Cannot drop column v because it has dependent secondary indexes (by_v)");
  EXPECT_EQ(failure("DROP INDEX nope"), "Index 'ks.nope' doesn't exist'");
  run("DROP INDEX IF EXISTS nope");
  EXPECT_THAT(failure("INSERT INTO t (p, c, v) VALUES (1, 1, '" + std::string(70000, 'x') + "')"),
              HasSubstr("maximum allowed size=65535"));
}

TEST_F(IndexTest, ATooLongValueIsRefusedBeforeTheStoreTakesItWithOthers) {
  run("CREATE INDEX ON t (v)");
  const auto statement = executor_->compile(
      "INSERT INTO t (p, c, v) VALUES (1, 1, '" + std::string(70000, 'x') + "')", "ks");
  ASSERT_TRUE(statement.ok());
  std::vector<embedded::Mutation> mutations;
  const auto parameters = executor_->bind(**statement, {});
  ASSERT_TRUE(parameters.ok());
  const auto made = (*statement)->append_mutations(*parameters, mutations);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, HasSubstr("Cannot index value of size 70000"));
}

TEST_F(IndexTest, ATypeOfAnIndexedColumnGetsNoFields) {
  run("CREATE TYPE ty (a int)");
  run("CREATE TABLE typed (k int PRIMARY KEY, y frozen<ty>)");
  run("CREATE INDEX by_y ON typed (y)");
  EXPECT_EQ(failure("ALTER TYPE ty ADD b int"),
            "Cannot add new field b of type int to user type ks.ty as the type is being used in "
            "indexed columns by the following tables, which Tidemill does not support: ks.typed");
  run("ALTER TYPE ty RENAME a TO first");
  run("DROP INDEX by_y");
  run("ALTER TYPE ty ADD b int");
}

TEST_F(IndexTest, RangesCountByPartition) {
  run("CREATE TABLE sa (p int, c int, s int static, v int, PRIMARY KEY (p, c))");
  run("CREATE INDEX ON sa (v) USING 'sai'");
  run("CREATE INDEX ON sa (s) USING 'sai'");
  for (const auto* values : {"(1, 1, 1, 10)", "(1, 2, 1, 30)", "(2, 1, 2, 20)", "(2, 2, 2, 40)"})
    run(std::string("INSERT INTO sa (p, c, s, v) VALUES ") + values);
  EXPECT_THAT(rows("SELECT p, c FROM sa WHERE v > 5 PER PARTITION LIMIT 1"),
              ElementsAre("1 | 1", "2 | 1"));
  EXPECT_THAT(rows("SELECT DISTINCT p, s FROM sa WHERE s > 0"), ElementsAre("1 | 1", "2 | 2"));
}

TEST_F(IndexTest, IsNotBuiltWhenTheStoreIsAboutToClose) {
  fill();
  store_->begin_close();
  EXPECT_THAT(failure("CREATE INDEX by_v ON t (v)"), HasSubstr("table store is stopping"));
  reopen();
  EXPECT_THAT(found("n = 1 ALLOW FILTERING"), ElementsAre("1 | 1"));
  run("CREATE INDEX by_v ON t (v)");
  EXPECT_THAT(found("v = 'a'"), ElementsAre("1 | 1", "1 | 2"));
}

TEST_F(IndexTest, ShowsIndexesInTheSchema) {
  run("CREATE INDEX ON t (keys(m))");
  EXPECT_THAT(rows("SELECT index_name, kind, options FROM system_schema.indexes WHERE "
                   "keyspace_name = 'ks'"),
              ElementsAre("'t_m_idx' | 'COMPOSITES' | {'target': 'keys(m)'}"));
  EXPECT_THAT(
      rows("DESCRIBE INDEX t_m_idx"),
      ElementsAre("'ks' | 'index' | 't_m_idx' | 'CREATE INDEX t_m_idx ON ks.t (keys(m));'"));
}

}  // namespace
}  // namespace tidemill::tables::statements
