// SPDX-License-Identifier: Apache-2.0
// Names and types of SQL expressions, by asking an in-memory DuckDB of its own: DDL in a database
// that runs queries would make it plan them again for ever (research: 5c).
#pragma once

#include <string>
#include <vector>

#include "duck/database.h"
#include "sql/bind/select_ast.h"
#include "sql/parse/statement.h"

namespace tidemill::sql {

// Thread:   one at a time.
class PlanningDatabase {
 public:
  static Result<PlanningDatabase> open();

  // An empty table of this name and these columns.
  Result<> declare(const std::string& table, const std::vector<Column>& columns);

  // Errors of both name the place in the user's text.
  Result<Tree> parse(const SqlText& select) const;
  Result<std::vector<duck::ResultColumn>> describe(const SqlText& select) const;

  Result<std::vector<duck::ResultColumn>> describe_own(const std::string& select) const;
  Result<Tree> parse_expression(const std::string& expression) const;
  Result<std::string> expression_text(const Tree& expression) const;
  Result<std::string> select_text(const Tree& select) const;
  // The value of a constant INTERVAL.
  Result<std::chrono::microseconds> interval(const Tree& expression) const;

  // How DuckDB classes a function, "scalar" or "aggregate", and its stability: "CONSISTENT",
  // "VOLATILE", "CONSISTENT_WITHIN_QUERY"; both empty for one it does not know.
  struct FunctionTraits {
    std::string type;
    std::string stability;
  };
  Result<FunctionTraits> function(const std::string& name) const;

 private:
  PlanningDatabase(duck::Database database, duck::Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}
  duck::Database database_;
  duck::Connection connection_;
};

// DuckDB's error in our words: "line 3, column 8: column \"foo\" not found ...".
Error located_error(const Error& from_duckdb, const SqlText& text);
Error error_at(const SqlText& text, const Tree& node, ErrorCode code, std::string_view message);

}  // namespace tidemill::sql
