// SPDX-License-Identifier: Apache-2.0
#include "sql/select/ad_hoc.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "broker/testing/memory_broker.h"
#include "runtime/threads.h"
#include "sql/parse/parser.h"
#include "sql/plan/relation.h"

namespace tidemill::sql {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AdHocTest : public testing::Test {
 protected:
  AdHocTest() {
    std::vector<NamedStatement> statements;
    for (auto& statement : *parse_statements(
             "CREATE SOURCE users (id TEXT, n BIGINT, ts TIMESTAMPTZ METADATA FROM 'timestamp', "
             "CONSTRAINT n_small CHECK (n < 100), WATERMARK FOR ts) WITH (topic = 'users');"
             "CREATE MATERIALIZED VIEW per_minute AS SELECT window_start, id, count(*) AS many "
             "FROM tumble(users, ts, INTERVAL '1 minute') GROUP BY window_start, id EMIT ON UPDATE;"
             "CREATE SINK out AS SELECT id FROM users WITH (connector = 'blackhole');")) {
      statements.push_back({std::move(statement), ""});
    }
    const auto planned = plan_all(definitions_, std::move(statements));
    EXPECT_TRUE(planned.ok()) << planned.error().message;
    EXPECT_TRUE(broker_.create_topic({"users", 2, {}}).ok());
    EXPECT_TRUE(broker_.create_topic({view_topic("per_minute"), 1, {}}).ok());
  }

  void produce(const std::string& topic, const std::string& value, std::int32_t partition = 0) {
    NewRecord record;
    record.value = as_bytes(value);
    record.timestamp_ms = 1000;
    ASSERT_TRUE(broker_.produce({topic, partition}, {&record, 1}).ok());
  }
  void produce_users() {
    produce("users", R"({"id": "a", "n": 1})");
    produce("users", R"({"id": "b", "n": 2})", 1);
    produce("users", R"({"id": "c", "n": 500})");
    produce("users", "{torn", 1);
    produce("users", R"({"id": "a", "n": 3})");
  }

  Result<StatementResult> answer(const std::string& sql) {
    const auto statements = parse_statements(sql);
    if (!statements.ok()) return statements.error();
    return select_once(std::get<Select>(statements->front().body), definitions_, broker_, gate_,
                       limits_);
  }
  // "a|1" per row.
  std::vector<std::string> rows(const std::string& sql) {
    const auto result = answer(sql);
    if (!result.ok()) return {result.error().message};
    std::vector<std::string> out;
    for (const auto& row : result->rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("NULL");
      out.push_back(line);
    }
    return out;
  }

  broker::testing::MemoryBroker broker_;
  Definitions definitions_;
  AdHocGate gate_;
  AdHocLimits limits_;
};

TEST_F(AdHocTest, AnswersOverTheRecordsOfASourceThatKeepItsRules) {
  produce_users();
  EXPECT_THAT(rows("SELECT id, n FROM users ORDER BY n DESC"), ElementsAre("a|3", "b|2", "a|1"));
  EXPECT_THAT(rows("SELECT id, count(DISTINCT n) AS m, stddev_pop(n) FROM users GROUP BY id "
                   "HAVING m > 1"),
              ElementsAre("a|2|1.0"));
  EXPECT_THAT(rows("SELECT ts FROM users LIMIT 1"), ElementsAre("1970-01-01 00:00:01+00"));
  const auto result = answer("SELECT id, n AS number FROM users WHERE n = 77");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->columns[1].first, "number");
  EXPECT_EQ(result->columns[1].second, "BIGINT");
  EXPECT_THAT(result->rows, IsEmpty());
}

TEST_F(AdHocTest, GivesTheNewestRowOfEachKeyOfAView) {
  const auto put = [this](int minute, const char* id, int many) {
    produce(view_topic("per_minute"),
            fmt::format(R"({{"window_start": "2026-01-01T00:{:02}:00", "id": "{}", "many": {}}})",
                        minute, id, many));
  };
  put(0, "a", 1);
  put(0, "a", 2);
  put(0, "b", 7);
  put(1, "a", 5);
  EXPECT_THAT(rows("SELECT minute(window_start), id, many FROM per_minute ORDER BY ALL"),
              ElementsAre("0|a|2", "0|b|7", "1|a|5"));
  EXPECT_THAT(rows("SELECT * FROM per_minute WHERE many = 7"),
              ElementsAre("2026-01-01 00:00:00+00|b|7"));
}

