// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/accumulators.h"

#include <fmt/format.h>

namespace tidemill::sql {

using stream::Merge;

std::string Accumulators::add(std::string sql, Merge merge) {
  for (const Part& part : parts_) {
    if (part.sql == sql && part.merge == merge) return part.name;
  }
  parts_.push_back({fmt::format("acc_{}", parts_.size() + 1), std::move(sql), merge});
  return parts_.back().name;
}

Result<Tree> Accumulators::decompose(const Tree& node, const Tree& input) {
  const ast::Aggregate aggregate = ast::aggregate_of(input);
  const std::string& name = aggregate.name;
  if (aggregate.distinct && name != "min" && name != "max") {
    return error_at(text_, node, ErrorCode::Unsupported,
                    fmt::format("{}(DISTINCT ...) over a window is not built", name));
  }
  if (aggregate.ordered) {
    return error_at(text_, node, ErrorCode::Unsupported,
                    fmt::format("{}(... ORDER BY ...) over a window is not built", name));
  }
  std::string filter;
  if (aggregate.filter) {
    filter = fmt::format(" FILTER (WHERE {})", TRY(database_.expression_text(*aggregate.filter)));
  }
  if (name == "count_star" || (name == "count" && aggregate.arguments.empty())) {
    return ast::column(add("count(*)" + filter, Merge::Sum));
  }
  if (aggregate.arguments.size() == 1) {
    const std::string of = TRY(database_.expression_text(aggregate.arguments[0]));
    const auto call = [&](std::string_view function) {
      return fmt::format("{}({}){}", function, of, filter);
    };
    if (name == "count") return ast::column(add(call("count"), Merge::Sum));
    if (name == "count_if" || name == "countif") {
      return ast::column(add(call("count_if"), Merge::Sum));
    }
    if (name == "sum") return ast::column(add(call("sum"), Merge::Sum));
    if (name == "min") return ast::column(add(call("min"), Merge::Min));
    if (name == "max") return ast::column(add(call("max"), Merge::Max));
    if (name == "avg" || name == "mean") {
      const std::string sum = add(call("sum"), Merge::Sum);
      const std::string count = add(call("count"), Merge::Sum);
      // The sum is NULL when nothing was counted, and so is the quotient.
      return TRY(database_.parse_expression(
          fmt::format("CAST({} AS DOUBLE) / CAST({} AS DOUBLE)", sum, count)));
    }
    if (name == "bool_and" || name == "bool_or") {
      const bool all = name == "bool_and";
      const std::string part =
          add(fmt::format("{}(CAST({} AS INTEGER)){}", all ? "min" : "max", of, filter),
              all ? Merge::Min : Merge::Max);
      return TRY(database_.parse_expression(fmt::format("CAST({} AS BOOLEAN)", part)));
    }
  }
  return error_at(text_, node, ErrorCode::Unsupported,
                  fmt::format("aggregate {}() over a window is not built; built are count, sum, "
                              "min, max, avg, count_if, bool_and and bool_or",
                              name));
}

}  // namespace tidemill::sql
