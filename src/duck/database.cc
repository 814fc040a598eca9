// SPDX-License-Identifier: Apache-2.0
#include "duck/database.h"

#include <fmt/format.h>

#include "duck/state.h"

namespace tidemill::duck {
namespace {

// DuckDB's errors start with their kind ("Binder Error: ..."), which helps nobody twice.
Error sql_error(const char* text) {
  const std::string message = text == nullptr ? "unknown error" : text;
  if (message.starts_with("INTERRUPT")) return error(ErrorCode::Cancelled, "statement interrupted");
  if (message.starts_with("Out of Memory")) return error(ErrorCode::Exhausted, message);
  return error(ErrorCode::InvalidArgument, message);
}

class ScopedResult {
 public:
  ScopedResult() = default;
  ScopedResult(const ScopedResult&) = delete;
  ScopedResult& operator=(const ScopedResult&) = delete;
  ~ScopedResult() { duckdb_destroy_result(&result); }
  duckdb_result result{};
};

// A fetched chunk and the result that may own its text.
class FetchedChunk {
 public:
  FetchedChunk(duckdb_data_chunk fetched, std::shared_ptr<ScopedResult> owner)
      : chunk(fetched), result_(std::move(owner)) {}
  FetchedChunk(const FetchedChunk&) = delete;
  FetchedChunk& operator=(const FetchedChunk&) = delete;
  ~FetchedChunk() { duckdb_destroy_data_chunk(&chunk); }
  duckdb_data_chunk chunk;

 private:
  std::shared_ptr<ScopedResult> result_;
};

std::vector<ResultColumn> columns_of(duckdb_prepared_statement statement) {
  std::vector<ResultColumn> columns;
  const idx_t count = duckdb_prepared_statement_column_count(statement);
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(statement, i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(statement, i);
    columns.push_back(result_column(name == nullptr ? "" : name, type));
    duckdb_destroy_logical_type(&type);
    duckdb_free(const_cast<char*>(name));
  }
  return columns;
}

// The next rows of a result, as views over DuckDB's vectors; nothing at its end.
std::optional<Chunk> next_chunk(const std::shared_ptr<ScopedResult>& result,
                                const std::vector<ResultColumn>& columns) {
  while (duckdb_data_chunk fetched = duckdb_fetch_chunk(result->result)) {
    auto owner = std::make_shared<FetchedChunk>(fetched, result);
    const idx_t rows = duckdb_data_chunk_get_size(fetched);
    if (rows == 0) continue;
    std::vector<ColumnView> views;
    views.reserve(columns.size());
    for (idx_t i = 0; i < columns.size(); ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(fetched, i);
      views.push_back(
          {*columns[i].type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    }
    return Chunk(rows, std::move(views), {std::move(owner)});
  }
  return std::nullopt;
}

}  // namespace

ConnectionState::~ConnectionState() {
  database->registry->remove(id);
  duckdb_disconnect(&connection);
}

Result<Database> Database::open(const DatabaseOptions& options) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess) {
    return error(ErrorCode::Internal, "cannot make DuckDB's configuration");
  }
  const auto set = [&](const char* name, const std::string& value) {
    duckdb_set_config(config, name, value.c_str());
  };
  set("threads", "1");
  set("memory_limit", fmt::format("{}B", options.memory_bytes_max));
  set("temp_directory", options.temp_folder);
  set("autoinstall_known_extensions", "false");
  set("autoload_known_extensions", "false");
  set("enable_external_access", options.external_access ? "true" : "false");
  auto state = std::make_shared<DatabaseState>();
  char* message = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  const auto opened = duckdb_open_ext(path, &state->database, config, &message);
  duckdb_destroy_config(&config);
  if (opened != DuckDBSuccess) {
    Error failure = sql_error(message);
    duckdb_free(message);
    return std::move(failure).context("while opening DuckDB");
  }
  Database database(std::move(state));
  const Connection connection = TRY(database.connect());
  // A result must not depend on where the machine stands.
  TRY(connection.execute("SET GLOBAL TimeZone = 'UTC'"));
  TRY(connection.execute("SET GLOBAL lock_configuration = true"));
  return database;
}

Result<> Database::declare_input(const std::string& name, std::vector<Column> columns) {
  const Connection connection = TRY(connect());
  return register_input(*state_, connection.state_->connection, name, std::move(columns));
}

Result<> Database::declare_pattern(const std::string& name, Pattern pattern) {
  const Connection connection = TRY(connect());
  return register_pattern(connection.state_->connection, name, std::move(pattern));
}

Result<Connection> Database::connect() const {
  auto state = std::make_shared<ConnectionState>();
  state->database = state_;
  if (duckdb_connect(state_->database, &state->connection) != DuckDBSuccess) {
    return error(ErrorCode::Internal, "cannot connect to DuckDB");
  }
  duckdb_client_context context = nullptr;
  duckdb_connection_get_client_context(state->connection, &context);
  state->id = duckdb_client_context_get_connection_id(context);
  duckdb_destroy_client_context(&context);
  state_->registry->add(state->id, &state->slots);
  return Connection(std::move(state));
}

Result<Prepared> Connection::prepare(const std::string& sql) const {
  auto prepared = std::make_shared<PreparedState>();
  prepared->connection = state_;
  if (duckdb_prepare(state_->connection, sql.c_str(), &prepared->statement) != DuckDBSuccess) {
    return sql_error(duckdb_prepare_error(prepared->statement));
  }
  prepared->columns = columns_of(prepared->statement);
  return Prepared(std::move(prepared));
}

Result<> Connection::execute(const std::string& sql) const {
  ScopedResult result;
  if (duckdb_query(state_->connection, sql.c_str(), &result.result) != DuckDBSuccess) {
    return sql_error(duckdb_result_error(&result.result));
  }
  return {};
}

Result<std::vector<ResultColumn>> Connection::describe(const std::string& select) const {
  return TRY(prepare(select)).columns();
}

Result<TextTable> Connection::query_text(const std::string& sql, std::size_t rows_max) const {
  TextTable table;
  const Prepared statement = TRY(prepare(sql));
  table.columns = statement.columns();
  const auto kind = duckdb_prepared_statement_type(statement.state_->statement);
  if (kind != DUCKDB_STATEMENT_TYPE_SELECT && kind != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    TRY(execute(sql));
    return table;
  }
  std::string text = sql;
  if (kind == DUCKDB_STATEMENT_TYPE_SELECT) {
    while (!text.empty() &&
           (text.back() == ';' || std::isspace(static_cast<unsigned char>(text.back())) != 0)) {
      text.pop_back();
    }
    text = "SELECT COLUMNS(*)::VARCHAR FROM (" + text + "\n)";
  }
  const Prepared as_text = TRY(prepare(text));
  const auto take = [&](const Chunk& chunk) -> Result<> {
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      if (table.rows.size() == rows_max) {
        return error(ErrorCode::TooLarge, fmt::format("query gives more than {} rows", rows_max))
            .with_hint("add a LIMIT");
      }
      auto& row = table.rows.emplace_back();
      for (const auto& column : chunk.columns()) {
        if (column.is_null(i)) {
          row.emplace_back();
        } else {
          row.emplace_back(column.text(i));
        }
      }
    }
    return {};
  };
  TRY(as_text.run(take));
  return table;
}

