// SPDX-License-Identifier: Apache-2.0
// RAII over DuckDB's C API: a database with our settings, connections, prepared statements and
// inputs (table functions over our own chunks). The only folder that includes duckdb.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "duck/pattern.h"
#include "model/chunk.h"
#include "model/column.h"

namespace tidemill::duck {

struct DatabaseOptions {
  std::string path;                                    // empty: in memory
  std::size_t memory_bytes_max = 512UL * 1024 * 1024;  // soft in places (research: 5d)
  std::string temp_folder;                             // where big queries spill; empty: nowhere
  bool external_access = false;                        // files, ATTACH, COPY
};

// One column of a statement's result, as DuckDB names it.
struct ResultColumn {
  std::string name;
  std::string duckdb_type;                   // "DECIMAL(18,3)"
  std::optional<ColumnType> type;            // when a stream can carry it as it is
  ColumnType nearest = ColumnType::Varchar;  // what to cast it to else
};

struct TextTable {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

class Connection;
struct DatabaseState;

// Thread:   any; each Connection by one thread at a time.
// Lifetime: may go before its connections, which share what is below.
class Database {
 public:
  // One thread per query: the caller's. Extensions are not loaded, settings are locked.
  static Result<Database> open(const DatabaseOptions& options = {});

  // Makes `SELECT ... FROM name` read the chunks that Connection::set_input gives.
  Result<> declare_input(const std::string& name, std::vector<Column> columns);
  // Makes `name(text)` tell whether a text matches; NULL gives NULL.
  Result<> declare_pattern(const std::string& name, Pattern pattern);
  Result<Connection> connect() const;

 private:
  explicit Database(std::shared_ptr<DatabaseState> state) : state_(std::move(state)) {}
  std::shared_ptr<DatabaseState> state_;
};

struct ConnectionState;
struct PreparedState;
struct CursorState;

// Hands out the rows of a running statement; the connection runs nothing else meanwhile.
//
// Thread: one at a time.
class Cursor {
 public:
  // The next up to 2,048 rows; nothing at the end.
  Result<std::optional<Chunk>> next() const;

 private:
  friend class Prepared;
  explicit Cursor(std::shared_ptr<CursorState> state) : state_(std::move(state)) {}
  std::shared_ptr<CursorState> state_;
};

// A statement without parameters, planned once (a parameter would make DuckDB plan it again at each
// run). Prepare again after any DDL in the same database.
//
// Lifetime: its connection outlives it.
class Prepared {
 public:
  const std::vector<ResultColumn>& columns() const;
  // Runs it and hands out its rows in chunks of up to 2,048, which keep their memory. Every
  // column's type must be one that a stream can carry. Errors: InvalidArgument when an expression
  // threw; Cancelled after interrupt().
  Result<> run(const std::function<Result<>(Chunk)>& take) const;
  Result<std::vector<Chunk>> run() const;
  // The same rows, computed while they are taken: for results larger than memory.
  Result<Cursor> open_cursor() const;

 private:
  friend class Connection;
  Result<> check_types() const;
  explicit Prepared(std::shared_ptr<PreparedState> state) : state_(std::move(state)) {}
  std::shared_ptr<PreparedState> state_;
};

// Thread: one at a time; interrupt() from any.
class Connection {
 public:
  // Errors: InvalidArgument with DuckDB's text.
  Result<Prepared> prepare(const std::string& sql) const;
  Result<> execute(const std::string& sql) const;
  // The columns a SELECT would give, without running it.
  Result<std::vector<ResultColumn>> describe(const std::string& select) const;
  // Runs one statement; every value as DuckDB prints it. Fails with TooLarge beyond `rows_max`.
  Result<TextTable> query_text(const std::string& sql, std::size_t rows_max = 1'000'000) const;

  // What the declared input holds from now on: for the next runs of this connection's statements.
  // The chunks must live until then.
  void set_input(const std::string& name, std::span<const Chunk> chunks);
  void interrupt() const;

 private:
  friend class Database;
  explicit Connection(std::shared_ptr<ConnectionState> state) : state_(std::move(state)) {}
  std::shared_ptr<ConnectionState> state_;
};

// DuckDB's syntax tree of SELECT statements as JSON; InvalidArgument with its message and position.
Result<std::string> serialize_sql(const Connection& connection, const std::string& select);
// The SQL text of such a tree.
Result<std::string> deserialize_sql(const Connection& connection, const std::string& tree);

// 'text' with quotes doubled; "name" with quotes doubled.
std::string quote_literal(std::string_view text);
std::string quote_name(std::string_view name);

}  // namespace tidemill::duck
