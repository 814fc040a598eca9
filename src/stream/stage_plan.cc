// SPDX-License-Identifier: Apache-2.0
// Compiles a QuerySpec into what the workers run.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "stream/check_patterns.h"
#include "stream/row_sql.h"
#include "stream/stage.h"
#include "stream/state/window_table.h"

namespace tidemill::stream {
namespace {

// Whether the SQL text has the name as a word: enough to tell which checks a broken column upsets.
bool mentions(const std::string& sql, const std::string& name) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  auto from = sql.begin();
  while (true) {
    const auto found = std::search(from, sql.end(), name.begin(), name.end(), same);
    if (found == sql.end()) return false;
    const auto behind = found + static_cast<std::ptrdiff_t>(name.size());
    if ((found == sql.begin() || !is_word(*(found - 1))) &&
        (behind == sql.end() || !is_word(*behind))) {
      return true;
    }
    from = found + 1;
  }
}

bool may_hold(ColumnOrigin origin, ColumnType type) {
  switch (origin) {
    case ColumnOrigin::Json:
      return true;
    case ColumnOrigin::Key:
      return is_text(type);
    case ColumnOrigin::Timestamp:
      return type == ColumnType::Timestamp || type == ColumnType::TimestampTz ||
             type == ColumnType::BigInt;
    case ColumnOrigin::Offset:
      return type == ColumnType::BigInt;
    case ColumnOrigin::Partition:
      return type == ColumnType::Integer || type == ColumnType::BigInt;
    case ColumnOrigin::Topic:
    case ColumnOrigin::Headers:
      return type == ColumnType::Varchar;
  }
  return false;
}

// A statement must give just these columns.
Result<> expect_columns(const std::vector<std::pair<std::string, std::optional<ColumnType>>>& given,
                        const std::vector<Column>& wanted, std::string_view what) {
  if (given.size() != wanted.size()) {
    return error(ErrorCode::InvalidArgument, fmt::format("{} gives {} columns, the query has {}",
                                                         what, given.size(), wanted.size()));
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].second == wanted[i].type) continue;
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{} gives column '{}' as {}, the query has {}", what, wanted[i].name,
                             given[i].first, name_of(wanted[i].type)));
  }
  return {};
}

// What a rewritten SELECT gives beside the row's place.
Result<std::vector<std::pair<std::string, std::optional<ColumnType>>>> columns_of(
    const duck::Connection& connection, const RowSelect& select, const std::vector<Column>& input) {
  std::vector<std::pair<std::string, std::optional<ColumnType>>> given;
  if (select.projection) {
    for (const auto column : *select.projection) {
      given.emplace_back(name_of(input[column].type), input[column].type);
    }
    return given;
  }
  for (const auto& column : TRY(connection.describe(select.sql))) {
    given.emplace_back(column.duckdb_type, column.type);
  }
  given.pop_back();
  return given;
}

std::vector<Column> with_row(std::vector<Column> columns) {
  columns.push_back({kRowColumn, ColumnType::BigInt});
  return columns;
}

}  // namespace

Result<std::shared_ptr<const StagePlan>> StagePlan::compile(const QuerySpec& spec) {
  auto database = TRY(duck::Database::open());
  auto plan = std::shared_ptr<StagePlan>(new StagePlan(spec, std::move(database)));
  TRY(plan->plan_source());
  const auto connection = TRY(plan->database_.connect());
  TRY(plan->plan_checks(connection));
  TRY(plan->plan_select(connection));
  TRY(plan->plan_final(connection));
  return std::shared_ptr<const StagePlan>(std::move(plan));
}

