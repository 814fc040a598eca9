// SPDX-License-Identifier: Apache-2.0
// CREATE, ALTER, DROP, TRUNCATE, USE, DESCRIBE and what prepared statements make of them.
#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class SchemaStatementTest : public StatementTest {
 protected:
  CqlError refused(const std::string& cql) {
    auto result = answer(cql);
    EXPECT_FALSE(result.ok()) << cql;
    return result.ok() ? CqlError{} : result.error();
  }
};

TEST_F(SchemaStatementTest, TellsWhatItChanged) {
  const auto change =
      std::get<wire::cql::SchemaChange>(run("CREATE TABLE t (k int PRIMARY KEY)").kind);
  EXPECT_EQ(change.kind, wire::cql::SchemaChange::Kind::Created);
  EXPECT_EQ(change.name, "t");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(
      run("CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY)").kind));
}

TEST_F(SchemaStatementTest, RefusesWhatExistsWithItsNames) {
  run("CREATE TABLE t (k int PRIMARY KEY)");
  const CqlError table = refused("CREATE TABLE t (k int PRIMARY KEY)");
  EXPECT_EQ(table.code, wire::cql::CqlErrorCode::AlreadyExists);
  EXPECT_EQ(table.keyspace + "." + table.name, "ks.t");
  const CqlError keyspace = refused(
      "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  EXPECT_EQ(keyspace.message, "Cannot add existing keyspace \"ks\"");
}

TEST_F(SchemaStatementTest, ChecksPrimaryKeys) {
  EXPECT_EQ(failure("CREATE TABLE bad (k int)"),
            "No PRIMARY KEY specifed for table 'bad' (exactly one required)");
  EXPECT_EQ(failure("CREATE TABLE bad (k int, PRIMARY KEY (k, nope))"),
            "Unknown column 'nope' referenced in PRIMARY KEY for table 'bad'");
  EXPECT_EQ(failure("CREATE TABLE bad (k list<int> PRIMARY KEY)"),
            "Invalid non-frozen collection type list<int> for PRIMARY KEY column 'k'");
  EXPECT_EQ(failure("CREATE TABLE bad (k int, v int, v text, PRIMARY KEY (k))"),
            "Duplicate column 'v' declaration for table 'bad'");
  EXPECT_EQ(failure("CREATE TABLE bad (k int PRIMARY KEY, v map<text, list<int>>)"),
            "Non-frozen collections are not allowed inside collections: map<text, list<int>>");
}

TEST_F(SchemaStatementTest, ChecksAndEchoesOptions) {
  EXPECT_EQ(refused("CREATE TABLE bad (k int PRIMARY KEY) WITH nosuch = 1").code,
            wire::cql::CqlErrorCode::Syntax);
  EXPECT_EQ(refused("CREATE TABLE bad (k int PRIMARY KEY) WITH bloom_filter_fp_chance = 2").code,
            wire::cql::CqlErrorCode::Config);
  run("CREATE TABLE o (k int PRIMARY KEY) WITH comment = 'it''s' AND speculative_retry = 'NONE'");
  EXPECT_THAT(rows("SELECT comment, speculative_retry, gc_grace_seconds FROM system_schema.tables"
                   " WHERE keyspace_name = 'ks' AND table_name = 'o'"),
              ElementsAre("'it''s' | 'NEVER' | 864000"));
}

TEST_F(SchemaStatementTest, ForgetsTheCellsOfADroppedColumn) {
  run("CREATE TABLE t (k int PRIMARY KEY, n int)");
  run("INSERT INTO t (k, n) VALUES (1, 1)");
  run("ALTER TABLE t DROP n");
  EXPECT_EQ(failure("SELECT n FROM t"), "Undefined column name n in table ks.t");
  run("ALTER TABLE t ADD n int");
  EXPECT_THAT(rows("SELECT k, n FROM t"), ElementsAre("1 | null"));
  EXPECT_EQ(failure("ALTER TABLE t DROP k"), "Cannot drop PRIMARY KEY column k");
}

