// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "broker/testing/memory_broker.h"

namespace tidemill::sql {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Notes what the catalog asks for; runs nothing.
class NotingEngine final : public stream::Engine {
 public:
  std::vector<std::string> calls;
  std::map<std::string, stream::QuerySpec> running;
  std::set<std::string> keepers;  // of bad records
  std::string refused;            // the query whose start fails

  Result<> start(const stream::QuerySpec& spec) override {
    if (spec.name == refused) return error(ErrorCode::Unavailable, "no worker is free");
    calls.push_back("start " + spec.name);
    running[spec.name] = spec;
    if (spec.keeps_letters) keepers.insert(spec.name);
    return {};
  }
  Result<> keep_letters(const std::string& name) override {
    keepers.insert(name);
    return {};
  }
  Result<> leave_letters(const std::string& name) override {
    keepers.erase(name);
    return {};
  }
  Result<> pause(const std::string& name) override { return note("pause", name); }
  Result<> resume(const std::string& name) override { return note("resume", name); }
  Result<> drop(const std::string& name) override {
    running.erase(name);
    keepers.erase(name);
    return note("drop", name);
  }
  std::vector<stream::QueryStatus> list() const override { return {}; }
  Result<stream::QueryStatus> status(const std::string& name) const override {
    const auto found = running.find(name);
    if (found == running.end()) return error(ErrorCode::NotFound, "no query");
    stream::QueryStatus status;
    status.spec = found->second;
    status.state = stream::QueryState::Finished;
    return status;
  }
  Result<std::vector<stream::Progress>> progress(const std::string&, std::size_t) const override {
    return std::vector<stream::Progress>{};
  }
  Result<> wait(const std::string& name, std::chrono::milliseconds) override {
    return note("wait", name);
  }
  void stop() override {}

 private:
  Result<> note(const std::string& what, const std::string& name) {
    calls.push_back(what + " " + name);
    return {};
  }
};

// Lists one table of users and one of the system.
class ListedTables final : public tables::Tables {
 public:
  Result<tables::CqlResult> execute(const tables::CqlRequest&) override {
    return error(ErrorCode::Unsupported, "only lists");
  }
  Result<std::vector<tables::TableInfo>> list_tables() override {
    tables::TableInfo info;
    info.keyspace = "shop";
    info.table = "orders";
    info.columns = {{"id", "uuid", tables::ColumnKind::PartitionKey},
                    {"day", "date", tables::ColumnKind::Clustering},
                    {"amount", "double", tables::ColumnKind::Regular}};
    info.default_time_to_live = 600;
    info.rows_estimate = 7;
    tables::TableInfo system;
    system.keyspace = "system";
    system.table = "local";
    system.system = true;
    return std::vector<tables::TableInfo>{info, system};
  }
  Result<tables::TableInfo> describe_table(const std::string&, const std::string&) override {
    return error(ErrorCode::NotFound, "only lists");
  }
  Result<std::unique_ptr<tables::Writer>> open_writer(const std::string&, const std::string&,
                                                      const std::vector<std::string>&) override {
    return error(ErrorCode::Unsupported, "only lists");
  }
};

constexpr const char* kSource =
    "CREATE SOURCE users (id TEXT, ts TIMESTAMP, WATERMARK FOR ts) WITH (topic = 'users_created');";
constexpr const char* kView =
    "CREATE MATERIALIZED VIEW per_minute AS SELECT window_start, count(*) AS n FROM tumble(users, "
    "ts, "
    "INTERVAL '1 minute') GROUP BY window_start;";
constexpr const char* kSink = "CREATE SINK out FROM per_minute WITH (connector = 'blackhole');";

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() { reopen(); }

