// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/source_plan.h"

#include <gmock/gmock.h>

#include "sql/explain/explain.h"
#include "sql/parse/parser.h"

namespace tidemill::sql {
namespace {

using testing::HasSubstr;

Result<PlannedSource> plan(const std::string& sql) {
  const auto statements = TRY(parse_statements(sql));
  return plan_source(std::get<CreateSource>(statements.at(0).body));
}

std::string explained(const std::string& sql) {
  const auto planned = plan(sql);
  return planned.ok() ? explain_source(planned->spec) : planned.error().message;
}

std::string failure(const std::string& sql) {
  const auto planned = plan(sql);
  return planned.ok() ? "planned" : planned.error().message;
}

TEST(SourcePlan, ReadsEverythingASourceSays) {
  EXPECT_EQ(explained(R"(CREATE SOURCE users (
  id TEXT COERCE NOT NULL,
  "When" TIMESTAMPTZ FROM 'when',
  seen TIMESTAMPTZ METADATA FROM 'timestamp',
  place BIGINT METADATA FROM 'offset',
  CONSTRAINT short CHECK (length(id) < 10 -- a comment
  ),
  CHECK (seen <= now()),
  WATERMARK FOR seen AS seen - INTERVAL '5' SECOND
) WITH (topic = 'users_created', startup = 'latest', idle_timeout = '3 s', partitions = 3)
  ON ERROR DEAD LETTER TO TOPIC 'bad')"),
            R"(source users (topic 'users_created', from latest)
  columns: id VARCHAR coerced, When TIMESTAMP WITH TIME ZONE from field 'when', seen TIMESTAMP WITH TIME ZONE from timestamp, place BIGINT from offset, _record_time TIMESTAMP WITH TIME ZONE from timestamp
  rule id_present: "id" IS NOT NULL
  rule short: (length(id) < 10)
  rule check_3: (seen <= _record_time)
  watermark: seen - 5 seconds
  bad records: to topic 'bad'
)");
}

TEST(SourcePlan, KeepsTheOptionsOfItsFeeder) {
  const auto planned = plan(
      "CREATE SOURCE u (id TEXT) WITH (connector = 'generator', kind = 'random_user', topic = "
      "'t')");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->spec.connector, "generator");
  EXPECT_EQ(planned->spec.topic, "t");
  EXPECT_EQ(planned->spec.connector_options,
            (std::map<std::string, std::string>{{"kind", "random_user"}}));
  EXPECT_EQ(planned->spec.dead_letter_topic, "t.dlq");
}

TEST(SourcePlan, PlacesErrorsInsideChecks) {
  EXPECT_EQ(failure("CREATE SOURCE u (id TEXT,\n  CHECK (idd IS NOT NULL))"),
            "line 2, column 10: referenced column \"idd\" not found in FROM clause! Candidate "
            "bindings: \"id\"");
  EXPECT_EQ(failure("CREATE SOURCE u (id TEXT, CHECK (id))"),
            "line 1, column 34: CHECK of 'check_1' must be BOOLEAN, it is VARCHAR");
  EXPECT_EQ(failure("CREATE SOURCE u (id INT, CHECK (count(id) > 1))"),
            "line 1, column 33: CHECK of 'check_1' sees one record, it cannot aggregate");
  EXPECT_THAT(failure("CREATE SOURCE u (id INT, CHECK (id < random()))"),
              HasSubstr("column 38: random() gives another value each time"));
  EXPECT_THAT(failure("CREATE SOURCE u (id INT, CHECK (id IN (SELECT 1)))"),
              HasSubstr("subqueries are not built"));
}

TEST(SourcePlan, RefusesWhatDoesNotFit) {
  EXPECT_EQ(failure("CREATE SOURCE u (id TEXT, ID INT)"),
            "line 1, column 27: column 'id' is there twice");
  EXPECT_THAT(failure("CREATE SOURCE u (id DECIMAL(10, 2))"), HasSubstr("type 'DECIMAL(10, 2)'"));
  EXPECT_EQ(failure("CREATE SOURCE u (id INT COERCE)"),
            "line 1, column 18: column 'id': COERCE is for TEXT columns, not for INTEGER");
  EXPECT_EQ(failure("CREATE SOURCE u (o TEXT METADATA FROM 'offset')"),
            "line 1, column 39: column 'o' takes the record's offset, so its type must be BIGINT, "
            "not VARCHAR");
  EXPECT_THAT(failure("CREATE SOURCE u (o TEXT METADATA FROM 'ofset')"),
              HasSubstr("did you mean 'offset'?"));
  EXPECT_EQ(failure("CREATE SOURCE u (id TEXT, WATERMARK FOR ts)"),
            "line 1, column 41: WATERMARK FOR 'ts': no such column");
  EXPECT_THAT(failure("CREATE SOURCE u (t TIMESTAMP, WATERMARK FOR t AS t + INTERVAL '1 s')"),
              HasSubstr("WATERMARK FOR t AS must be t, or t - INTERVAL"));
  EXPECT_EQ(failure("CREATE SOURCE u (id TEXT) WITH (startpu = 'latest')"),
            "line 1, column 33: a source over a topic (connector 'kafka') has no option 'startpu'; "
            "did you mean 'startup'?");
  EXPECT_EQ(
      failure("CREATE SOURCE u (id TEXT) WITH (connector = 'generatr')"),
      "line 1, column 33: connector 'generatr' is unknown, expected kafka, generator, http or "
      "file; did you mean generator?");
  EXPECT_THAT(failure("CREATE SOURCE u (id TEXT, CONSTRAINT json CHECK (true))"),
              HasSubstr("constraint name 'json' is reserved"));
}

}  // namespace
}  // namespace tidemill::sql
