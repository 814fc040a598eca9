// SPDX-License-Identifier: Apache-2.0
// Runs the files of this folder; README.md has their form.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "broker/testing/memory_broker.h"
#include "duck/database.h"
#include "sql/catalog.h"
#include "stream/engine.h"
#include "stream/sink.h"

namespace tidemill {
namespace {

using Rows = std::vector<std::string>;

struct Section {
  std::string word;
  std::string name;
  std::vector<std::string> lines;
  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
};

std::vector<Section> read_sections(const std::string& path) {
  static const std::vector<std::string> kWords{"sql",     "records", "rows",
                                               "letters", "batch",   "error"};
  std::vector<Section> sections;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    std::string name;
    std::string more;
    words >> word >> name >> more;
    const bool begins =
        std::ranges::find(kWords, word) != kWords.end() && more.empty() && line.starts_with(word);
    if (begins) {
      sections.push_back({word, name, {}});
    } else if (!sections.empty() && !line.empty() && !line.starts_with("# ")) {
      sections.back().lines.push_back(line);
    }
  }
  return sections;
}

// Rows of one sink, as DuckDB prints values; it outlives engines.
struct Collected {
  Mutex mutex;
  std::map<std::string, std::string> by_key;  // a counter stands in for a key that is missing
  std::vector<std::string> columns;
};

// Values as DuckDB prints them, by asking it.
class Printer {
 public:
  explicit Printer(const std::vector<Column>& columns) {
    EXPECT_TRUE(database_.declare_input("printed", columns).ok());
  }
  std::vector<std::vector<std::string>> print(const Chunk& chunk) {
    auto connection = *database_.connect();
    connection.set_input("printed", {&chunk, 1});
    const auto table = connection.query_text("SELECT * FROM printed");
    EXPECT_TRUE(table.ok()) << table.error().message;
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : table->rows) {
      auto& values = rows.emplace_back();
      for (const auto& value : row) values.push_back(value.value_or("NULL"));
    }
    return rows;
  }

 private:
  duck::Database database_ = *duck::Database::open();
};

std::string joined(const std::vector<std::string>& values) {
  return fmt::format("{}", fmt::join(values, "|"));
}

class CollectingSink final : public stream::Sink {
 public:
  CollectingSink(Collected& into, const stream::QuerySpec& spec)
      : into_(into), key_(spec.key), output_(spec.output), printer_(spec.output) {}

  stream::Delivery delivery() const override { return stream::Delivery::IdempotentUpsert; }
  std::vector<std::string> key_columns() const override { return key_; }
  Result<> write(const Chunk& rows, std::span<const stream::RowOrigin>,
                 broker::TransactionalWriter&) override {
    for (const auto& values : printer_.print(rows)) {
      const MutexLock lock(into_.mutex);
      std::string key = fmt::format("#{}", into_.by_key.size());
      if (!key_.empty()) key.clear();
      for (std::size_t i = 0; i < output_.size(); ++i) {
        const bool is_key = std::ranges::find(key_, output_[i].name) != key_.end();
        if (is_key) key += values[i] + "|";
      }
      into_.by_key[key] = joined(values);
    }
    return {};
  }
  Result<> flush() override { return {}; }
  std::string description() const override { return "collect"; }

 private:
  Collected& into_;
  std::vector<std::string> key_;
  std::vector<Column> output_;
  Printer printer_;
};

struct Variant {
  std::string path;
  int partitions = 1;
  bool restart = false;
};

class GoldenSql : public testing::TestWithParam<Variant> {
 protected:
  GoldenSql() {
    std::string pattern = testing::TempDir() + "tidemill_golden_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~GoldenSql() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    close();
    const stream::SinkMaker collect =
        [this](const stream::QuerySpec& spec) -> Result<std::unique_ptr<stream::Sink>> {
      return std::unique_ptr<stream::Sink>(
          std::make_unique<CollectingSink>(collected_[spec.name], spec));
    };
    const stream::SinkMaker topic = [](const stream::QuerySpec& spec) {
      return make_topic_sink(spec);
    };
    stream::EngineOptions options;
    options.state_folder = folder_;
    metrics_ = std::make_unique<Metrics>();
    engine_ = stream::make_engine(options, broker_, disk_, {{"collect", collect}, {"kafka", topic}},
                                  clock_, random_, *metrics_);
    catalog_ = *sql::make_catalog(broker_, *engine_, {});
    const auto loaded = catalog_->load();
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }
  void close() {
    catalog_.reset();
    engine_.reset();
  }

