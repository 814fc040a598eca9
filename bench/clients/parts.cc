// SPDX-License-Identifier: Apache-2.0
// What the libraries below the users pipeline need for the same records, each alone: simdjson reads
// the fields, DuckDB applies the rules, RocksDB takes the rows in batches. Their sum is what the
// pipeline is measured by.
//   parts COUNT FOLDER    prints one JSON object of CPU seconds per million records
#include <duckdb.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "user_records.h"

namespace {

constexpr std::array<std::string_view, 11> kColumns = {
    "id",    "first_name", "last_name",       "gender", "address", "post_code",
    "email", "username",   "registered_date", "phone",  "picture"};
constexpr std::size_t kRowsInBatch = 2000;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

// Of all threads: RocksDB's flushes count too.
double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

using Row = std::array<std::string, kColumns.size()>;

// Every field of every record, as text or raw JSON; a row's place is kept only when asked for.
std::size_t decode(simdjson::ondemand::parser& parser, const simdjson::padded_string& record,
                   Row* row) {
  simdjson::ondemand::document document = parser.iterate(record);
  std::size_t bytes = 0;
  for (auto field : document.get_object()) {
    const std::string_view name = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    std::string_view text;
    if (value.type() == simdjson::ondemand::json_type::string) {
      text = value.get_string();
    } else {
      text = value.raw_json_token();
    }
    bytes += text.size();
    if (row == nullptr) continue;
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      if (kColumns[i] == name) (*row)[i] = text;
    }
  }
  return bytes;
}

void run(duckdb_connection connection, const char* sql) {
  duckdb_result result;
  if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
    give_up(duckdb_result_error(&result));
  duckdb_destroy_result(&result);
}

double filter(const std::vector<Row>& rows) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  if (duckdb_open(nullptr, &database) != DuckDBSuccess ||
      duckdb_connect(database, &connection) != DuckDBSuccess)
    give_up("duckdb");
  run(connection, "SET threads = 1");
  std::string columns;
  for (const auto name : kColumns)
    columns += (columns.empty() ? "" : ", ") + std::string(name) + " VARCHAR";
  run(connection, ("CREATE TABLE users (" + columns + ")").c_str());
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create(connection, nullptr, "users", &appender) != DuckDBSuccess)
    give_up("appender");
  for (const auto& row : rows) {
    for (const auto& text : row) duckdb_append_varchar_length(appender, text.data(), text.size());
    duckdb_appender_end_row(appender);
  }
  duckdb_appender_destroy(&appender);
  const double begin = cpu_seconds();
  duckdb_result result;
  if (duckdb_query(
          connection,
          "SELECT * FROM users WHERE id IS NOT NULL AND email IS NOT NULL AND registered_date IS "
          "NOT NULL "
          "AND gender IN ('male', 'female') AND regexp_matches(email, '.+@.+\\..+') "
          "AND regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')",
          &result) != DuckDBSuccess) {
    give_up(duckdb_result_error(&result));
  }
  const double used = cpu_seconds() - begin;
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return used;
}

double put(const std::vector<Row>& rows, const std::string& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, folder, &opened); !status.ok())
    give_up(status.ToString());
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const double begin = cpu_seconds();
  rocksdb::WriteBatch batch;
  std::string value;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    value.clear();
    for (std::size_t c = 1; c < rows[i].size(); ++c) value += rows[i][c];
    batch.Put(rows[i][0], value);
    if ((i + 1) % kRowsInBatch != 0 && i + 1 != rows.size()) continue;
    if (const auto status = database->Write(synced, &batch); !status.ok())
      give_up(status.ToString());
    batch.Clear();
  }
  database->Flush(rocksdb::FlushOptions{});
  return cpu_seconds() - begin;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) give_up("usage: parts COUNT FOLDER");
  const auto count = static_cast<std::size_t>(std::atoll(argv[1]));
  tidemill::bench::UserRecords users(7, {});
  std::vector<simdjson::padded_string> records;
  for (std::size_t i = 0; i < count; ++i) records.emplace_back(users.next());
  simdjson::ondemand::parser parser;
  std::size_t bytes = 0;
  const double begin = cpu_seconds();
  for (const auto& record : records) bytes += decode(parser, record, nullptr);
  const double json = cpu_seconds() - begin;
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) decode(parser, records[i], &rows[i]);
  const double sql = filter(rows);
  const double store = put(rows, argv[2]);
  const double million = 1e6 / static_cast<double>(count);
  std::printf(
      "{\"records\": %zu, \"bytes\": %zu, \"json\": %.3f, \"filter\": %.3f, \"put\": %.3f, "
      "\"sum\": %.3f}\n",
      count, bytes, json * million, sql * million, store * million, (json + sql + store) * million);
  return 0;
}