  void reopen() {
    engine.calls.clear();
    engine.running.clear();
    engine.keepers.clear();
    FeederHooks hooks;
    hooks.check = [](const stream::SourceSpec& source) -> Result<> {
      if (source.connector_options.contains("bad")) {
        return error(ErrorCode::InvalidArgument, "option 'bad' is unknown");
      }
      return {};
    };
    hooks.start = [this](const stream::SourceSpec& source) -> Result<> {
      engine.calls.push_back("feed " + source.name +
                             (source.folder.empty() ? "" : " in " + source.folder));
      return {};
    };
    hooks.drop = [this](const std::string& source) -> Result<> {
      engine.calls.push_back("stop feeding " + source);
      return {};
    };
    hooks.problem = [](const std::string& source) {
      return source == "gone" ? "file 'a.csv' does not exist" : "";
    };
    catalog = *make_catalog(broker, engine, hooks, with_tables ? &tables : nullptr);
    const auto loaded = catalog->load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }

  std::vector<StatementResult> run(const std::string& sql) {
    auto results = catalog->execute(sql);
    EXPECT_TRUE(results.ok()) << results.error().message;
    return results.ok() ? *results : std::vector<StatementResult>{};
  }
  std::string failure(const std::string& sql) {
    const auto results = catalog->execute(sql);
    return results.ok() ? "done" : results.error().message;
  }
  static std::vector<std::string> told(const Result<std::vector<Change>>& changes) {
    if (!changes.ok()) return {changes.error().message};
    std::vector<std::string> out;
    for (const Change& change : *changes) {
      static constexpr const char* kNames[] = {"create", "replace", "drop", "keep"};
      out.push_back(fmt::format("{} {} {}", kNames[static_cast<int>(change.action)], change.kind,
                                change.name));
    }
    return out;
  }

  broker::testing::MemoryBroker broker;
  NotingEngine engine;
  ListedTables tables;
  bool with_tables = true;
  std::unique_ptr<Catalog> catalog;
};

TEST_F(CatalogTest, MakesTopicsAndStartsQueries) {
  const auto results = run(std::string(kSource) + kView + kSink);
  EXPECT_EQ(results[0].statement, "CREATE SOURCE");
  EXPECT_EQ(results[0].message, "source 'users' created");
  EXPECT_THAT(engine.calls, ElementsAre("start per_minute", "start out"));
  for (const char* topic : {"users_created", "users_created.dlq", "_tidemill_view_per_minute"}) {
    EXPECT_TRUE(broker.describe_topic(topic).ok()) << topic;
  }
  EXPECT_EQ(engine.running["out"].source.topic, "_tidemill_view_per_minute");
}

TEST_F(CatalogTest, FindsEverythingAgainAfterARestart) {
  run(std::string(kSource) + kView + kSink + "PAUSE out");
  reopen();
  EXPECT_THAT(engine.calls, ElementsAre("start per_minute", "start out", "pause out"));
  ASSERT_EQ(catalog->sources().size(), 1U);
  EXPECT_EQ(catalog->source("users")->spec.topic, "users_created");
}

TEST_F(CatalogTest, KeepsEachBadRecordOnceHoweverManyQueriesReadTheSource) {
  run(std::string(kSource) +
      "CREATE SINK b AS SELECT id FROM users WITH (connector = 'blackhole');"
      "CREATE SINK a AS SELECT id FROM users WITH (connector = 'blackhole');"
      "CREATE SINK c AS SELECT id FROM users WITH (connector = 'blackhole');");
  EXPECT_THAT(engine.keepers, ElementsAre("b"));
  reopen();
  EXPECT_THAT(engine.keepers, ElementsAre("b"));
  run("DROP SINK b");
  EXPECT_THAT(engine.keepers, ElementsAre("a"));
  reopen();
  EXPECT_THAT(engine.keepers, ElementsAre("a"));
}

TEST_F(CatalogTest, LetsARunningQueryKeepTheBadRecordsOfAPausedOne) {
  run(std::string(kSource) +
      "CREATE SINK a AS SELECT id FROM users WITH (connector = 'blackhole');"
      "CREATE SINK b AS SELECT id FROM users WITH (connector = 'blackhole') TRIGGER AVAILABLE NOW;"
      "CREATE SINK c AS SELECT id FROM users WITH (connector = 'blackhole');");
  run("PAUSE a");
  EXPECT_THAT(engine.keepers, ElementsAre("c"));
  run("RESUME a");
  EXPECT_THAT(engine.keepers, ElementsAre("c"));
  run("PAUSE a; PAUSE c");
  EXPECT_THAT(engine.keepers, ElementsAre("b"));
  run("PAUSE b");
  EXPECT_THAT(engine.keepers, ElementsAre("b")) << "nobody else could";
  run("RESUME a");
  EXPECT_THAT(engine.keepers, ElementsAre("a"));
  run("PAUSE a");
  reopen();
  EXPECT_THAT(engine.keepers, ElementsAre("a"));
  run("CREATE SINK d AS SELECT id FROM users WITH (connector = 'blackhole')");
  EXPECT_THAT(engine.keepers, ElementsAre("d"));
}