  // A view's topic: one JSON object per row.
  class TopicSink final : public stream::Sink {
   public:
    explicit TopicSink(const stream::QuerySpec& spec)
        : topic_(spec.sink.options.at("topic")),
          key_(spec.key),
          output_(spec.output),
          printer_(spec.output) {}
    stream::Delivery delivery() const override { return stream::Delivery::Transactional; }
    std::vector<std::string> key_columns() const override { return key_; }
    Result<> write(const Chunk& rows, std::span<const stream::RowOrigin>,
                   broker::TransactionalWriter& transaction) override {
      for (const auto& values : printer_.print(rows)) {
        nlohmann::json json;
        for (std::size_t i = 0; i < output_.size(); ++i) {
          const bool plain =
              output_[i].type == ColumnType::BigInt || output_[i].type == ColumnType::Integer ||
              output_[i].type == ColumnType::Boolean || output_[i].type == ColumnType::Double ||
              output_[i].type == ColumnType::HugeInt;
          json[output_[i].name] = values[i] == "NULL" ? nlohmann::json()
                                  : plain             ? nlohmann::json::parse(values[i])
                                                      : nlohmann::json(values[i]);
        }
        const std::string text = json.dump();
        NewRecord record;
        record.value = as_bytes(text);
        TRY(transaction.write({topic_, 0}, {&record, 1}));
      }
      return {};
    }
    Result<> flush() override { return {}; }
    std::string description() const override { return topic_; }

   private:
    std::string topic_;
    std::vector<std::string> key_;
    std::vector<Column> output_;
    Printer printer_;
  };
  static Result<std::unique_ptr<stream::Sink>> make_topic_sink(const stream::QuerySpec& spec) {
    return std::unique_ptr<stream::Sink>(std::make_unique<TopicSink>(spec));
  }

  // Equal lines go to one partition, so that the order of a key stays the log's.
  void produce(const std::string& topic, std::span<const std::string> lines) {
    for (const std::string& line : lines) {
      std::string_view text = line;
      NewRecord record;
      if (text.starts_with('@')) {
        const std::size_t space = text.find(' ');
        record.timestamp_ms = std::stoll(std::string(text.substr(1, space - 1)));
        text.remove_prefix(space + 1);
      }
      record.value = as_bytes(text);
      std::size_t sum = 0;
      for (const char c : text) sum += static_cast<unsigned char>(c);
      // The records that close windows must be seen by every partition.
      const auto partitions = static_cast<std::size_t>(GetParam().partitions);
      auto to = static_cast<std::int32_t>(sum % partitions);
      if (text.find("\"close\"") != std::string_view::npos) {
        to = static_cast<std::int32_t>(closers_++ % partitions);
      }
      const auto produced = broker_.produce({topic, to}, {&record, 1});
      ASSERT_TRUE(produced.ok()) << produced.error().message;
    }
  }

  void wait_for_all() {
    // Twice: what a view wrote is read by the queries over it.
    for (int round = 0; round < 2; ++round) {
      for (const auto& status : engine_->list()) {
        const auto waited = engine_->wait(status.spec.name, std::chrono::seconds(30));
        ASSERT_TRUE(waited.ok()) << status.spec.name << ": " << waited.error().message;
      }
    }
  }

  Rows rows_of(const std::string& sink) {
    Rows rows;
    Collected& collected = collected_[sink];
    const MutexLock lock(collected.mutex);
    for (const auto& [key, row] : collected.by_key) rows.push_back(row);
    std::ranges::sort(rows);
    return rows;
  }

  Rows letters_of(const std::string& topic) {
    Rows letters;
    for (const auto& record : broker_.records(topic)) {
      std::string rules;
      const auto headers = decode_headers(record.headers);
      for (const auto& header : *headers) {
        if (header.key == "rules" && header.value) rules = as_text(*header.value);
      }
      letters.push_back(rules + ": " + record.value.value_or("NULL"));
    }
    std::ranges::sort(letters);
    return letters;
  }