TEST_F(SchemaStatementTest, EmptiesATable) {
  run("CREATE TABLE t (k int PRIMARY KEY)");
  run("INSERT INTO t (k) VALUES (1)");
  run("TRUNCATE t");
  EXPECT_THAT(rows("SELECT k FROM t"), IsEmpty());
}

TEST_F(SchemaStatementTest, KeepsSystemKeyspacesAsTheyAre) {
  const CqlError error = refused("DROP KEYSPACE system");
  EXPECT_EQ(error.code, wire::cql::CqlErrorCode::Unauthorized);
  EXPECT_EQ(error.message, "system keyspace is not user-modifiable.");
}

TEST_F(SchemaStatementTest, NamesWhatIsNotBuilt) {
  EXPECT_EQ(failure("CREATE MATERIALIZED VIEW v AS SELECT * FROM t"),
            "CREATE MATERIALIZED VIEW is not supported by Tidemill");
}

TEST_F(SchemaStatementTest, DescribesWhatCanBeCreatedAgain) {
  run("CREATE TABLE t (p int, \"Q\" text, c timestamp, s text static, PRIMARY KEY ((p, \"Q\"), c))"
      " WITH CLUSTERING ORDER BY (c DESC)");
  const auto described = run("DESCRIBE TABLE t");
  const auto& cells = std::get<wire::cql::Rows>(described.kind).cells;
  ByteReader in(cells);
  std::string create;
  for (int i = 0; i < 4; ++i) create = as_text(**wire::cql::read_cell(in));
  EXPECT_THAT(
      create,
      StartsWith(
          "CREATE TABLE ks.t (\n    p int,\n    \"Q\" text,\n    c timestamp,\n    s text static,\n"
          "    PRIMARY KEY ((p, \"Q\"), c)\n) WITH CLUSTERING ORDER BY (c DESC)\n    AND "));
  run("DROP TABLE t");
  run(create);
  EXPECT_EQ(shown(run("DESCRIBE TABLE t")), shown(described));
}

TEST_F(SchemaStatementTest, DescribesNamesAndRefusesStrangers) {
  run("CREATE TABLE \"Case\" (k int PRIMARY KEY)");
  EXPECT_THAT(rows("DESCRIBE TABLES"), ElementsAre("'ks' | 'table' | '\"Case\"'"));
  EXPECT_EQ(failure("DESCRIBE TABLE nope"), "Table 'nope' not found in keyspace 'ks'");
  EXPECT_EQ(failure("DESCRIBE nope"), "'nope' not found in keyspace 'ks'");
}

TEST_F(SchemaStatementTest, PreparedStatementsFollowTheSchema) {
  run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  const auto prepared = executor_->prepare("SELECT * FROM t WHERE k = ?", "ks");
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ((*prepared)->id.size(), 16U);
  EXPECT_THAT((*prepared)->statement->partition_key_markers(), ElementsAre(0));
  run("ALTER TABLE t ADD n int");
  // A v5 client is told of the new columns, an older one has to ask again.
  const auto current = executor_->find((*prepared)->id, false);
  ASSERT_TRUE(current.ok());
  EXPECT_NE((*current)->result_metadata_id, (*prepared)->result_metadata_id);
  run("DROP TABLE t");
  EXPECT_EQ(executor_->find((*prepared)->id, false).error().code,
            wire::cql::CqlErrorCode::Unprepared);
}

TEST_F(SchemaStatementTest, OlderClientsPrepareAgainWhenColumnsChange) {
  run("CREATE TABLE t (k int PRIMARY KEY)");
  const auto prepared = executor_->prepare("SELECT * FROM t", "ks");
  ASSERT_TRUE(prepared.ok());
  run("ALTER TABLE t ADD n int");
  EXPECT_EQ(executor_->find((*prepared)->id, true).error().code,
            wire::cql::CqlErrorCode::Unprepared);
}

TEST_F(SchemaStatementTest, KeepsItsHostIdOverARestart) {
  const auto before = rows("SELECT host_id FROM system.local");
  reopen();
  EXPECT_EQ(rows("SELECT host_id FROM system.local"), before);
}