TEST_F(CatalogTest, ForgetsWhatWasDropped) {
  run(std::string(kSource) + kView + "DROP MATERIALIZED VIEW per_minute; DROP SOURCE users");
  EXPECT_FALSE(broker.describe_topic("_tidemill_view_per_minute").ok());
  EXPECT_TRUE(broker.describe_topic("users_created").ok());
  reopen();
  EXPECT_THAT(engine.calls, IsEmpty());
  EXPECT_THAT(catalog->sources(), IsEmpty());
}

TEST_F(CatalogTest, RefusesToDropWhatIsReadAndNamesTheReaders) {
  run(std::string(kSource) + kView + kSink);
  EXPECT_EQ(failure("DROP SOURCE users"), "line 1, column 1: source 'users' is read by per_minute");
  EXPECT_EQ(failure("DROP MATERIALIZED VIEW per_minute"),
            "line 1, column 1: materialized view 'per_minute' is read by out");
  EXPECT_EQ(failure("DROP SINK users"), "line 1, column 11: 'users' is a source, not a sink");
  EXPECT_EQ(failure("DROP SINK ouf"), "line 1, column 1: 'ouf' is no sink; did you mean 'out'?");
  EXPECT_EQ(run("DROP SINK IF EXISTS nothing")[0].message, "sink 'nothing' does not exist");
}

TEST_F(CatalogTest, StopsAtTheFirstErrorAndKeepsWhatWasDoneBefore) {
  EXPECT_EQ(
      failure(std::string(kSource) + "\nCREATE SINK s AS SELECT idd FROM users WITH (connector = "
                                     "'blackhole'); SHOW SOURCES"),
      "line 2, column 25: referenced column \"idd\" not found in FROM clause! Candidate bindings: "
      "\"id\"");
  EXPECT_EQ(catalog->sources().size(), 1U);
}

TEST_F(CatalogTest, KeepsNothingOfAQueryThatDoesNotStart) {
  engine.refused = "s";
  run(kSource);
  EXPECT_THAT(failure("CREATE SINK s AS SELECT id FROM users WITH (connector = 'blackhole')"),
              HasSubstr("no worker is free"));
  reopen();
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST_F(CatalogTest, CreatesOnlyWhatIsNotThere) {
  run(kSource);
  EXPECT_EQ(failure(kSource), "line 1, column 1: source 'users' exists");
  EXPECT_EQ(run("CREATE SOURCE IF NOT EXISTS users (x INT)")[0].message, "source 'users' exists");
}

TEST_F(CatalogTest, StartsAndStopsFeeders) {
  run("CREATE SOURCE g (id TEXT) WITH (connector = 'generator', kind = 'random_user')");
  run("DROP SOURCE g");
  EXPECT_THAT(engine.calls, ElementsAre("feed g", "stop feeding g"));
  EXPECT_THAT(failure("CREATE SOURCE g (id TEXT) WITH (connector = 'generator', bad = 1)"),
              HasSubstr("option 'bad' is unknown (source 'g')"));
}

TEST_F(CatalogTest, ShowsAndDescribes) {
  run(std::string(kSource) + kView);
  const auto results =
      run("SHOW SOURCES; SHOW QUERIES; SHOW SINKS; DESCRIBE users; DESCRIBE per_minute; SHOW "
          "CREATE SOURCE "
          "users; EXPLAIN per_minute; EXPLAIN CREATE SINK s FROM per_minute WITH (connector = "
          "'kafka')");
  EXPECT_EQ(results[0].rows[0][1], "users_created");
  EXPECT_EQ(results[1].rows[0][1], "materialized view");
  EXPECT_THAT(results[2].rows, IsEmpty());
  EXPECT_EQ(results[3].rows[1][1], "TIMESTAMP");
  EXPECT_EQ(results[4].rows[1][0], "n");
  EXPECT_THAT(*results[5].rows[0][1], HasSubstr("CREATE SOURCE users (id TEXT"));
  EXPECT_THAT(*results[6].rows[0][0], HasSubstr("materialized view per_minute -> kafka"));
  EXPECT_THAT(*results[7].rows[0][0], HasSubstr("sink s -> kafka"));
}

TEST_F(CatalogTest, ShowsTheTablesAndWhoWritesThem) {
  run(std::string(kSource) +
      "CREATE SINK s AS SELECT id FROM users WITH (connector = 'cassandra', keyspace = 'shop', "
      "table = 'orders')");
  const auto rows = run("SHOW TABLES")[0].rows;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0], ElementsAre("shop", "orders", "id, day", "3", "7", "600", "s"));
  with_tables = false;
  reopen();
  EXPECT_THAT(failure("SHOW TABLES"), HasSubstr("the tables are not started in this process"));
}

