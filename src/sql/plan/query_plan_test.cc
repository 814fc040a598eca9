// SPDX-License-Identifier: Apache-2.0
// Golden plans, in the words of EXPLAIN.
#include "sql/plan/query_plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/check.h"
#include "sql/explain/explain.h"
#include "sql/parse/parser.h"
#include "sql/plan/source_plan.h"

namespace tidemill::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class QueryPlan : public testing::Test {
 protected:
  QueryPlan() {
    add(R"(CREATE SOURCE flights (origin TEXT, delay INTEGER, distance DOUBLE, ts TIMESTAMP,
      seen TIMESTAMPTZ METADATA FROM 'timestamp', WATERMARK FOR ts AS ts - INTERVAL '1 minute'))");
    add("CREATE SOURCE plain (id TEXT, amount DOUBLE)");
  }

  void add(const std::string& sql) {
    const auto statements = *parse_statements(sql);
    const auto planned = plan_source(std::get<CreateSource>(statements.at(0).body));
    TM_CHECK(planned.ok(), "{}", planned.error().message);
    relations_[planned->spec.name] = {planned->spec, false, {}};
  }

  Result<PlannedQuery> plan(const std::string& sql) {
    const auto statements = TRY(parse_statements(sql));
    const FindRelation find = [this](const std::string& name) -> Result<Relation> {
      const auto found = relations_.find(name);
      if (found != relations_.end()) return found->second;
      return error(ErrorCode::NotFound, fmt::format("'{}' is no source or view", name));
    };
    return plan_query(std::get<CreateQuery>(statements.at(0).body), statements.at(0).text, find);
  }

  // Without the lines of the source.
  std::string explained(const std::string& sql) {
    const auto planned = plan(sql);
    if (!planned.ok()) return planned.error().message;
    const std::string text = explain_query(planned->spec);
    return text.substr(0, text.rfind('\n', text.find("source ")) + 1);
  }

  std::string sink(const std::string& select) {
    return explained("CREATE SINK s AS " + select + " WITH (connector = 'blackhole')");
  }

  std::string failure(const std::string& select) {
    const auto planned = plan("CREATE SINK s AS " + select + " WITH (connector = 'blackhole')");
    return planned.ok() ? "planned" : planned.error().message;
  }

  std::map<std::string, Relation> relations_;
};

TEST_F(QueryPlan, ReadsInputUnderTheNameOfTheSource) {
  EXPECT_EQ(sink("SELECT flights.origin, delay * 1.5 AS d FROM flights WHERE distance > 100"),
            R"(sink s -> blackhole ()
  columns: origin VARCHAR, d DOUBLE
  trigger: pipelined
  select
    sql: SELECT "origin", CAST("d" AS DOUBLE) AS "d" FROM (SELECT origin, (delay * 1.5) AS d FROM "input" AS flights WHERE (distance > 100))
)");
}

TEST_F(QueryPlan, TurnsDistinctOnIntoAKeyOfTheResult) {
  EXPECT_EQ(
      explained("CREATE SINK s AS SELECT DISTINCT ON (id) * FROM plain WITHIN INTERVAL '24 hours' "
                "WITH (connector = 'cassandra', ttl = '600 s') TRIGGER EVERY '10 seconds'"),
      R"(sink s -> cassandra (ttl = '600 s')
  columns: id VARCHAR, amount DOUBLE
  key: id
  trigger: every 10 seconds
  first row per (id)
    remembered: 1 day
    select
      sql: SELECT * FROM "input" AS plain
)");
  EXPECT_EQ(plan("CREATE SINK s AS SELECT DISTINCT ON (lower(id)) lower(id) AS k FROM plain WITH "
                 "(connector = 'blackhole')")
                ->spec.dedup->key_columns,
            std::vector<std::string>{"k"});
}

TEST_F(QueryPlan, SplitsAGroupByIntoAccumulatorsAndAResult) {
  EXPECT_EQ(sink("SELECT window_start, origin, count(*) AS n, avg(delay) AS mean, max(delay) + 1 "
                 "AS worst, "
                 "sum(distance) FILTER (WHERE delay > 0) AS far FROM tumble(flights, ts, INTERVAL "
                 "'1 hour') "
                 "WHERE origin <> 'X' GROUP BY window_start, origin HAVING count(*) > 1"),
            R"(sink s -> blackhole ()
  columns: window_start TIMESTAMP, origin VARCHAR, n BIGINT, mean DOUBLE, worst INTEGER, far DOUBLE
  key: window_start, origin
  trigger: pipelined
  tumbling window of 1 hour
    emit: on window close
    late rows: dropped
    keys: origin VARCHAR
    merge: acc_1 BIGINT by sum, acc_2 HUGEINT by sum, acc_3 BIGINT by sum, acc_4 INTEGER by max, acc_5 DOUBLE by sum
    result: SELECT CAST(window_start AS TIMESTAMP) AS "window_start", origin AS "origin", acc_1 AS "n", (CAST(acc_2 AS DOUBLE) / CAST(acc_3 AS DOUBLE)) AS "mean", (acc_4 + 1) AS "worst", acc_5 AS "far" FROM closed WHERE (acc_1 > 1)
    select
      sql: SELECT make_timestamp(epoch_us("ts") - ((epoch_us("ts") % 3600000000) + 3600000000) % 3600000000) AS "window_start", origin AS "origin", count(*) AS "acc_1", sum(delay) AS "acc_2", count(delay) AS "acc_3", max(delay) AS "acc_4", sum(distance) FILTER (WHERE (delay > 0)) AS "acc_5" FROM input AS "flights" WHERE (origin != 'X') GROUP BY 1, 2
)");
}