TEST_F(SchemaStatementTest, AddsFieldsToTypesThatAreUsed) {
  run("CREATE TYPE ty (a int, b text)");
  run("CREATE TYPE around (i frozen<ty>, n int)");
  run("CREATE TABLE u (k int PRIMARY KEY, v ty, f frozen<ty>, l list<frozen<ty>>, o "
      "frozen<around>)");
  run("INSERT INTO u (k, v, f, l, o) VALUES (1, {a: 1, b: 'x'}, {a: 2}, [{a: 3}], {i: {a: 4}})");
  run("ALTER TYPE ty ADD c int");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(rows("SELECT v, f, l, o FROM u"),
                ElementsAre("{a: 1, b: 'x', c: null} | {a: 2, b: null, c: null} | [{a: 3, b: null, "
                            "c: null}] | {i: {a: 4, b: null, c: null}, n: null}"));
    reopen();
  }
  run("UPDATE u SET v.c = 5, f = {a: 2, c: 9} WHERE k = 1");
  EXPECT_THAT(rows("SELECT v, f FROM u"),
              ElementsAre("{a: 1, b: 'x', c: 5} | {a: 2, b: null, c: 9}"));
  run("INSERT INTO u (k, f) VALUES (2, {a: 7})");
  EXPECT_THAT(rows("SELECT k FROM u WHERE f = {a: 7, b: null} ALLOW FILTERING"), ElementsAre("2"));
  run("ALTER TYPE ty ADD IF NOT EXISTS c int");
  EXPECT_EQ(failure("ALTER TYPE ty ADD c int"),
            "Cannot add field c to type ks.ty: a field with name c already exists");
  EXPECT_EQ(failure("ALTER TYPE ty ADD r frozen<around>"),
            "Cannot add new field r of type frozen<around> to user type ks.ty as it would create a "
            "circular reference");
  EXPECT_EQ(failure("ALTER TYPE ty ADD r counter"), "A user type cannot contain counters");
}

TEST_F(SchemaStatementTest, RenamesFieldsOfTypes) {
  run("CREATE TYPE ty (a int, b text)");
  run("CREATE TABLE u (k int PRIMARY KEY, v ty)");
  run("INSERT INTO u (k, v) VALUES (1, {a: 1, b: 'x'})");
  run("ALTER TYPE ty RENAME a TO first AND b TO second");
  EXPECT_THAT(rows("SELECT v.first, v.second FROM u"), ElementsAre("1 | 'x'"));
  EXPECT_EQ(failure("ALTER TYPE ty RENAME a TO first"), "Unkown field a in user type ks.ty");
  run("ALTER TYPE ty RENAME IF EXISTS a TO first");
  EXPECT_EQ(failure("ALTER TYPE ty RENAME first TO second"),
            "Duplicate field name second in type ks");
  EXPECT_EQ(failure("ALTER TYPE ty ALTER first TYPE bigint"),
            "Altering field types is no longer supported");
  EXPECT_EQ(failure("ALTER TYPE nope ADD c int"), "Type ks.nope doesn't exist");
  run("ALTER TYPE IF EXISTS nope ADD c int");
}

TEST_F(SchemaStatementTest, AddsNoFieldToATypeInAKey) {
  run("CREATE TYPE ty (a int)");
  run("CREATE TABLE pk (k frozen<ty> PRIMARY KEY, v int)");
  EXPECT_EQ(failure("ALTER TYPE ty ADD i int"),
            "Cannot add new field i of type int to user type ks.ty as the type is being used in "
            "partition key by the following tables: ks.pk");
  run("DROP TABLE pk");
  run("CREATE TABLE ck (k int, c frozen<ty>, PRIMARY KEY (k, c))");
  run("INSERT INTO ck (k, c) VALUES (1, {a: 1})");
  EXPECT_THAT(failure("ALTER TYPE ty ADD i int"),
              testing::HasSubstr("used in clustering columns by the following tables"));
  run("ALTER TYPE ty RENAME a TO b");
  EXPECT_THAT(rows("SELECT c FROM ck"), ElementsAre("{b: 1}"));
}

}  // namespace
}  // namespace tidemill::tables::statements
