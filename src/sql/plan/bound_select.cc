// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/bound_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/plan/expression_rules.h"
#include "sql/plan/source_plan.h"

namespace tidemill::sql {
namespace {

Error fail(const SqlText& text, std::size_t offset, ErrorCode code, std::string_view message) {
  Tree place;
  place["query_location"] = static_cast<std::uint64_t>(offset);
  return error_at(text, place, code, message);
}

class SelectBinder {
 public:
  SelectBinder(PlanningDatabase& database, const SqlText& select, const FindRelation& find)
      : database_(database), find_(find) {
    bound_.text = select;
  }

  Result<BoundSelect> run() {
    bound_.select = TRY(database_.parse(bound_.text));
    if (const auto clause = ast::unsupported_clause(bound_.select)) {
      return fail(bound_.text, 0, ErrorCode::Unsupported,
                  fmt::format("{} is not built in a continuous query", *clause));
    }
    const ast::From from = ast::from_of(bound_.select);
    if (from.function) {
      TRY(bind_window(*from.function));
    } else if (from.table) {
      TRY(bind_relation(from.table->name, from.table->location));
      bound_.alias = from.table->alias;
    } else {
      return fail(bound_.text, 0, ErrorCode::Unsupported,
                  fmt::format("reading from {} is not built: FROM takes one source, view or "
                              "tumble(...)",
                              from.other));
    }
    if (bound_.alias.empty()) bound_.alias = bound_.relation.source.name;
    TRY(check_expression(database_, bound_.text, bound_.select));
    bound_.columns = TRY(database_.describe(bound_.text));
    TRY(check_result());
    if (replace_clock(bound_.select)) add_record_time(bound_.relation.source);
    unqualify_columns();
    return std::move(bound_);
  }

 private:
  Result<> bind_relation(const std::string& name, std::size_t location) {
    auto found = find_(name);
    if (!found.ok()) {
      return fail(bound_.text, location, found.error().code, found.error().message)
          .with_hint(found.error().hint);
    }
    bound_.relation = std::move(*found);
    std::vector<Column> columns;
    for (const auto& column : bound_.relation.source.columns) {
      if (column.column.name != kRecordTime) columns.push_back(column.column);
    }
    if (bound_.tumble) {
      const auto time = std::ranges::find(columns, bound_.tumble->time_column, &Column::name);
      if (time != columns.end()) bound_.tumble->time_type = time->type;
      for (const char* window : {"window_start", "window_end"}) {
        if (std::ranges::find(columns, window, &Column::name) != columns.end()) {
          return fail(bound_.text, location, ErrorCode::InvalidArgument,
                      fmt::format("'{}' has a column '{}', which tumble() adds", name, window));
        }
        columns.push_back({window, bound_.tumble->time_type});
      }
    }
    return database_.declare(name, columns);
  }

  Result<> bind_window(const ast::FromFunction& function) {
    const auto wrong = [&](ErrorCode code, std::string_view message) {
      return fail(bound_.text, function.location, code, message);
    };
    if (function.name == "hop" || function.name == "session" || function.name == "cumulate") {
      return wrong(ErrorCode::Unsupported,
                   fmt::format("{}() windows are not built; tumble() is", function.name));
    }
    if (function.name != "tumble") {
      return wrong(ErrorCode::Unsupported,
                   fmt::format("reading from {}() is not built: FROM takes one source, view or "
                               "tumble(...)",
                               function.name));
    }
    constexpr std::string_view kForm = "expected tumble(source, time_column, INTERVAL '1 minute')";
    if (function.arguments.size() != 3 || !ast::is_column(function.arguments[0]) ||
        !ast::is_column(function.arguments[1])) {
      return wrong(ErrorCode::InvalidArgument, kForm);
    }
    const std::string name = ast::column_path(function.arguments[0]).back();
    Tumble tumble;
    tumble.time_column = ast::column_path(function.arguments[1]).back();
    const auto size = database_.interval(function.arguments[2]);
    if (!size.ok()) {
      return error_at(bound_.text, function.arguments[2], ErrorCode::InvalidArgument,
                      fmt::format("the window's size: {}", size.error().message));
    }
    tumble.size = *size;
    if (tumble.size.count() <= 0) {
      return wrong(ErrorCode::InvalidArgument, "the window's size must be longer than 0");
    }
    bound_.tumble = tumble;
    bound_.alias = function.alias;
    flatten(function.location);
    TRY(bind_relation(name, function.location));
    return check_time_column(function);
  }

