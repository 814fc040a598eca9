// SPDX-License-Identifier: Apache-2.0
// Golden tests of DuckDB's tree: a new DuckDB that says things otherwise fails here first.
#include "sql/bind/select_ast.h"

#include <gmock/gmock.h>

#include "sql/bind/planning_database.h"

namespace tidemill::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SelectAst : public testing::Test {
 protected:
  Tree parse(std::string sql) {
    auto tree = database_.parse({std::move(sql), {}, 0});
    EXPECT_TRUE(tree.ok()) << (tree.ok() ? "" : tree.error().message);
    return tree.ok() ? *tree : Tree::object();
  }
  std::string text(const Tree& select) { return *database_.select_text(select); }
  Tree item(const std::string& expression) {
    return ast::select_list(parse("SELECT " + expression + " FROM t")).at(0);
  }

  PlanningDatabase database_ = *PlanningDatabase::open();
};

TEST_F(SelectAst, GivesBackTheTextOfATree) {
  EXPECT_EQ(text(parse("select a+1 as b, 'x' from t where c is not null")),
            "SELECT (a + 1) AS b, 'x' FROM t WHERE (c IS NOT NULL)");
}

TEST_F(SelectAst, KnowsWhereExpressionsStand) {
  EXPECT_EQ(ast::location(item("abc")), 7U);
  EXPECT_EQ(ast::location(ast::column("made")), std::nullopt);
}

TEST_F(SelectAst, FindsTheParts) {
  const Tree select = parse(
      "SELECT DISTINCT ON (id, lower(x)) id FROM t AS u WHERE a GROUP BY b, c HAVING count(*) > 1");
  EXPECT_EQ(ast::distinct_on(select).size(), 2U);
  EXPECT_EQ(ast::from_of(select).table->name, "t");
  EXPECT_EQ(ast::from_of(select).table->alias, "u");
  EXPECT_TRUE(ast::where_clause(select).has_value());
  EXPECT_EQ(ast::group_expressions(select).size(), 2U);
  EXPECT_TRUE(ast::having(select).has_value());
}

TEST_F(SelectAst, FindsTheWindowFunctionInFrom) {
  const auto from = ast::from_of(parse("SELECT 1 FROM tumble(t, ts, INTERVAL '1 minute') AS w"));
  ASSERT_TRUE(from.function.has_value());
  EXPECT_EQ(from.function->name, "tumble");
  EXPECT_EQ(from.function->alias, "w");
  EXPECT_EQ(from.function->location, 14U);
  EXPECT_THAT(ast::column_path(from.function->arguments[1]), ElementsAre("ts"));
  const auto size = database_.interval(from.function->arguments[2]);
  ASSERT_TRUE(size.ok()) << size.error().message;
  EXPECT_EQ(size->count(), 60'000'000);
}

TEST_F(SelectAst, NamesFromClausesThatAreNotOneTable) {
  EXPECT_EQ(ast::from_of(parse("SELECT 1 FROM a JOIN b USING (x)")).other, "a join");
  EXPECT_EQ(ast::from_of(parse("SELECT 1 FROM a, b")).other, "a join");
  EXPECT_EQ(ast::from_of(parse("SELECT 1 FROM (SELECT 2)")).other, "a subquery");
  EXPECT_EQ(ast::from_of(parse("SELECT 1")).other, "nothing");
}

TEST_F(SelectAst, NamesClausesNoContinuousQueryHas) {
  EXPECT_EQ(ast::unsupported_clause(parse("SELECT a FROM t ORDER BY a")), "ORDER BY");
  EXPECT_EQ(ast::unsupported_clause(parse("SELECT a FROM t LIMIT 1")), "LIMIT");
  EXPECT_EQ(ast::unsupported_clause(parse("SELECT a FROM t QUALIFY a > 1")), "QUALIFY");
  EXPECT_EQ(ast::unsupported_clause(parse("SELECT a FROM t USING SAMPLE 10%")), "SAMPLE");
  EXPECT_EQ(ast::unsupported_clause(parse("WITH c AS (SELECT 1) SELECT * FROM c")),
            "WITH (a common table expression)");
  EXPECT_EQ(ast::unsupported_clause(parse("SELECT a FROM t GROUP BY a")), std::nullopt);
}

TEST_F(SelectAst, ReadsAggregates) {
  const auto aggregate = ast::aggregate_of(item("sum(DISTINCT x) FILTER (WHERE y > 0)"));
  EXPECT_EQ(aggregate.name, "sum");
  EXPECT_TRUE(aggregate.distinct);
  EXPECT_TRUE(aggregate.filter.has_value());
  EXPECT_FALSE(aggregate.ordered);
  EXPECT_TRUE(ast::aggregate_of(item("max(x ORDER BY y)")).ordered);
  EXPECT_EQ(ast::aggregate_of(item("count(*)")).name, "count_star");
}

TEST_F(SelectAst, TellsClassesOfExpressions) {
  EXPECT_TRUE(ast::is_subquery(item("(SELECT 1)")));
  EXPECT_TRUE(ast::is_window_function(item("sum(x) OVER ()")));
  EXPECT_TRUE(ast::is_star(item("*")));
  EXPECT_TRUE(ast::is_parameter(item("?")));
  EXPECT_EQ(ast::integer_constant(item("2")), 2);
  EXPECT_EQ(ast::alias_of(item("x AS y")), "y");
  EXPECT_TRUE(ast::groups_by_all(parse("SELECT a FROM t GROUP BY ALL")));
  EXPECT_TRUE(ast::has_grouping_sets(parse("SELECT a FROM t GROUP BY ROLLUP (a, b)")));
}

TEST_F(SelectAst, ComparesExpressionsWithoutPlacesAndCase) {
  EXPECT_EQ(ast::fingerprint(item("lower( A )")), ast::fingerprint(item("LOWER(a) AS b")));
  EXPECT_NE(ast::fingerprint(item("lower(a)")), ast::fingerprint(item("upper(a)")));
}

TEST_F(SelectAst, LeavesAColumnOutOfStars) {
  Tree select = parse("SELECT *, count(*) FROM t");
  ast::exclude_from_stars(select, "hidden");
  EXPECT_THAT(text(select), HasSubstr("EXCLUDE"));
}

TEST_F(SelectAst, PlacesSyntaxErrorsInTheUsersText) {
  const auto tree = database_.parse({"SELECT a,,b FROM t", {4, 10}, 0});
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().message, "line 4, column 19: syntax error at or near \",\"");
}

TEST_F(SelectAst, GuessesAMisspeltClause) {
  const auto tree = database_.parse({"SELECT a FROM t EMITT ON WINDOW CLOSE", {}, 0});
  ASSERT_FALSE(tree.ok());
  EXPECT_THAT(tree.error().message, HasSubstr("did you mean EMIT?"));
}

}  // namespace
}  // namespace tidemill::sql
