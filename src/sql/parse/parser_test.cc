// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/parser.h"

#include <gmock/gmock.h>

namespace tidemill::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
T parse_one(std::string_view sql) {
  auto statements = parse_statements(sql);
  EXPECT_TRUE(statements.ok()) << statements.error().message;
  if (!statements.ok() || statements->size() != 1) return {};
  return std::get<T>(statements->front().body);
}

std::string message(std::string_view sql) {
  const auto statements = parse_statements(sql);
  return statements.ok() ? "parsed" : statements.error().message;
}

constexpr std::string_view kUsersSource = R"(
CREATE SOURCE IF NOT EXISTS users_created (
  id TEXT COERCE NOT NULL,
  amount DOUBLE PRECISION,
  seen_at TIMESTAMP WITH TIME ZONE METADATA FROM 'timestamp',
  "First Name" TEXT FROM 'first_name',
  CONSTRAINT id_uuid CHECK (regexp_full_match(id, '(a)|b')),
  CHECK (amount > 0),
  WATERMARK FOR seen_at AS seen_at - INTERVAL '5 seconds'
) WITH (connector = 'kafka', topic = 'users', generator.seed = 7, flag = true, wait = INTERVAL '3' SECOND)
  FORMAT PLAIN ENCODE JSON (unknown_fields = 'ignore')
  ON ERROR DEAD LETTER TO TOPIC 'users.dlq')";

