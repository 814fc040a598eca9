// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SelectTest : public StatementTest {
 protected:
  void SetUp() override {
    StatementTest::SetUp();
    run("CREATE TABLE r (p int, a int, b int, v text, PRIMARY KEY (p, a, b))");
    for (const char* row : {"1, 1, 1, '111'", "1, 1, 2, '112'", "1, 2, 1, '121'", "1, 3, 1, '131'",
                            "2, 1, 1, '211'"}) {
      run("INSERT INTO r (p, a, b, v) VALUES (" + std::string(row) + ")");
    }
  }

  // Reads all pages of the given size.
  std::vector<std::string> paged(const std::string& cql, std::int32_t size) {
    std::vector<std::string> out;
    Bytes state;
    do {
      wire::cql::QueryOptions options;
      options.page_size = size;
      if (!state.empty()) options.paging_state = state;
      const StatementResult page = run(cql, options);
      const auto lines = shown(page);
      EXPECT_LE(lines.size(), static_cast<std::size_t>(size));
      out.insert(out.end(), lines.begin(), lines.end());
      const auto& next = std::get<wire::cql::Rows>(page.kind).paging_state;
      state = next ? *next : Bytes();
      pages_ += 1;
    } while (!state.empty());
    return out;
  }
  int pages_ = 0;
};