TEST_F(CatalogTest, RunsASinkUntilItHasCaughtUp) {
  run(std::string(kSource) +
      "CREATE SINK s AS SELECT id FROM users WITH (connector = 'blackhole') TRIGGER AVAILABLE NOW");
  engine.calls.clear();
  EXPECT_THAT(run("RUN SINK s TRIGGER AVAILABLE NOW")[0].message,
              HasSubstr("sink 's' has caught up"));
  EXPECT_THAT(engine.calls, ElementsAre("resume s", "wait s"));
}

TEST_F(CatalogTest, PlansFilesInWhateverOrderTheyDependOnEachOther) {
  const Pipeline files{{{"b.sql", kSource}, {"a.sql", std::string(kSink) + kView}}, ""};
  EXPECT_THAT(
      told(catalog->plan(files)),
      ElementsAre("create source users", "create materialized view per_minute", "create sink out"));
  EXPECT_THAT(catalog->sources(), IsEmpty());
  EXPECT_TRUE(catalog->apply(files).ok());
  EXPECT_THAT(engine.calls, ElementsAre("start per_minute", "start out"));
}

TEST_F(CatalogTest, KeepsWhatOnlyLooksDifferent) {
  ASSERT_TRUE(catalog->apply({{{"a.sql", kSource}}, ""}).ok());
  EXPECT_THAT(
      told(catalog->plan({{{"a.sql",
                            "-- users\ncreate source if not exists USERS (id text,\n ts timestamp, "
                            "watermark for ts) with (topic = 'users_created')"}},
                          ""})),
      ElementsAre("keep source users"));
}

TEST_F(CatalogTest, ReplacesWhatReadsAReplacedSource) {
  ASSERT_TRUE(
      catalog->apply({{{"a.sql", kSource}, {"b.sql", std::string(kView) + kSink}}, ""}).ok());
  engine.calls.clear();
  const std::string wider =
      "CREATE SOURCE users (id TEXT, ts TIMESTAMP, more INT, WATERMARK FOR ts) WITH (topic = "
      "'users_created');";
  const Pipeline files{{{"a.sql", wider}, {"b.sql", kView}}, ""};
  EXPECT_THAT(told(catalog->plan(files)), ElementsAre("drop sink out", "replace source users",
                                                      "replace materialized view per_minute"));
  ASSERT_TRUE(catalog->apply(files).ok());
  EXPECT_THAT(engine.calls, ElementsAre("drop out", "drop per_minute", "start per_minute"));
  EXPECT_THAT(told(catalog->plan(files)),
              ElementsAre("keep source users", "keep materialized view per_minute"));
}

TEST_F(CatalogTest, LeavesWhatAStatementMadeWhenFilesAreApplied) {
  run(std::string(kSource));
  EXPECT_THAT(told(catalog->apply({})), IsEmpty());
  EXPECT_EQ(catalog->sources().size(), 1U);
}

