// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/parser.h"

#include <gmock/gmock.h>

namespace tidemill::tables::statements {
namespace {

std::string failure(std::string_view cql) {
  const auto parsed = parse_statement(cql);
  return parsed.ok() ? "parsed" : parsed.error().message;
}
template <class Statement>
Statement parsed(std::string_view cql) {
  auto statement = parse_statement(cql);
  EXPECT_TRUE(statement.ok()) << cql << ": " << (statement.ok() ? "" : statement.error().message);
  if (!statement.ok()) return {};
  auto* as = std::get_if<Statement>(&statement->syntax);
  EXPECT_NE(as, nullptr) << cql;
  return as ? std::move(*as) : Statement{};
}

TEST(CqlParser, SaysWhereItStoppedUnderstanding) {
  EXPECT_EQ(failure("SELEC * FROM t"), "line 1:0 no viable alternative at input 'SELEC'");
  EXPECT_EQ(failure("SELECT * FROM"), "line 1:13 no viable alternative at input '<EOF>'");
  EXPECT_EQ(failure("SELECT k FROM t WHERE k = 1 GARBAGE"),
            "line 1:28 no viable alternative at input 'GARBAGE'");
  EXPECT_EQ(failure(""), "line 1:0 no viable alternative at input '<EOF>'");
  EXPECT_THAT(failure("CREATE TABLE bad LIKE t"), testing::StartsWith("line 1:17"));
  EXPECT_THAT(failure("BEGIN BATCH SELECT * FROM o; APPLY BATCH"),
              testing::StartsWith("line 1:12"));
}

TEST(CqlParser, ReadsASelectWithAllItsClauses) {
  const auto select = parsed<SelectStatement>(
      "SELECT DISTINCT a, count(*) AS n, m['x'..'z'] FROM ks.\"T\" WHERE p IN (1, ?) AND (c, d) > "
      "(1, 2)"
      " AND token(p) <= 5 GROUP BY p ORDER BY c DESC, d PER PARTITION LIMIT 2 LIMIT :n ALLOW "
      "FILTERING;");
  EXPECT_TRUE(select.distinct && select.allow_filtering);
  EXPECT_EQ(select.table.keyspace, "ks");
  EXPECT_EQ(select.table.name, "T");
  ASSERT_EQ(select.selected.size(), 3U);
  EXPECT_EQ(select.selected[1].expression.kind, Expression::Kind::CountRows);
  EXPECT_EQ(select.selected[2].expression.kind, Expression::Kind::Slice);
  ASSERT_EQ(select.where.size(), 3U);
  EXPECT_EQ(select.where[0].op, Operator::In);
  EXPECT_EQ(select.where[1].form, Relation::Form::Tuple);
  EXPECT_EQ(select.where[2].form, Relation::Form::Token);
  ASSERT_EQ(select.order_by.size(), 2U);
  EXPECT_TRUE(select.order_by[0].descending);
}

TEST(CqlParser, ReadsRolesAndPermissions) {
  const auto created = parsed<CreateRoleStatement>(
      "CREATE ROLE IF NOT EXISTS 'Bob' WITH PASSWORD = 'x' AND LOGIN = true AND SUPERUSER = false");
  EXPECT_EQ(created.role, "Bob");
  EXPECT_TRUE(created.if_not_exists && *created.options.login && !*created.options.superuser);
  EXPECT_TRUE(*parsed<CreateRoleStatement>("CREATE USER bob WITH PASSWORD 'x'").options.login);
  EXPECT_TRUE(parsed<AlterRoleStatement>("ALTER ROLE bob").options.empty());
  EXPECT_EQ(parsed<GrantRoleStatement>("REVOKE a FROM b").member, "b");
  EXPECT_EQ(parsed<GrantRoleStatement>("GRANT unmask TO b").role, "unmask");
  const auto grant =
      parsed<GrantPermissionsStatement>("GRANT CREATE, SELECT PERMISSION ON TABLE ks.t TO bob");
  EXPECT_EQ(grant.permissions, security::PermissionSet{security::Permission::Select});
  EXPECT_EQ(resource_of(grant.resource, "x").name(), "data/ks/t");
  const auto list = parsed<ListPermissionsStatement>("LIST ALL ON ALL ROLES OF bob NORECURSIVE");
  EXPECT_EQ(resource_of(*list.resource, "").name(), "roles");
  EXPECT_FALSE(list.recursive);
  EXPECT_TRUE(parsed<ListRolesStatement>("LIST USERS").users);
}

TEST(CqlParser, RefusesRolesAndPermissionsThatSayNothing) {
  EXPECT_EQ(failure("CREATE ROLE ?"), "Bind variables cannot be used for role names");
  EXPECT_THAT(failure("CREATE USER \"Q\""), testing::HasSubstr("USER is deprecated"));
  EXPECT_EQ(failure("CREATE ROLE x WITH PASSWORD = 'a' AND PASSWORD = 'b'"),
            "Multiple definition for property 'PASSWORD'");
  EXPECT_EQ(failure("CREATE ROLE x WITH PASSWORD = 'a' AND HASHED PASSWORD = 'b'"),
            "Options 'password' and 'hashed password' are mutually exclusive");
  EXPECT_EQ(failure("CREATE ROLE x WITH LOGIN = 1"),
            "line 1:27 no viable alternative at input '1'");
  EXPECT_EQ(failure("GRANT DESCRIBE ON t TO bob"),
            "Resource type DataResource does not support any of the requested permissions");
  EXPECT_EQ(failure("GRANT SELECT ON ROLE a TO bob"),
            "Resource type RoleResource does not support any of the requested permissions");
  EXPECT_EQ(failure("GRANT SELECT ON t FROM bob"),
            "line 1:18 no viable alternative at input 'FROM'");
  EXPECT_EQ(failure("GRANT a, b TO c"), "line 1:7 no viable alternative at input ','");
  EXPECT_THAT(failure("LIST SUPERUSERS"), testing::StartsWith("line 1:5"));
}

TEST(CqlParser, ReadsJsonAndDistinctAsColumnsWhereTheyAre) {
  EXPECT_FALSE(parsed<SelectStatement>("SELECT json FROM t").json);
  EXPECT_TRUE(parsed<SelectStatement>("SELECT JSON * FROM t").json);
}

TEST(CqlParser, NumbersTheMarkersInOrder) {
  const auto statement = parse_statement("UPDATE t USING TTL ? SET a = :x, m[?] = ? WHERE k = ?");
  ASSERT_TRUE(statement.ok());
  EXPECT_THAT(statement->markers, testing::ElementsAre("", "x", "", "", ""));
}

TEST(CqlParser, TellsTheKindsOfAssignmentsApart) {
  const auto update = parsed<UpdateStatement>(
      "UPDATE t SET a = 1, b = b + {1}, c = [1] + c, d -= {2}, e['k'] = 2, f.g = 3 WHERE k = 1 IF "
      "EXISTS");
  std::vector<Assignment::Kind> kinds;
  for (const Assignment& assignment : update.assignments) kinds.push_back(assignment.kind);
  EXPECT_THAT(kinds,
              testing::ElementsAre(Assignment::Kind::Set, Assignment::Kind::Append,
                                   Assignment::Kind::Prepend, Assignment::Kind::Remove,
                                   Assignment::Kind::SetElement, Assignment::Kind::SetField));
  EXPECT_EQ(update.assignments[1].source, "b = b + {1}");
  EXPECT_TRUE(update.conditions.if_exists);
}

TEST(CqlParser, TakesLiteralsOfEveryKind) {
  const auto insert = parsed<InsertStatement>(
      "INSERT INTO t (a) VALUES (-1, 1.5e3, 'it''s', $$raw$$, 0xCAFE, true, null, 1y2mo, -2w, "
      "P1Y2M3DT4H5M6S,"
      " 123e4567-e89b-42d3-a456-426614174000, NaN, -Infinity, [1], {1}, {}, {'a': 1}, {f: 1}, (1, "
      "2))");
  std::vector<Expression::Kind> kinds;
  for (const Expression& value : insert.values) kinds.push_back(value.kind);
  using Kind = Expression::Kind;
  EXPECT_THAT(
      kinds, testing::ElementsAre(Kind::Integer, Kind::Float, Kind::String, Kind::String, Kind::Hex,
                                  Kind::Boolean, Kind::Null, Kind::Duration, Kind::Duration,
                                  Kind::Duration, Kind::Uuid, Kind::Float, Kind::Float, Kind::List,
                                  Kind::Set, Kind::Set, Kind::Map, Kind::Udt, Kind::Tuple));
  EXPECT_EQ(insert.values[0].text, "-1");
  EXPECT_EQ(insert.values[2].text, "it's");
}

TEST(CqlParser, SkipsTheThreeKindsOfComments) {
  parsed<SelectStatement>("SELECT /* inner */ v -- to the end\n FROM t // also\n WHERE k = 1");
}

TEST(CqlParser, ReadsATableDefinition) {
  const auto table = parsed<CreateTableStatement>(
      "CREATE TABLE IF NOT EXISTS t (p int, q text, c timestamp, s text static, v "
      "list<frozen<map<text, int>>>,"
      " PRIMARY KEY ((p, q), c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'x' AND"
      " compaction = {'class': 'LeveledCompactionStrategy', 'n': 4} AND gc_grace_seconds = 10");
  EXPECT_TRUE(table.if_not_exists);
  EXPECT_THAT(table.partition_key, testing::ElementsAre("p", "q"));
  EXPECT_THAT(table.clustering, testing::ElementsAre("c"));
  EXPECT_TRUE(table.order.at(0).descending);
  EXPECT_EQ(table.properties.size(), 3U);
  EXPECT_TRUE(table.columns.at(3).is_static);
}

TEST(CqlParser, RefusesEndlessNestingInsteadOfOverflowing) {
  EXPECT_NE(failure("SELECT " + std::string(100000, '(') + " FROM t"), "parsed");
  EXPECT_NE(failure("INSERT INTO t (a) VALUES (" + std::string(100000, '[')), "parsed");
  std::string negations = "SELECT ";
  for (int i = 0; i < 50000; ++i) negations += "- ";
  EXPECT_NE(failure(negations + "a FROM t"), "parsed");
  std::string sum = "SELECT a";
  for (int i = 0; i < 50000; ++i) sum += " + a";
  EXPECT_NE(failure(sum + " FROM t"), "parsed");
  std::string types = "CREATE TABLE t (k ";
  for (int i = 0; i < 50000; ++i) types += "list<";
  EXPECT_NE(failure(types), "parsed");
}

TEST(CqlParser, NamesWhatIsNotBuilt) {
  EXPECT_EQ(parsed<UnsupportedStatement>("CREATE MATERIALIZED VIEW v AS SELECT * FROM t").what,
            "CREATE MATERIALIZED VIEW");
}

}  // namespace
}  // namespace tidemill::tables::statements