TEST_F(QueryPlan, GroupsByExpressionsAliasesOrdinalsAndAll) {
  for (const char* group : {"1, 2", "window_start, c", "window_start, lower(origin)", "ALL"}) {
    const auto planned =
        plan(fmt::format("CREATE SINK s AS SELECT window_start, lower(f.origin) AS c, count(*) AS "
                         "n FROM tumble(flights, ts, "
                         "INTERVAL 1 MINUTE) AS f GROUP BY {} WITH (connector = 'blackhole')",
                         group));
    ASSERT_TRUE(planned.ok()) << group << ": " << planned.error().message;
    EXPECT_EQ(planned->spec.window->keys, (std::vector<Column>{{"key_1", ColumnType::Varchar}}))
        << group;
    EXPECT_THAT(planned->spec.key, ElementsAre("window_start", "c")) << group;
  }
}

TEST_F(QueryPlan, TakesFlinksSpelling) {
  const auto planned = plan(
      "CREATE SINK s AS SELECT window_end, bool_or(delay > 5) AS late FROM TABLE(TUMBLE(TABLE "
      "flights, "
      "DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end WITH (connector = "
      "'blackhole')");
  ASSERT_TRUE(planned.ok()) << planned.error().message;
  EXPECT_EQ(planned->spec.window->size, std::chrono::seconds(10));
  EXPECT_EQ(planned->spec.output[1].type, ColumnType::Boolean);
}

TEST_F(QueryPlan, KeepsAViewInItsTopicByWindowAndKeys) {
  const auto planned = plan(
      "CREATE MATERIALIZED VIEW v AS SELECT window_start, origin, count(*) AS n FROM "
      "tumble(flights, ts, "
      "INTERVAL '1 minute') GROUP BY ALL EMIT ON UPDATE ON LATE DEAD LETTER");
  ASSERT_TRUE(planned.ok()) << planned.error().message;
  EXPECT_EQ(planned->spec.sink.options.at("topic"), "_tidemill_view_v");
  EXPECT_THAT(planned->spec.key, ElementsAre("window_start", "origin"));
  EXPECT_EQ(planned->spec.window->emit, stream::Emit::OnUpdate);
  EXPECT_EQ(planned->spec.window->on_late, stream::OnLate::DeadLetter);
  relations_["v"] = view_relation(planned->spec);

  const auto sink = plan(
      "CREATE SINK s FROM v WITH (connector = 'kafka', topic = 't') FORMAT UPSERT ENCODE JSON");
  ASSERT_TRUE(sink.ok()) << sink.error().message;
  EXPECT_EQ(sink->reads, "v");
  EXPECT_EQ(sink->spec.source.topic, "_tidemill_view_v");
  EXPECT_THAT(sink->spec.key, ElementsAre("window_start", "origin"));
  EXPECT_EQ(sink->spec.select_sql, "SELECT * FROM \"input\" AS v");
}

TEST_F(QueryPlan, TakesTheRecordsTimestampForNow) {
  const auto planned = plan(
      "CREATE SINK s AS SELECT *, now() - seen AS t, current_date AS d FROM flights WITH "
      "(connector = 'blackhole')");
  ASSERT_FALSE(planned.ok());
  EXPECT_THAT(planned.error().message, HasSubstr("column 't' has type INTERVAL"));
  const auto with_date = plan(
      "CREATE SINK s AS SELECT *, now() AS t, current_date AS d FROM flights WITH (connector = "
      "'blackhole')");
  ASSERT_TRUE(with_date.ok()) << with_date.error().message;
  EXPECT_EQ(with_date->spec.select_sql,
            "SELECT * EXCLUDE (_record_time), _record_time AS t, CAST(_record_time AS DATE) AS d "
            "FROM \"input\" AS "
            "flights");
  EXPECT_TRUE(has_record_time(with_date->spec.source));
}

TEST_F(QueryPlan, GivesAnotherHashToAnotherState) {
  const auto hash = [&](const std::string& select) {
    return plan("CREATE SINK s AS " + select + " WITH (connector = 'blackhole')")->spec.plan_hash;
  };
  EXPECT_EQ(hash("SELECT id FROM plain"), hash("select  id from plain"));
  EXPECT_NE(hash("SELECT id FROM plain"), hash("SELECT DISTINCT ON (id) id FROM plain"));
}