  Result<> check_time_column(const ast::FromFunction& function) {
    Tumble& tumble = *bound_.tumble;
    const auto& source = bound_.relation.source;
    const auto found = std::ranges::find_if(source.columns, [&](const auto& column) {
      return equals_ignoring_case(column.column.name, tumble.time_column);
    });
    const auto wrong = [&](std::string_view message) {
      return error_at(bound_.text, function.arguments[1], ErrorCode::InvalidArgument, message);
    };
    if (found == source.columns.end()) {
      return wrong(fmt::format("'{}' has no column '{}'", source.name, tumble.time_column));
    }
    tumble.time_column = found->column.name;
    if (!source.watermark) {
      return wrong(fmt::format("'{}' has no WATERMARK, so its windows would never close",
                               source.name))
          .with_hint(fmt::format("declare WATERMARK FOR {0} AS {0} - INTERVAL '5 seconds'",
                                 tumble.time_column));
    }
    if (source.watermark->column != tumble.time_column) {
      return wrong(
          fmt::format("tumble() must cut the column of the source's WATERMARK, '{}', not "
                      "'{}'",
                      source.watermark->column, tumble.time_column));
    }
    return {};
  }

  // tumble(t, ts, INTERVAL '1 minute') -> t, with blanks for the rest, so that places stay right.
  void flatten(std::size_t location) {
    std::string& sql = bound_.text.text;
    const auto tokens = tokenize(sql);
    if (!tokens.ok()) return;
    std::size_t i = 0;
    while (i < tokens->size() && (*tokens)[i].offset < location) ++i;
    const auto blank = [&](std::size_t from, std::size_t to) {
      for (std::size_t at = from; at < to; ++at) {
        if (sql[at] != '\n') sql[at] = ' ';
      }
    };
    if (i + 2 >= tokens->size() || !(*tokens)[i + 1].is_symbol("(")) return;
    const Token& name = (*tokens)[i + 2];
    std::size_t depth = 0;
    std::size_t end = i + 1;
    for (; end < tokens->size(); ++end) {
      if ((*tokens)[end].is_symbol("(")) ++depth;
      if ((*tokens)[end].is_symbol(")") && --depth == 0) break;
    }
    if (end == tokens->size()) return;
    blank((*tokens)[i].offset, name.offset);
    blank(name.offset + name.size, (*tokens)[end].offset + 1);
  }

  Result<> check_result() {
    std::set<std::string> names;
    for (const auto& column : bound_.columns) {
      if (!names.insert(to_lower(column.name)).second) {
        return fail(bound_.text, 0, ErrorCode::InvalidArgument,
                    fmt::format("the result has two columns '{}'; name one with AS", column.name));
      }
      if (column.type) continue;
      static const std::vector<std::string_view> kRefused{"INTERVAL", "TIME", "BIT",
                                                          "STRUCT",   "MAP",  "UNION"};
      const bool nested = column.duckdb_type.ends_with("]");
      const bool refused = std::ranges::any_of(kRefused, [&](std::string_view type) {
        return column.duckdb_type == type ||
               column.duckdb_type.starts_with(fmt::format("{}(", type));
      });
      if (nested || refused) {
        return fail(bound_.text, 0, ErrorCode::Unsupported,
                    fmt::format("column '{}' has type {}, which a stream cannot carry; cast it, "
                                "for example to TEXT",
                                column.name, column.duckdb_type));
      }
    }
    return {};
  }

  // One table only, so the column's own name is enough; equal expressions then look equal.
  void unqualify_columns() {
    bound_.select = ast::rewrite(bound_.select, [&](const Tree& node) -> std::optional<Tree> {
      if (!ast::is_column(node)) return std::nullopt;
      const auto path = ast::column_path(node);
      if (path.size() != 2 || !equals_ignoring_case(path[0], bound_.alias)) return std::nullopt;
      Tree bare = node;
      bare["column_names"] = Tree::array({path[1]});
      return bare;
    });
  }

  PlanningDatabase& database_;
  const FindRelation& find_;
  BoundSelect bound_;
};

}  // namespace

Result<BoundSelect> bind_select(PlanningDatabase& database, const SqlText& select,
                                const FindRelation& find) {
  return SelectBinder(database, select, find).run();
}

ColumnType stream_type(const duck::ResultColumn& column) {
  return column.type.value_or(column.nearest);
}

}  // namespace tidemill::sql