TEST_F(SelectTest, ReadsRangesOfClusteringColumns) {
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 AND a >= 2 AND a < 3"), ElementsAre("'121'"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 AND a = 1 AND b > 1"), ElementsAre("'112'"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 AND (a, b) > (1, 1) AND (a, b) <= (2, 1)"),
              ElementsAre("'112'", "'121'"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 AND (a, b) IN ((1, 2), (3, 1), (7, 7))"),
              ElementsAre("'112'", "'131'"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 AND a > 5 AND a < 2"), IsEmpty());
}

TEST_F(SelectTest, OrdersAndReverses) {
  EXPECT_THAT(rows("SELECT v FROM r WHERE p = 1 ORDER BY a DESC LIMIT 2"),
              ElementsAre("'131'", "'121'"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE p IN (1, 2) ORDER BY a DESC LIMIT 2"),
              ElementsAre("'131'", "'121'"));
  EXPECT_THAT(failure("SELECT v FROM r ORDER BY a"),
              HasSubstr("ORDER BY is only supported when the partition key"));
}

TEST_F(SelectTest, PagesEveryRowOnce) {
  const auto whole = rows("SELECT v FROM r");
  for (const int size : {1, 2, 3, 5, 100}) EXPECT_EQ(paged("SELECT v FROM r", size), whole) << size;
}

TEST_F(SelectTest, PagesWithLimits) {
  EXPECT_THAT(paged("SELECT v FROM r LIMIT 3", 2), SizeIs(3));
  EXPECT_EQ(pages_, 2);
  EXPECT_EQ(paged("SELECT v FROM r PER PARTITION LIMIT 2", 1),
            rows("SELECT v FROM r PER PARTITION LIMIT 2"));
  EXPECT_EQ(paged("SELECT v FROM r WHERE b = 1 PER PARTITION LIMIT 2 ALLOW FILTERING", 1),
            rows("SELECT v FROM r WHERE b = 1 PER PARTITION LIMIT 2 ALLOW FILTERING"));
}

TEST_F(SelectTest, ShowsNullsBesideAnAggregateOfNoRows) {
  run("CREATE TABLE n (p int, c int, v int, m map<int, int>, PRIMARY KEY (p, c))");
  const std::string selection = "SELECT writetime(v), ttl(v), m[1], writetime(m), count(c) FROM n ";
  for (const char* where : {"WHERE p = 1 AND c > 1 AND c <= 1", "WHERE p = 1", ""}) {
    EXPECT_THAT(rows(selection + where), ElementsAre("null | null | null | null | 0")) << where;
  }
}

TEST_F(SelectTest, ShowsTheElementsOfTheFirstRowBesideAnAggregate) {
  run("CREATE TABLE n (p int PRIMARY KEY, m map<int, int>)");
  run("INSERT INTO n (p, m) VALUES (1, {1: 7}) USING TIMESTAMP 5");
  EXPECT_THAT(rows("SELECT writetime(m), m[1], count(p) FROM n WHERE p = 1"),
              ElementsAre("[5] | 7 | 1"));
}

TEST_F(SelectTest, RefusesWhatAnAggregateOrDistinctCannotMean) {
  EXPECT_EQ(failure("SELECT count(*) FROM r PER PARTITION LIMIT 1"),
            "PER PARTITION LIMIT is not allowed with aggregate queries.");
  EXPECT_EQ(failure("SELECT DISTINCT p FROM r GROUP BY p, a"),
            "Grouping on clustering columns is not allowed for SELECT DISTINCT queries");
  run("CREATE TABLE st (p int, c int, s int static, v int, PRIMARY KEY (p, c))");
  EXPECT_EQ(failure("SELECT p, s FROM st WHERE p = 1 AND c > 1"),
            "Cannot restrict clustering columns when selecting only static columns");
  EXPECT_THAT(rows("SELECT p FROM st WHERE p = 1 AND c > 1"), IsEmpty());
}

TEST_F(SelectTest, RefusesToPageTheOrderedRowsOfAnIn) {
  wire::cql::QueryOptions options;
  options.page_size = 2;
  const std::string ordered = "SELECT v FROM r WHERE p IN (1, 1) ORDER BY a DESC";
  const auto whole = answer(ordered, options);
  ASSERT_FALSE(whole.ok());
  EXPECT_THAT(whole.error().message, HasSubstr("Cannot page queries with both ORDER BY"));
  EXPECT_FALSE(answer(ordered + " LIMIT 2", options).ok());
  EXPECT_FALSE(
      answer("SELECT v FROM r WHERE p IN (1, 2) AND a > 1 AND a <= 1 ORDER BY a", options).ok());
  EXPECT_THAT(rows(ordered), SizeIs(4));
}

TEST_F(SelectTest, GoesOnWithAPageAfterARestart) {
  wire::cql::QueryOptions options;
  options.page_size = 2;
  const auto first = run("SELECT v FROM r WHERE p = 1", options);
  const Bytes state = *std::get<wire::cql::Rows>(first.kind).paging_state;
  reopen();
  options.paging_state = state;
  EXPECT_THAT(shown(run("SELECT v FROM r WHERE p = 1", options)), ElementsAre("'121'", "'131'"));
}

TEST_F(SelectTest, RefusesAPagingStateItDidNotMake) {
  wire::cql::QueryOptions options;
  options.page_size = 2;
  const Bytes made_up{1, 2, 3, 4, 5};
  options.paging_state = made_up;
  const auto result = answer("SELECT v FROM r", options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "Invalid value for the paging state");
}

TEST_F(SelectTest, FiltersOnlyWhenAllowed) {
  EXPECT_THAT(failure("SELECT v FROM r WHERE v = '111'"), HasSubstr("use ALLOW FILTERING"));
  EXPECT_THAT(rows("SELECT v FROM r WHERE v = '111' ALLOW FILTERING"), ElementsAre("'111'"));
  EXPECT_THAT(failure("SELECT v FROM r WHERE p = 1 AND b = 1"),
              HasSubstr("PRIMARY KEY column \"b\" cannot be restricted as preceding column \"a\" "
                        "is not restricted"));
  EXPECT_THAT(failure("SELECT v FROM r WHERE p = 1 AND a > 0 AND b = 1"),
              HasSubstr("(preceding column \"a\" is restricted by a non-EQ relation)"));
}

TEST_F(SelectTest, CutsTheRingByTokens) {
  EXPECT_THAT(rows("SELECT DISTINCT p FROM r WHERE token(p) > token(1)"), ElementsAre("2"));
  EXPECT_THAT(rows("SELECT DISTINCT p, token(p) FROM r WHERE token(p) <= -4069959284402364209"),
              ElementsAre("1 | -4069959284402364209"));
}

TEST_F(SelectTest, AggregatesAndGroups) {
  EXPECT_THAT(rows("SELECT count(*), min(b), max(b), sum(b), avg(b) FROM r WHERE p = 1"),
              ElementsAre("4 | 1 | 2 | 5 | 1"));
  EXPECT_THAT(rows("SELECT count(*), sum(b), min(b) FROM r WHERE p = 404"),
              ElementsAre("0 | 0 | null"));
  EXPECT_THAT(rows("SELECT p, count(*) FROM r GROUP BY p"), ElementsAre("1 | 4", "2 | 1"));
  EXPECT_THAT(rows("SELECT p, a, max(b) FROM r GROUP BY p, a LIMIT 2"),
              ElementsAre("1 | 1 | 2", "1 | 2 | 1"));
  EXPECT_THAT(run("SELECT count(*) FROM r").warnings,
              ElementsAre("Aggregation query used without partition key"));
}

TEST_F(SelectTest, ComputesFunctionsCastsAndArithmetic) {
  EXPECT_THAT(
      rows("SELECT CAST(a AS text), a + 1, intAsBlob(a), (int) 5, toJson(v) FROM r WHERE p = 2"),
      ElementsAre("'1' | 2 | 0x00000001 | 5 | '\"211\"'"));
  EXPECT_EQ(failure("SELECT nosuch(v) FROM r"), "Unknown function 'nosuch'");
  EXPECT_EQ(failure("SELECT toDate(v) FROM r"),
            "Invalid call to function todate, none of its type signatures match");
  EXPECT_THAT(failure("SELECT a / 0 FROM r WHERE p = 2"),
              HasSubstr("the operation 'int / int' failed: / by zero"));
}

TEST_F(SelectTest, WritesRowsAsJson) {
  EXPECT_THAT(rows("SELECT JSON a, v AS \"Label\" FROM r WHERE p = 2"),
              ElementsAre(R"('{"a": 1, "\"Label\"": "211"}')"));
}

TEST_F(SelectTest, NamesWhatDoesNotExist) {
  EXPECT_EQ(failure("SELECT * FROM nope"), "table nope does not exist");
  EXPECT_EQ(failure("SELECT * FROM nope.t"), "keyspace nope does not exist");
  EXPECT_EQ(failure("SELECT nope FROM r"), "Undefined column name nope in table ks.r");
}

TEST_F(SelectTest, ReadsTheSchemaTables) {
  EXPECT_THAT(rows("SELECT column_name, kind, position, type FROM system_schema.columns WHERE "
                   "keyspace_name = 'ks'"),
              ElementsAre("'a' | 'clustering' | 0 | 'int'", "'b' | 'clustering' | 1 | 'int'",
                          "'p' | 'partition_key' | 0 | 'int'", "'v' | 'regular' | -1 | 'text'"));
  EXPECT_THAT(rows("SELECT key FROM system.local"), ElementsAre("'local'"));
  EXPECT_THAT(rows("SELECT * FROM system.peers_v2"), IsEmpty());
}

}  // namespace
}  // namespace tidemill::tables::statements