TEST_F(CatalogTest, FindsFilesOfAProjectInItsFolderAlsoAfterARestartAndAMove) {
  Pipeline pipeline{{{"a.sql", "CREATE SOURCE g (id TEXT) WITH (connector = 'file', path = 'x')"}},
                    "/projects/a"};
  ASSERT_TRUE(catalog->apply(pipeline).ok());
  EXPECT_THAT(engine.calls, ElementsAre("feed g in /projects/a"));
  reopen();
  EXPECT_THAT(engine.calls, ElementsAre("feed g in /projects/a"));
  EXPECT_THAT(told(catalog->apply(pipeline)), ElementsAre("keep source g"));
  EXPECT_THAT(engine.calls, ElementsAre("feed g in /projects/a"));
  pipeline.folder = "/projects/b";
  EXPECT_THAT(told(catalog->apply(pipeline)), ElementsAre("keep source g"));
  EXPECT_THAT(engine.calls, ElementsAre("feed g in /projects/a", "feed g in /projects/b"));
  reopen();
  EXPECT_THAT(engine.calls, ElementsAre("feed g in /projects/b"));
}

TEST_F(CatalogTest, TellsWhatKeepsASourceFromBeingFed) {
  run("CREATE SOURCE gone (id TEXT) WITH (connector = 'file', path = 'a.csv')");
  run("CREATE SOURCE there (id TEXT) WITH (connector = 'file', path = 'b.csv')");
  const auto rows = run("SHOW SOURCES")[0].rows;
  EXPECT_EQ(rows[0][4], "file 'a.csv' does not exist");
  EXPECT_EQ(rows[1][4], std::nullopt);
}

TEST_F(CatalogTest, NamesTheFileOfAnError) {
  EXPECT_THAT(told(catalog->plan({{{"sql/10.sql", "CREATE SORCE x (a INT)"}}, ""}))[0],
              AllOf(HasSubstr("line 1, column 8: found 'SORCE'"), HasSubstr("(sql/10.sql)")));
  EXPECT_THAT(told(catalog->plan({{{"sql/10.sql", "SHOW SOURCES"}}, ""}))[0],
              HasSubstr("it may hold CREATE statements only"));
  EXPECT_THAT(told(catalog->plan({{{"1.sql", kSource}, {"2.sql", kSource}}, ""}))[0],
              HasSubstr("'users' is defined twice, first in 1.sql"));
  EXPECT_THAT(
      told(catalog->plan(
          {{{"1.sql", "CREATE SINK s FROM nothing WITH (connector = 'blackhole')"}}, ""}))[0],
      HasSubstr("line 1, column 20: 'nothing' is no source or view (1.sql)"));
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The blocks marked sql.
std::string sql_of_document(const std::string& path) {
  const std::string text = file_text(path);
  constexpr std::string_view kBegin = "\n```sql\n";
  std::string sql;
  for (std::size_t at = text.find(kBegin); at != std::string::npos;
       at = text.find(kBegin, at + 1)) {
    const std::size_t from = at + kBegin.size();
    sql += text.substr(from, text.find("\n```\n", from) - from) + "\n";
  }
  return sql;
}

TEST_F(CatalogTest, RunsTheStatementsOfTheReference) {
  const std::string sql = sql_of_document(TIDEMILL_SOURCE_DIR "/docs/user/sql.md");
  EXPECT_GT(run(sql).size(), 15U);
  EXPECT_EQ(run(sql_of_document(TIDEMILL_SOURCE_DIR "/docs/user/sources.md")).size(), 3U);
}

TEST_F(CatalogTest, PlansTheExamples) {
  for (const char* example : {"users", "flights"}) {
    Pipeline files;
    const std::string folder = fmt::format("{}/examples/{}/sql", TIDEMILL_SOURCE_DIR, example);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.files.push_back({entry.path().filename().string(), file_text(entry.path().string())});
    }
    const auto planned = catalog->plan(files);
    ASSERT_TRUE(planned.ok()) << example << ": " << planned.error().message;
    EXPECT_GE(planned->size(), 4U) << example;
  }
}

}  // namespace
}  // namespace tidemill::sql