Result<> StagePlan::plan_source() {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < spec_.source.columns.size(); ++i) {
    const auto& column = spec_.source.columns[i];
    if (!may_hold(column.origin, column.column.type)) {
      return error(
          ErrorCode::InvalidArgument,
          fmt::format("column '{}' cannot be {}", column.column.name, name_of(column.column.type)));
    }
    if (column.coerce && !is_text(column.column.type)) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("column '{}' is {}: only TEXT can COERCE", column.column.name,
                               name_of(column.column.type)));
    }
    types_.push_back(column.column.type);
    columns.push_back(column.column);
    if (column.origin == ColumnOrigin::Json) {
      fields_.push_back({column.json_field, i, column.coerce});
    }
    if (spec_.source.watermark && spec_.source.watermark->column == column.column.name) {
      event_column_ = i;
    }
  }
  if (spec_.source.watermark &&
      (!event_column_ || (types_[*event_column_] != ColumnType::Timestamp &&
                          types_[*event_column_] != ColumnType::TimestampTz))) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("the watermark column '{}' is no TIMESTAMP of the source",
                             spec_.source.watermark->column));
  }
  return database_.declare_input("input", with_row(std::move(columns)));
}

Result<> StagePlan::plan_checks(const duck::Connection& connection) {
  const auto& constraints = spec_.source.constraints;
  if (constraints.empty()) return {};
  std::string flags;
  for (const auto& constraint : constraints) {
    flags += fmt::format(", ({}) IS FALSE", constraint.check_sql);
    std::vector<bool> row;
    for (const auto& column : spec_.source.columns) {
      row.push_back(mentions(constraint.check_sql, column.column.name));
    }
    mentions_.push_back(std::move(row));
  }
  // No WHERE: it would have each check done by rows that passed those before, which DuckDB gathers
  // anew for every one.
  check_sql_ = TRY(with_patterns(database_, connection,
                                 fmt::format("SELECT {}{} FROM input", kRowColumn, flags),
                                 "_check_pattern_"));
  return {};
}

Result<> StagePlan::plan_select(const duck::Connection& connection) {
  if (spec_.window) {
    select_sql_ = spec_.select_sql;
    std::vector<Column> wanted = {{"window_start", ColumnType::Timestamp}};
    wanted.insert(wanted.end(), spec_.window->keys.begin(), spec_.window->keys.end());
    for (const auto& accumulator : spec_.window->accumulators) {
      wanted.push_back(accumulator.column);
    }
    if (spec_.window->size.count() <= 0) {
      return error(ErrorCode::InvalidArgument, "the window has no size");
    }
    std::vector<std::pair<std::string, std::optional<ColumnType>>> given;
    for (const auto& column : TRY(connection.describe(select_sql_))) {
      given.emplace_back(column.duckdb_type, column.type);
    }
    return expect_columns(given, wanted, "the partial aggregate");
  }
  std::vector<Column> columns;
  for (const auto& column : spec_.source.columns) columns.push_back(column.column);
  auto select = TRY(select_with_rows(connection, spec_.select_sql, "input", columns, kRowColumn));
  TRY(expect_columns(TRY(columns_of(connection, select, columns)), spec_.output, "the SELECT"));
  select_sql_ = TRY(with_patterns(database_, connection, select.sql, "_select_pattern_"));
  projection_ = std::move(select.projection);
  if (spec_.dedup) {
    for (const auto& name : spec_.dedup->key_columns) {
      const auto found = std::ranges::find(spec_.output, name, &Column::name);
      if (found == spec_.output.end()) {
        return error(ErrorCode::InvalidArgument,
                     fmt::format("the DISTINCT ON column '{}' is not in the output", name));
      }
      dedup_columns_.push_back(static_cast<std::size_t>(found - spec_.output.begin()));
    }
  }
  return {};
}

Result<> StagePlan::plan_final(const duck::Connection& connection) {
  if (!spec_.window) return {};
  const auto columns = WindowTable(*spec_.window).columns();
  TRY(database_.declare_input("closed", with_row(columns)));
  auto select =
      TRY(select_with_rows(connection, spec_.window->final_sql, "closed", columns, kRowColumn));
  TRY(expect_columns(TRY(columns_of(connection, select, columns)), spec_.output,
                     "the final SELECT"));
  if (select.projection && select.sql.empty()) {
    // A plain list of columns has no WHERE: select them all with their places.
    select.sql = fmt::format("SELECT {} FROM closed", kRowColumn);
  }
  final_sql_ = std::move(select.sql);
  final_projection_ = std::move(select.projection);
  return {};
}

}  // namespace tidemill::stream