  // DuckDB's own answer over all of the records at once.
  Rows batch_rows(const std::string& query, const std::vector<Section>& sections) {
    const auto database = *duck::Database::open();
    const auto connection = *database.connect();
    for (const auto& info : catalog_->sources()) {
      std::string columns;
      for (const auto& column : info.spec.columns) {
        if (column.origin != stream::ColumnOrigin::Json) continue;
        columns += fmt::format("{}CAST(json_extract_string(j, '$.\"{}\"') AS {}) AS \"{}\"",
                               columns.empty() ? "" : ", ", column.json_field,
                               name_of(column.column.type), column.column.name);
      }
      std::string values;
      for (const Section& section : sections) {
        if (section.word != "records" || section.name != info.spec.topic) continue;
        for (const std::string& line : section.lines) {
          values += fmt::format("{}({})", values.empty() ? "" : ", ", duck::quote_literal(line));
        }
      }
      const auto made = connection.execute(
          fmt::format("CREATE TABLE \"{}\" AS SELECT {} FROM (VALUES {}) AS v(j)", info.spec.name,
                      columns, values));
      EXPECT_TRUE(made.ok()) << made.error().message;
    }
    const auto table = connection.query_text(query);
    EXPECT_TRUE(table.ok()) << table.error().message;
    Rows rows;
    if (!table.ok()) return rows;
    for (const auto& row : table->rows) {
      std::vector<std::string> values;
      for (const auto& value : row) values.push_back(value.value_or("NULL"));
      rows.push_back(joined(values));
    }
    std::ranges::sort(rows);
    return rows;
  }

  // Doubles print as "1.0" in DuckDB; the files say "1".
  static Rows shortened(Rows rows) {
    for (std::string& row : rows) {
      for (std::size_t at = row.find(".0"); at != std::string::npos; at = row.find(".0", at + 1)) {
        if (at + 2 == row.size() || row[at + 2] == '|') row.erase(at, 2);
      }
    }
    std::ranges::sort(rows);
    return rows;
  }

  std::string folder_;
  broker::testing::MemoryBroker broker_;
  RealDisk disk_;
  SystemClock clock_;
  SeededRandom random_{1};
  std::map<std::string, Collected> collected_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<stream::Engine> engine_;
  std::unique_ptr<sql::Catalog> catalog_;
  std::size_t closers_ = 0;
};

TEST_P(GoldenSql, GivesTheExpectedRows) {
  const auto sections = read_sections(GetParam().path);
  ASSERT_FALSE(sections.empty());
  for (const Section& section : sections) {
    if (section.word != "records") continue;
    broker::NewTopic topic;
    topic.name = section.name;
    topic.partitions = GetParam().partitions;
    ASSERT_TRUE(broker_.create_topic(topic).ok());
  }
  open();
  std::string failure;
  for (const Section& section : sections) {
    if (section.word != "sql") continue;
    const auto done = catalog_->execute(section.text());
    if (!done.ok()) failure = done.error().message;
  }
  for (const Section& section : sections) {
    if (section.word == "error") EXPECT_EQ(failure + "\n", section.text());
  }
  const bool fails_on_purpose =
      std::ranges::any_of(sections, [](const Section& s) { return s.word == "error"; });
  if (fails_on_purpose) return;
  ASSERT_EQ(failure, "");

  for (const Section& section : sections) {
    if (section.word != "records") continue;
    const std::span<const std::string> lines(section.lines);
    if (GetParam().restart) {
      const std::size_t half = lines.size() / 2;
      produce(section.name, lines.first(half));
      wait_for_all();
      open();
      produce(section.name, lines.subspan(half));
    } else {
      produce(section.name, lines);
    }
  }
  wait_for_all();
  for (const Section& section : sections) {
    Rows wanted = section.lines;
    std::ranges::sort(wanted);
    if (section.word == "rows") EXPECT_EQ(shortened(rows_of(section.name)), wanted);
    if (section.word == "letters") EXPECT_EQ(letters_of(section.name), wanted);
    if (section.word == "batch") {
      EXPECT_EQ(rows_of(section.name), batch_rows(section.text(), sections));
    }
  }
}

std::vector<Variant> all_variants() {
  std::vector<Variant> variants;
  std::vector<std::string> paths;
  const std::string folder = TIDEMILL_SOURCE_DIR "/tests/sql";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".test") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    for (const int partitions : {1, 3}) {
      for (const bool restart : {false, true}) variants.push_back({path, partitions, restart});
    }
  }
  return variants;
}

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.path;
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenSql, testing::ValuesIn(all_variants()),
                         [](const auto& named) {
                           const std::filesystem::path path(named.param.path);
                           return fmt::format("{}_{}_{}partitions{}",
                                              path.parent_path().filename().string(),
                                              path.stem().string(), named.param.partitions,
                                              named.param.restart ? "_restarted" : "");
                         });

}  // namespace
}  // namespace tidemill