TEST_F(AdHocTest, JoinsAndNestsAsDuckDbDoes) {
  produce_users();
  EXPECT_THAT(rows("SELECT x.id, y.n FROM users AS x JOIN users y ON x.n + 1 = y.n ORDER BY y.n"),
              ElementsAre("a|2", "b|3"));
  EXPECT_THAT(rows("SELECT sum(n) FROM (WITH big AS (SELECT n FROM users WHERE n > 1) "
                   "SELECT n FROM big)"),
              ElementsAre("5"));
  EXPECT_THAT(rows("SELECT 1 + 1"), ElementsAre("2"));
}

TEST_F(AdHocTest, SaysWhereAndWhatIsWrong) {
  EXPECT_THAT(rows("SELECT * FROM user")[0], HasSubstr("did you mean 'users'?"));
  EXPECT_THAT(rows("SELECT * FROM out")[0], HasSubstr("'out' is a sink"));
  EXPECT_THAT(rows("SELECT nothing FROM users")[0],
              AllOf(HasSubstr("line 1, column 8"), HasSubstr("\"nothing\" not found")));
  EXPECT_THAT(rows("SELECT * FROM users WHERE GROUP")[0], HasSubstr("syntax error"));
  EXPECT_FALSE(answer("SELECT * FROM read_csv('/etc/passwd')").ok());
}

TEST_F(AdHocTest, StaysWithinItsLimits) {
  produce_users();
  limits_.records = 4;
  EXPECT_THAT(rows("SELECT 1 FROM users")[0],
              HasSubstr("topic 'users' has 5 records, a SELECT that stands for itself reads at "
                        "most 4 of one"));
  limits_.records = 1'000'000;
  limits_.rows = 2;
  EXPECT_THAT(rows("SELECT n FROM users"), ElementsAre("the SELECT gives more than 2 rows"));
  limits_.bytes = 10;
  EXPECT_THAT(rows("SELECT n FROM users")[0], HasSubstr("which is what one that stands"));
}

TEST_F(AdHocTest, CountsTheBytesOfAllThatOneSelectReads) {
  produce_users();
  produce(view_topic("per_minute"),
          R"({"window_start": "2026-01-01T00:00:00", "id": "a", "many": 1})");
  limits_.bytes = 120;  // enough for each, not for both
  EXPECT_THAT(rows("SELECT count(*) FROM users"), ElementsAre("3"));
  EXPECT_THAT(rows("SELECT count(*) FROM per_minute"), ElementsAre("1"));
  EXPECT_THAT(rows("SELECT count(*) FROM users, per_minute")[0],
              HasSubstr("the SELECT reads more than 0 MiB"));
}

TEST_F(AdHocTest, RunsOneAtATimeAndRefusesWhoseTurnDoesNotCome) {
  const SystemClock clock;
  ASSERT_TRUE(gate_.enter(clock.monotonic(), clock).ok());
  limits_.time = std::chrono::seconds(0);
  const auto refused = answer("SELECT 1");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::Exhausted);
  limits_.time = std::chrono::seconds(30);
  Thread first("first", [this](const std::stop_token&) { gate_.leave(); });
  EXPECT_THAT(rows("SELECT 1"), ElementsAre("1"));
  EXPECT_THAT(rows("SELECT * FROM nowhere"), testing::SizeIs(1)) << "a failure leaves, too";
  EXPECT_THAT(rows("SELECT 2"), ElementsAre("2"));
}

TEST_F(AdHocTest, ReadsNoFurtherThanItsTime) {
  produce_users();
  limits_.time = std::chrono::seconds(0);
  EXPECT_THAT(rows("SELECT n FROM users"), ElementsAre("the SELECT took more than 0 s"));
}

TEST_F(AdHocTest, EndsWhenItsTimeIsUp) {
  limits_.time = std::chrono::seconds(0);
  EXPECT_THAT(rows("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"),
              ElementsAre("the SELECT took more than 0 s"));
}

}  // namespace
}  // namespace tidemill::sql