TEST_F(QueryPlan, PlacesDuckDbsErrors) {
  EXPECT_EQ(failure("SELECT idd\nFROM plain"),
            "line 1, column 25: referenced column \"idd\" not found in FROM clause! Candidate "
            "bindings: \"id\"");
  EXPECT_THAT(failure("SELECT id\nFROM plain WHERE\n lenght(id) > 1"),
              HasSubstr("line 3, column 2: scalar Function with name lenght does not exist"));
  EXPECT_THAT(failure("SELECT window_start, delay FROM tumble(flights, ts, INTERVAL '1 minute') "
                      "GROUP BY window_start"),
              HasSubstr("line 1, column 39: column \"delay\" must appear in the GROUP BY clause"));
}

TEST_F(QueryPlan, NamesWhatIsNotBuilt) {
  EXPECT_THAT(failure("SELECT a.id FROM plain a JOIN plain b ON a.id = b.id"),
              HasSubstr("reading from a join is not built"));
  EXPECT_EQ(failure("SELECT id FROM plain ORDER BY id"),
            "line 1, column 18: ORDER BY is not built in a continuous query");
  EXPECT_EQ(
      failure(
          "SELECT 1 FROM hop(flights, ts, INTERVAL '1 minute', INTERVAL '2 minutes') GROUP BY 1"),
      "line 1, column 32: hop() windows are not built; tumble() is");
  EXPECT_EQ(failure("SELECT id, count(*) FROM plain GROUP BY id"),
            "line 1, column 18: GROUP BY without a window is not built");
  EXPECT_EQ(failure("SELECT count(*) FROM plain"),
            "line 1, column 18: GROUP BY without a window is not built");
  EXPECT_EQ(
      failure(
          "SELECT window_start, count(DISTINCT delay) AS n FROM tumble(flights, ts, INTERVAL '1 "
          "minute') GROUP BY window_start"),
      "line 1, column 39: count(DISTINCT ...) over a window is not built");
  EXPECT_THAT(
      failure(
          "SELECT window_start, stddev(delay) AS n FROM tumble(flights, ts, INTERVAL '1 minute') "
          "GROUP BY window_start"),
      HasSubstr("aggregate stddev() over a window is not built"));
  EXPECT_THAT(failure("SELECT id, random() AS r FROM plain"),
              HasSubstr("random() gives another value"));
  EXPECT_THAT(failure("SELECT id, row_number() OVER () AS r FROM plain"),
              HasSubstr("functions with OVER (...) are not built"));
}

TEST_F(QueryPlan, SaysWhatIsWrongWithAWindow) {
  EXPECT_THAT(failure("SELECT window_start FROM tumble(plain, id, INTERVAL '1 minute') GROUP BY 1"),
              HasSubstr("'plain' has no WATERMARK"));
  EXPECT_THAT(
      failure("SELECT window_start FROM tumble(flights, seen, INTERVAL '1 minute') GROUP BY 1"),
      HasSubstr("column of the source's WATERMARK, 'ts', not 'seen'"));
  EXPECT_THAT(
      failure("SELECT origin FROM tumble(flights, ts, INTERVAL '1 minute') GROUP BY origin"),
      HasSubstr("GROUP BY over tumble() must have window_start or window_end"));
  EXPECT_THAT(
      failure("SELECT window_start FROM tumble(flights, ts, INTERVAL '1 month') GROUP BY 1"),
      HasSubstr("the window's size: months and years have no fixed length"));
  EXPECT_THAT(explained("CREATE MATERIALIZED VIEW v AS SELECT window_start, count(*) AS n FROM "
                        "tumble(flights, ts, "
                        "INTERVAL '1 minute') GROUP BY window_start, origin"),
              HasSubstr("'origin' is grouped by and not selected"));
}

TEST_F(QueryPlan, SaysWhatIsWrongWithASink) {
  EXPECT_THAT(explained("CREATE SINK s AS SELECT id FROM plain"),
              HasSubstr("needs the option connector"));
  EXPECT_THAT(failure("SELECT id FROM plan"),
              HasSubstr("line 1, column 33: 'plan' is no source or view"));
  EXPECT_THAT(failure("SELECT id, id FROM plain"), HasSubstr("two columns 'id'"));
  EXPECT_THAT(failure("SELECT id FROM plain WITHIN INTERVAL '1 hour'"),
              HasSubstr("WITHIN belongs to SELECT DISTINCT ON"));
  EXPECT_THAT(failure("SELECT id FROM plain EMIT ON WINDOW CLOSE"),
              HasSubstr("EMIT belongs to a GROUP BY over a window"));
  EXPECT_THAT(failure("SELECT DISTINCT ON (amount) id FROM plain"),
              HasSubstr("must be in the SELECT list"));
  EXPECT_THAT(explained("CREATE SINK s AS SELECT id FROM plain WITH (connector = 'kafka') FORMAT "
                        "UPSERT ENCODE JSON"),
              HasSubstr("FORMAT UPSERT needs a key"));
}

}  // namespace
}  // namespace tidemill::sql
