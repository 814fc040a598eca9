// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/expression_rules.h"

#include <fmt/format.h>

#include <array>

namespace tidemill::sql {
namespace {

enum class ClockKind { No, Instant, Date, LocalInstant };

ClockKind clock_kind(const Tree& node) {
  std::string name;
  if (ast::is_function(node)) {
    name = ast::function_name(node);
  } else if (ast::is_column(node)) {
    const auto path = ast::column_path(node);
    if (path.size() != 1) return ClockKind::No;
    name = to_lower(path[0]);
    // Without parentheses only these are functions; now is a column.
    if (name != "current_timestamp" && name != "current_date" && name != "localtimestamp") {
      return ClockKind::No;
    }
  }
  if (name == "now" || name == "current_timestamp" || name == "transaction_timestamp" ||
      name == "get_current_timestamp") {
    return ClockKind::Instant;
  }
  if (name == "current_date" || name == "today") return ClockKind::Date;
  if (name == "localtimestamp" || name == "current_localtimestamp") return ClockKind::LocalInstant;
  return ClockKind::No;
}

Result<> check_function(const PlanningDatabase& database, const SqlText& text, const Tree& node) {
  const std::string name = ast::function_name(node);
  if (clock_kind(node) != ClockKind::No) return {};
  const auto traits = TRY(database.function(name));
  if (traits.stability.empty() || traits.stability == "CONSISTENT") return {};
  return error_at(text, node, ErrorCode::Unsupported,
                  fmt::format("{}() gives another value each time, so a batch repeated after a "
                              "crash would give other rows",
                              name))
      .with_hint("derive the value from the record's columns; now() is the record's timestamp");
}

}  // namespace

Result<> check_expression(const PlanningDatabase& database, const SqlText& text, const Tree& tree) {
  Result<> outcome;
  ast::walk(tree, [&](const Tree& node) {
    if (!outcome.ok()) return false;
    if (ast::is_subquery(node)) {
      outcome = error_at(text, node, ErrorCode::Unsupported, "subqueries are not built");
    } else if (ast::is_window_function(node)) {
      outcome =
          error_at(text, node, ErrorCode::Unsupported, "functions with OVER (...) are not built");
    } else if (ast::is_parameter(node)) {
      outcome =
          error_at(text, node, ErrorCode::InvalidArgument, "a continuous query has no parameters");
    } else if (ast::is_function(node)) {
      outcome = check_function(database, text, node);
    }
    return outcome.ok();
  });
  return outcome;
}

bool replace_clock(Tree& tree) {
  bool found = false;
  tree = ast::rewrite(tree, [&](const Tree& node) -> std::optional<Tree> {
    const ClockKind kind = clock_kind(node);
    if (kind == ClockKind::No) return std::nullopt;
    found = true;
    Tree record_time = ast::column(std::string(kRecordTime));
    if (kind == ClockKind::Date) return ast::cast(std::move(record_time), "DATE");
    if (kind == ClockKind::LocalInstant) return ast::cast(std::move(record_time), "TIMESTAMP");
    return record_time;
  });
  return found;
}

bool is_aggregate(const PlanningDatabase& database, const Tree& expression) {
  if (!ast::is_function(expression)) return false;
  const auto traits = database.function(ast::function_name(expression));
  return traits.ok() && traits->type == "aggregate";
}

bool contains_aggregate(const PlanningDatabase& database, const Tree& expression) {
  bool found = false;
  ast::walk(expression, [&](const Tree& node) {
    found = found || is_aggregate(database, node);
    return !found;
  });
  return found;
}

}  // namespace tidemill::sql