TEST(Parser, ReadsColumnsOfASource) {
  const auto source = parse_one<CreateSource>(kUsersSource);
  EXPECT_TRUE(source.if_not_exists);
  EXPECT_EQ(source.name.text, "users_created");
  ASSERT_EQ(source.columns.size(), 4U);
  EXPECT_TRUE(source.columns[0].coerce);
  EXPECT_TRUE(source.columns[0].not_null);
  EXPECT_EQ(source.columns[1].type, "DOUBLE PRECISION");
  EXPECT_EQ(source.columns[2].type, "TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(source.columns[2].metadata->text, "timestamp");
  EXPECT_EQ(source.columns[3].name.text, "First Name");
  EXPECT_EQ(source.columns[3].json_field, "first_name");
}

TEST(Parser, ReadsConstraintsAndWatermarkOfASource) {
  const auto source = parse_one<CreateSource>(kUsersSource);
  ASSERT_EQ(source.constraints.size(), 2U);
  EXPECT_EQ(source.constraints[0].name->text, "id_uuid");
  EXPECT_EQ(source.constraints[0].check.text, "regexp_full_match(id, '(a)|b')");
  EXPECT_FALSE(source.constraints[1].name.has_value());
  EXPECT_EQ(source.watermark->column.text, "seen_at");
  EXPECT_EQ(source.watermark->expression.text, "seen_at - INTERVAL '5 seconds'");
}

TEST(Parser, ReadsOptionsFormatAndErrorActionOfASource) {
  const auto source = parse_one<CreateSource>(kUsersSource);
  EXPECT_EQ(source.options.at("generator.seed").value, "7");
  EXPECT_EQ(source.options.at("flag").value, "true");
  EXPECT_EQ(source.options.at("wait").value, "3 seconds");
  EXPECT_EQ(source.format->encode, "json");
  EXPECT_EQ(source.format->options.at("unknown_fields").value, "ignore");
  EXPECT_EQ(source.on_error, ErrorAction::DeadLetter);
  EXPECT_EQ(source.dead_letter_topic, "users.dlq");
}

TEST(Parser, EndsTheSelectOfASinkAtTheFirstStreamingClause) {
  const auto sink = parse_one<CreateQuery>(
      "CREATE SINK s AS SELECT DISTINCT ON (id) * EXCLUDE (t) FROM u WITHIN INTERVAL '24 hours' "
      "WITH (connector = 'cassandra', ttl = '600 s') TRIGGER EVERY '10 seconds'");
  EXPECT_EQ(sink.select.text, "SELECT DISTINCT ON (id) * EXCLUDE (t) FROM u");
  EXPECT_EQ(sink.within, seconds(86400));
  EXPECT_EQ(sink.options.at("ttl").value, "600 s");
  EXPECT_EQ(sink.trigger->choice, TriggerChoice::Every);
  EXPECT_EQ(sink.trigger->every, milliseconds(10'000));
}

TEST(Parser, ReadsTheClausesOfAView) {
  const auto view = parse_one<CreateQuery>(
      "CREATE MATERIALIZED VIEW v AS SELECT window_start, count(*) AS n FROM tumble(u, t, INTERVAL "
      "'1 minute') GROUP BY window_start EMIT ON WINDOW CLOSE AFTER INTERVAL '2' SECOND CLOSE "
      "AFTER "
      "IDLE 15s ON LATE DEAD LETTER");
  EXPECT_TRUE(view.is_view);
  EXPECT_EQ(view.emit->kind, EmitKind::OnWindowClose);
  EXPECT_EQ(view.emit->close_after, seconds(2));
  EXPECT_EQ(view.emit->close_after_idle, seconds(15));
  EXPECT_EQ(view.late_to_dead_letter, true);
}

TEST(Parser, TakesSynonymsOfEmit) {
  const auto emit = [](std::string clause) {
    return parse_one<CreateQuery>("CREATE MATERIALIZED VIEW v AS SELECT 1 FROM u " + clause)
        .emit->kind;
  };
  EXPECT_EQ(emit("EMIT FINAL"), EmitKind::OnWindowClose);
  EXPECT_EQ(emit("EMIT CHANGES"), EmitKind::OnUpdate);
  EXPECT_EQ(emit("OUTPUT MODE append"), EmitKind::OnWindowClose);
  EXPECT_EQ(emit("OUTPUT MODE update"), EmitKind::OnUpdate);
}

TEST(Parser, BlanksFlinksWordsInPlace) {
  const auto view = parse_one<CreateQuery>(
      "CREATE MATERIALIZED VIEW v AS SELECT 1 FROM TABLE(TUMBLE(TABLE u, DESCRIPTOR(t), INTERVAL "
      "'1' "
      "MINUTE)) GROUP BY 1");
  EXPECT_EQ(view.select.text,
            "SELECT 1 FROM       TUMBLE(      u,            t , INTERVAL '1' MINUTE)  GROUP BY 1");
}

TEST(Parser, TakesAViewAsTheInputOfASink) {
  const auto sink = parse_one<CreateQuery>(
      "CREATE SINK s FROM v WITH (connector = 'kafka') FORMAT UPSERT ENCODE JSON TRIGGER AVAILABLE "
      "NOW");
  EXPECT_EQ(sink.from_view->text, "v");
  EXPECT_EQ(sink.format->format, "upsert");
  EXPECT_EQ(sink.trigger->choice, TriggerChoice::AvailableNow);
}

TEST(Parser, ReadsSeveralStatementsAndKeepsTheirText) {
  const auto statements = *parse_statements(
      "-- first\nSHOW SOURCES; ; DROP MATERIALIZED VIEW IF EXISTS v;\nRUN SINK s TRIGGER AVAILABLE "
      "NOW;"
      "PAUSE s; RESUME MATERIALIZED VIEW v; DESCRIBE u; SHOW CREATE SINK s; EXPLAIN s;"
      "EXPLAIN CREATE SINK s FROM v; SELECT * FROM u LIMIT 3");
  std::vector<std::string> titles;
  for (const Statement& statement : statements) titles.emplace_back(statement.title());
  EXPECT_THAT(titles, ElementsAre("SHOW", "DROP MATERIALIZED VIEW", "RUN SINK", "PAUSE", "RESUME",
                                  "DESCRIBE", "SHOW CREATE", "EXPLAIN", "EXPLAIN", "SELECT"));
  EXPECT_EQ(statements[1].text, "DROP MATERIALIZED VIEW IF EXISTS v");
  EXPECT_EQ(to_string(statements[2].position), "line 3, column 1");
}

TEST(Parser, SaysWhatItFoundWhatItExpectedAndTheNearestKeyword) {
  EXPECT_EQ(
      message("CREATE SOURCE u (id TEXT) FORMTA PLAIN ENCODE JSON"),
      "line 1, column 27: found 'FORMTA', expected WITH, FORMAT, ON ERROR or ';'; did you mean "
      "FORMAT?");
  EXPECT_EQ(message("CREATE SOURCE\n  (id TEXT)"),
            "line 2, column 3: found '(', expected the name of a source");
  EXPECT_EQ(
      message("CRAETE SOURCE u (id TEXT)"),
      "line 1, column 1: found 'CRAETE', expected CREATE, DROP, SHOW, DESCRIBE, EXPLAIN, PAUSE, "
      "RESUME, RUN or SELECT; did you mean CREATE?");
  EXPECT_EQ(message("SHOW SOURCES DROP"), "line 1, column 14: found 'DROP', expected ';'");
  EXPECT_EQ(message("CREATE SINK s AS SELECT (1 FROM u"),
            "line 1, column 34: found the end of the text, expected ')'");
  EXPECT_EQ(message("CREATE SINK s FROM v WITH (a = 1, a = 2)"),
            "line 1, column 35: option 'a' is given twice");
  EXPECT_EQ(
      message("CREATE SINK s FROM v WITH (a = 1) WITH (b = 2)"),
      "line 1, column 35: found 'WITH', expected WITHIN, EMIT, ON LATE, FORMAT, TRIGGER or ';'");
  EXPECT_EQ(message("CREATE SINK s FROM v TRIGGER EVERY '1 month'"),
            "line 1, column 36: '1 month' is not a length of time: 'month' has no fixed length");
}

TEST(Parser, NamesWhatIsKnownAndNotBuilt) {
  EXPECT_EQ(message("ALTER SOURCE u ADD COLUMN x INT"), "line 1, column 1: ALTER is not built");
  EXPECT_EQ(message("CREATE TABLE t (a INT)"), "line 1, column 8: CREATE TABLE is not built");
  EXPECT_EQ(message("CREATE SOURCE u (id INT PRIMARY KEY)"),
            "line 1, column 25: PRIMARY in a source's column is not built");
  EXPECT_EQ(message("CREATE SOURCE u (id INT) FORMAT PLAIN ENCODE AVRO"),
            "line 1, column 46: ENCODE AVRO is not built; use JSON");
  EXPECT_EQ(parse_statements("CREATE OR REPLACE SINK s FROM v").error().code,
            ErrorCode::Unsupported);
}

}  // namespace
}  // namespace tidemill::sql
