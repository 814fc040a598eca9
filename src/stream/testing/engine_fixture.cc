// SPDX-License-Identifier: Apache-2.0
#include "stream/testing/engine_fixture.h"

#include <algorithm>

#include "runtime/threads.h"

namespace tidemill::stream::testing {

std::string print_value(const ColumnView& column, std::size_t at) {
  if (column.is_null(at)) return "null";
  switch (column.type) {
    case ColumnType::Boolean:
      return column.value<bool>(at) ? "true" : "false";
    case ColumnType::Integer:
    case ColumnType::Date:
      return fmt::format("{}", column.value<std::int32_t>(at));
    case ColumnType::BigInt:
    case ColumnType::Timestamp:
    case ColumnType::TimestampTz:
      return fmt::format("{}", column.value<std::int64_t>(at));
    case ColumnType::HugeInt:
      return fmt::format("{}", column.value<HugeInt>(at).lower);
    case ColumnType::Double:
      return fmt::format("{}", column.value<double>(at));
    case ColumnType::Uuid:
      return to_string(to_uuid(column.value<HugeInt>(at)));
    case ColumnType::Varchar:
    case ColumnType::Blob:
      return std::string(column.text(at));
  }
  return "";
}

void FakeTableSink::check(const Chunk& rows, std::vector<RefusedRow>& refused) const {
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const auto& column : rows.columns()) {
      if (column.type == ColumnType::Varchar && !column.is_null(rows.at(i)) &&
          column.text(rows.at(i)) == "refuse me") {
        refused.push_back({i, "the table refuses it"});
      }
    }
  }
}

Result<> FakeTableSink::write(const Chunk& rows, std::span<const RowOrigin> origins,
                              broker::TransactionalWriter&) {
  const MutexLock lock(table_.mutex);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::string key;
    std::string text;
    for (std::size_t c = 0; c < rows.columns().size(); ++c) {
      const std::string value = print_value(rows.column(c), rows.at(i));
      if (std::ranges::find(spec_.key, spec_.output[c].name) != spec_.key.end()) {
        key += (key.empty() ? "" : "/") + value;
      }
      text += (c == 0 ? "" : "|") + value;
    }
    ++table_.writes;
    auto& row = table_.rows[key];
    if (!row.text.empty() && row.write_time_us == origins[i].write_time_us && row.text != text) {
      table_.ties.push_back(key);
    }
    if (row.text.empty() || origins[i].write_time_us >= row.write_time_us) {
      row = {origins[i].write_time_us, text};
    }
  }
  return {};
}

EngineTest::EngineTest() {
  static int next = 0;
  folder_ = fmt::format("{}/tidemill_engine_test_{}_{}",
                        std::filesystem::temp_directory_path().string(), ::getpid(), next++);
  options_.state_folder = folder_;
  options_.worker_threads = 2;
  (void)broker_.create_topic({"in", 2, {}});
}

EngineTest::~EngineTest() {
  engine_.reset();
  std::filesystem::remove_all(folder_);
}

void EngineTest::open() {
  engine_.reset();
  const SinkMaker table = [this](const QuerySpec& spec) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<FakeTableSink>(table_, spec));
  };
  metrics_ = std::make_unique<Metrics>();
  engine_ = make_engine(options_, broker_, disk_, {{"table", table}}, clock_, random_, *metrics_);
}

void EngineTest::produce(const std::string& value, std::int32_t partition, std::int64_t ms,
                         const std::string& key) {
  NewRecord record;
  if (!key.empty()) record.key = as_bytes(key);
  record.value = as_bytes(value);
  record.timestamp_ms = ms;
  ASSERT_TRUE(broker_.produce({"in", partition}, {&record, 1}).ok());
}

std::vector<std::string> EngineTest::rows() {
  const MutexLock lock(table_.mutex);
  std::vector<std::string> printed;
  for (const auto& [key, row] : table_.rows) printed.push_back(row.text);
  return printed;
}

std::vector<std::string> EngineTest::letters() {
  std::vector<std::string> printed;
  for (const auto& letter : broker_.committed("dead")) {
    std::map<std::string, std::string> headers;
    for (const auto& header : *decode_headers(as_bytes(letter.headers))) {
      headers[std::string(header.key)] = std::string(as_text(*header.value));
    }
    printed.push_back(
        fmt::format("{}@{}/{}", headers["rules"], headers["partition"], headers["offset"]));
  }
  return printed;
}

void EngineTest::eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return;
    (void)engine_->wait("no such query", std::chrono::milliseconds(0));
    pause_thread(std::chrono::milliseconds(5));  // the deadline is ten seconds
  }
  FAIL() << "it never happened";
}

QuerySpec EngineTest::users() const {
  QuerySpec spec;
  spec.name = "q";
  spec.source.name = "users";
  spec.source.topic = "in";
  spec.source.columns = {
      {{"id", ColumnType::Varchar}, ColumnOrigin::Json, "id", false},
      {{"name", ColumnType::Varchar}, ColumnOrigin::Json, "name", true},
      {{"n", ColumnType::BigInt}, ColumnOrigin::Json, "n", false},
      {{"at", ColumnType::TimestampTz}, ColumnOrigin::Timestamp, "", false},
  };
  spec.source.constraints = {{"id_present", "id IS NOT NULL"},
                             {"n_small", "n < 100"},
                             {"n_positive", "n > 0 AND 10 / n > -1"}};
  spec.source.watermark = Watermark{"at", std::chrono::microseconds(0)};
  spec.source.dead_letter_topic = "dead";
  spec.select_sql = "SELECT id, name, n FROM input";
  spec.output = {
      {"id", ColumnType::Varchar}, {"name", ColumnType::Varchar}, {"n", ColumnType::BigInt}};
  spec.key = {"id"};
  spec.dedup = Dedup{{"id"}, std::chrono::microseconds(0)};
  spec.sink.connector = "table";
  spec.plan_hash = "h1";
  return spec;
}

}  // namespace tidemill::stream::testing