void Connection::set_input(const std::string& name, std::span<const Chunk> chunks) {
  state_->slots[name].chunks.assign(chunks.begin(), chunks.end());
}

void Connection::interrupt() const {
  duckdb_interrupt(state_->connection);
}

const std::vector<ResultColumn>& Prepared::columns() const {
  return state_->columns;
}

Result<> Prepared::check_types() const {
  for (const auto& column : state_->columns) {
    if (column.type) continue;
    return error(ErrorCode::Unsupported,
                 fmt::format("column '{}' has the type {}", column.name, column.duckdb_type))
        .with_hint(fmt::format("cast it to {}", name_of(column.nearest)));
  }
  return {};
}

Result<> Prepared::run(const std::function<Result<>(Chunk)>& take) const {
  TRY(check_types());
  auto result = std::make_shared<ScopedResult>();
  if (duckdb_execute_prepared(state_->statement, &result->result) != DuckDBSuccess) {
    return sql_error(duckdb_result_error(&result->result));
  }
  while (auto chunk = next_chunk(result, state_->columns)) TRY(take(std::move(*chunk)));
  return {};
}

struct CursorState {
  std::shared_ptr<PreparedState> prepared;
  std::shared_ptr<ScopedResult> result = std::make_shared<ScopedResult>();
};

Result<Cursor> Prepared::open_cursor() const {
  TRY(check_types());
  auto cursor = std::make_shared<CursorState>();
  cursor->prepared = state_;
  if (duckdb_execute_prepared_streaming(state_->statement, &cursor->result->result) !=
      DuckDBSuccess) {
    return sql_error(duckdb_result_error(&cursor->result->result));
  }
  return Cursor(std::move(cursor));
}

Result<std::optional<Chunk>> Cursor::next() const {
  auto chunk = next_chunk(state_->result, state_->prepared->columns);
  if (chunk) return chunk;
  // A failed fetch looks like the end.
  if (const char* message = duckdb_result_error(&state_->result->result); message != nullptr) {
    return sql_error(message);
  }
  return std::optional<Chunk>();
}

Result<std::vector<Chunk>> Prepared::run() const {
  std::vector<Chunk> chunks;
  const auto take = [&](Chunk chunk) -> Result<> {
    chunks.push_back(std::move(chunk));
    return {};
  };
  TRY(run(take));
  return chunks;
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

Result<std::string> serialize_sql(const Connection& connection, const std::string& select) {
  // A NUL would end the statement early.
  if (select.find('\0') != std::string::npos) {
    return error(ErrorCode::InvalidArgument, "SQL text has a NUL character");
  }
  const auto table =
      TRY(connection.query_text("SELECT json_serialize_sql(" + quote_literal(select) + ")"));
  if (table.rows.empty() || !table.rows[0][0]) {
    return error(ErrorCode::Internal, "json_serialize_sql gave nothing");
  }
  // Syntax errors come as a document: let DuckDB's own parser give its message instead.
  const auto& tree = *table.rows[0][0];
  if (tree.starts_with("{\"error\":true")) {
    const auto message =
        TRY(connection.query_text("SELECT " + quote_literal(tree) + "::JSON ->> 'error_message', " +
                                  quote_literal(tree) + "::JSON ->> 'position'"));
    const auto& row = message.rows[0];
    return error(ErrorCode::InvalidArgument,
                 row[0].value_or("syntax error") +
                     (row[1] ? fmt::format(" (at character {})", *row[1]) : ""));
  }
  return tree;
}

Result<std::string> deserialize_sql(const Connection& connection, const std::string& tree) {
  const auto table =
      TRY(connection.query_text("SELECT json_deserialize_sql(" + quote_literal(tree) + ")"));
  if (table.rows.empty() || !table.rows[0][0]) {
    return error(ErrorCode::Internal, "json_deserialize_sql gave nothing");
  }
  return *table.rows[0][0];
}

}  // namespace tidemill::duck
