// SPDX-License-Identifier: Apache-2.0
#include "duck/database.h"

#include <gmock/gmock.h>

namespace tidemill::duck {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class DatabaseTest : public testing::Test {
 protected:
  Database database = *Database::open();
  Connection connection = *database.connect();

  std::vector<std::optional<std::string>> row(const std::string& sql) {
    auto table = connection.query_text(sql);
    EXPECT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->rows.size(), 1U);
    return table->rows.empty() ? std::vector<std::optional<std::string>>{} : table->rows[0];
  }
};

TEST_F(DatabaseTest, QueryTextGivesNamesTypesAndNulls) {
  const auto table = *connection.query_text("SELECT 1 AS a, NULL::VARCHAR AS b, 1.50 AS c;");
  EXPECT_EQ(table.columns[2].duckdb_type, "DECIMAL(3,2)");
  EXPECT_EQ(table.columns[2].type, std::nullopt);
  EXPECT_EQ(table.columns[2].nearest, ColumnType::Double);
  EXPECT_THAT(table.rows[0],
              ElementsAre(Optional(std::string("1")), std::nullopt, Optional(std::string("1.50"))));
}

TEST_F(DatabaseTest, CursorComputesRowsWhileTheyAreTaken) {
  const auto statement =
      *connection.prepare("SELECT i, repeat('x', 100) AS t FROM range(300000) r(i)");
  const auto cursor = *statement.open_cursor();
  std::int64_t rows = 0;
  while (const auto chunk = *cursor.next()) {
    EXPECT_EQ(chunk->column(0).value<std::int64_t>(0), rows);
    rows += static_cast<std::int64_t>(chunk->rows());
  }
  EXPECT_EQ(rows, 300'000);
}

TEST_F(DatabaseTest, CursorMayBeLeftBeforeItsEnd) {
  const auto statement = *connection.prepare("SELECT i FROM range(300000) r(i)");
  {
    const auto first = *(*statement.open_cursor()).next();
  }
  EXPECT_THAT(row("SELECT 1"), ElementsAre(Optional(std::string("1"))));
}

TEST_F(DatabaseTest, CursorTellsAnErrorInTheMiddle) {
  const auto statement = connection.prepare(
      "SELECT CAST(CASE WHEN i = 2900000 THEN 'row ' || i ELSE '1' END AS BIGINT) AS n FROM "
      "range(3000000) "
      "r(i)");
  ASSERT_TRUE(statement.ok()) << statement.error().message;
  const auto cursor = statement->open_cursor();
  ASSERT_TRUE(cursor.ok()) << cursor.error().message;
  auto chunk = cursor->next();
  while (chunk.ok() && *chunk) chunk = cursor->next();
  ASSERT_FALSE(chunk.ok());
  EXPECT_THAT(chunk.error().message, HasSubstr("row 2900000"));
}

TEST_F(DatabaseTest, TimesAreInUtc) {
  EXPECT_THAT(row("SELECT TIMESTAMPTZ '2026-01-02 03:04:05+01'"),
              ElementsAre(Optional(std::string("2026-01-02 02:04:05+00"))));
}

TEST_F(DatabaseTest, FilesAndSettingsAreOutOfReach) {
  EXPECT_FALSE(connection.execute("COPY (SELECT 1) TO '/tmp/tidemill_never.csv'").ok());
  EXPECT_FALSE(connection.execute("SET threads = 4").ok());
}

TEST_F(DatabaseTest, SyntaxTreeRoundTrips) {
  const auto tree = serialize_sql(connection, "SELECT a + 1 FROM input WHERE b = 'it''s'");
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  EXPECT_THAT(*deserialize_sql(connection, *tree), HasSubstr("'it''s'"));
}

TEST_F(DatabaseTest, SyntaxErrorHasItsPosition) {
  const auto tree = serialize_sql(connection, "SELECT FROM FROM");
  ASSERT_FALSE(tree.ok());
  EXPECT_THAT(tree.error().message, HasSubstr("syntax error"));
}

class InputTest : public DatabaseTest {
 protected:
  void SetUp() override {
    const std::vector<Column> columns = {{"n", ColumnType::BigInt},
                                         {"t", ColumnType::Varchar},
                                         {"id", ColumnType::Uuid},
                                         {"_row", ColumnType::BigInt}};
    ASSERT_TRUE(database.declare_input("input", columns).ok());
    const std::vector<ColumnType> types = {ColumnType::BigInt, ColumnType::Varchar,
                                           ColumnType::Uuid};
    buffer = ChunkBuffer::make(types);
  }
  // n = 0, 1, ...; every tenth text is null.
  Chunk numbers(std::size_t rows) {
    buffer->reset(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      buffer->set(0, i, static_cast<std::int64_t>(i));
      if (i % 10 != 0) {
        buffer->set(1, i, TextRef(buffer->arena().copy("a rather long text " + std::to_string(i))));
      }
      Uuid id;
      id.bytes[15] = static_cast<std::uint8_t>(i);
      buffer->set(2, i, to_hugeint(id));
    }
    Chunk plain = buffer->chunk(rows);
    auto columns = plain.columns();
    columns.push_back({ColumnType::BigInt, nullptr, nullptr});
    return Chunk(rows, std::move(columns), {buffer});
  }
  std::shared_ptr<ChunkBuffer> buffer;
};

TEST_F(InputTest, StatementReadsWhatTheConnectionWasGiven) {
  const auto sum = connection.prepare("SELECT sum(n)::BIGINT, count(t) FROM input");
  ASSERT_TRUE(sum.ok()) << sum.error().message;
  for (const std::size_t rows : {0U, 1U, 63U, 2048U, 2049U, 10'000U}) {
    const Chunk chunk = numbers(rows);
    connection.set_input("input", {&chunk, 1});
    const auto result = *sum->run();
    ASSERT_EQ(result.size(), 1U);
    EXPECT_EQ(result[0].column(1).value<std::int64_t>(0),
              static_cast<std::int64_t>(rows - (rows + 9) / 10));
    if (rows > 0) {
      EXPECT_EQ(result[0].column(0).value<std::int64_t>(0),
                static_cast<std::int64_t>(rows * (rows - 1) / 2));
    }
  }
}

TEST_F(InputTest, CountsRowsWithoutAnyColumn) {
  const Chunk chunk = numbers(5000);
  connection.set_input("input", {&chunk, 1});
  EXPECT_THAT(row("SELECT count(*) FROM input"), ElementsAre(Optional(std::string("5000"))));
}

TEST_F(InputTest, ConnectionsDoNotSeeEachOthersInput) {
  auto other = *database.connect();
  const Chunk chunk = numbers(7);
  connection.set_input("input", {&chunk, 1});
  EXPECT_EQ((*other.query_text("SELECT count(*) FROM input")).rows[0][0], "0");
  EXPECT_THAT(row("SELECT count(*) FROM input"), ElementsAre(Optional(std::string("7"))));
}

TEST_F(InputTest, SelectionGivesOnlyItsRowsAndTheirPlaces) {
  const Chunk chunk = numbers(3000).select({2999, 10, 7});
  connection.set_input("input", {&chunk, 1});
  const auto result = *(*connection.prepare("SELECT n, t, id, _row FROM input")).run();
  ASSERT_EQ(result[0].rows(), 3U);
  EXPECT_EQ(result[0].column(0).value<std::int64_t>(0), 2999);
  EXPECT_TRUE(result[0].column(1).is_null(1));
  EXPECT_EQ(result[0].column(1).text(2), "a rather long text 7");
  EXPECT_EQ(to_uuid(result[0].column(2).value<HugeInt>(2)).bytes[15], 7);
  EXPECT_EQ(result[0].column(3).value<std::int64_t>(0), 2999);
}

TEST_F(InputTest, ResultsOutliveTheNextRun) {
  const auto all = *connection.prepare("SELECT t FROM input WHERE n = 7");
  const Chunk first = numbers(100);
  connection.set_input("input", {&first, 1});
  const auto kept = *all.run();
  const auto again = *all.run();
  EXPECT_EQ(kept[0].column(0).text(0), again[0].column(0).text(0));
}

TEST_F(InputTest, ThrowingExpressionIsAnErrorAndTheConnectionGoesOn) {
  const Chunk chunk = numbers(100);
  connection.set_input("input", {&chunk, 1});
  const auto bad = *connection.prepare("SELECT t::INTEGER FROM input");
  EXPECT_EQ(bad.run().error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(row("SELECT count(*) FROM input"), ElementsAre(Optional(std::string("100"))));
}

TEST_F(InputTest, UnsupportedColumnTypeNamesTheCast) {
  const auto interval = *connection.prepare("SELECT INTERVAL 1 DAY AS gap FROM input");
  EXPECT_THAT(interval.run().error().message, HasSubstr("'gap' has the type INTERVAL"));
}

}  // namespace
}  // namespace tidemill::duck
