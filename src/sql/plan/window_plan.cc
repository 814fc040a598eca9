// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/window_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/plan/accumulators.h"
#include "sql/plan/expression_rules.h"
#include "sql/plan/source_plan.h"

namespace tidemill::sql {
namespace {

constexpr std::size_t kAliasDepthMax = 16;

struct GroupKey {
  std::string name;
  std::string fingerprint;
  Tree expression;
};

class WindowPlanner {
 public:
  WindowPlanner(PlanningDatabase& database, const BoundSelect& bound)
      : database_(database), bound_(bound), accumulators_(database, bound.text) {}

  Result<WindowPlan> run() {
    if (ast::is_distinct(bound_.select)) {
      return fail(bound_.select, ErrorCode::Unsupported, "DISTINCT with GROUP BY is not built");
    }
    if (ast::has_grouping_sets(bound_.select)) {
      return fail(bound_.select, ErrorCode::Unsupported,
                  "GROUPING SETS, ROLLUP and CUBE are not built");
    }
    for (const Tree& item : ast::select_list(bound_.select)) {
      if (ast::is_star(item)) {
        return fail(item, ErrorCode::Unsupported, "* with GROUP BY is not built; name the columns");
      }
      items_.push_back(item);
    }
    for (Tree& item : items_) item = without_aliases(item, 0);
    TRY(parse_window_expressions());
    TRY(collect_keys());
    TRY(plan_final());
    TRY(plan_stage());
    TRY(type_final());
    plan_.window.size = bound_.tumble->size;
    return std::move(plan_);
  }

 private:
  Error fail(const Tree& node, ErrorCode code, std::string_view message) const {
    return error_at(bound_.text, node, code, message);
  }

  bool is_source_column(const std::string& name) const {
    return std::ranges::any_of(bound_.relation.source.columns, [&](const auto& column) {
      return equals_ignoring_case(column.column.name, name);
    });
  }

  static std::string window_column(const Tree& node) {
    if (!ast::is_column(node)) return "";
    const auto path = ast::column_path(node);
    const std::string name = path.size() == 1 ? to_lower(path[0]) : "";
    return name == "window_start" || name == "window_end" ? name : "";
  }

  // A name that is no column may be one of the SELECT list, in every clause (as in DuckDB).
  Tree without_aliases(const Tree& expression, std::size_t depth) const {
    return ast::rewrite(expression, [&](const Tree& node) -> std::optional<Tree> {
      if (!ast::is_column(node) || depth > kAliasDepthMax) return std::nullopt;
      const auto path = ast::column_path(node);
      if (path.size() != 1 || is_source_column(path[0]) || !window_column(node).empty()) {
        return std::nullopt;
      }
      for (const Tree& item : ast::select_list(bound_.select)) {
        if (!equals_ignoring_case(ast::alias_of(item), path[0])) continue;
        Tree meant = without_aliases(item, depth + 1);
        meant["alias"] = "";
        return meant;
      }
      return std::nullopt;
    });
  }

  Result<> parse_window_expressions() {
    const std::string time = fmt::format("epoch_us({})", quote_name(bound_.tumble->time_column));
    const auto size = bound_.tumble->size.count();
    // The remainder is made positive, so that times before 1970 fall into their own window.
    bucket_sql_ = fmt::format("make_timestamp({0} - (({0} % {1}) + {1}) % {1})", time, size);
    const std::string end =
        fmt::format("make_timestamp({0} - (({0} % {1}) + {1}) % {1} + {1})", time, size);
    const std::string type(tidemill::name_of(bound_.tumble->time_type));
    for (const auto& [name, sql] :
         {std::pair{"window_start", bucket_sql_}, std::pair{"window_end", end}}) {
      input_window_[name] =
          TRY(database_.parse_expression(fmt::format("CAST({} AS {})", sql, type)));
      final_window_[name] =
          TRY(database_.parse_expression(fmt::format("CAST({} AS {})", name, type)));
    }
    return {};
  }

  Result<> collect_keys() {
    std::vector<Tree> groups = ast::group_expressions(bound_.select);
    if (groups.empty() && ast::groups_by_all(bound_.select)) {
      for (const Tree& item : items_) {
        if (!contains_aggregate(database_, item)) groups.push_back(item);
      }
    }
    bool has_window = false;
    for (const Tree& group : groups) {
      Tree expression = without_aliases(group, 0);
      if (const auto ordinal = ast::integer_constant(group)) {
        // DuckDB has checked the range.
        expression = items_.at(static_cast<std::size_t>(*ordinal - 1));
      }
      if (!window_column(expression).empty()) {
        has_window = true;
        continue;
      }
      add_key(std::move(expression));
    }
    if (has_window) return {};
    return fail(bound_.select, ErrorCode::InvalidArgument,
                "GROUP BY over tumble() must have window_start or window_end");
  }

  void add_key(Tree expression) {
    const std::string print = ast::fingerprint(expression);
    for (const GroupKey& key : keys_) {
      if (key.fingerprint == print) return;
    }
    std::string name = fmt::format("key_{}", keys_.size() + 1);
    if (ast::is_column(expression)) {
      const std::string own = ast::column_path(expression).back();
      if (!own.starts_with("acc_") && !own.starts_with("key_")) name = own;
    }
    expression["alias"] = "";
    keys_.push_back({std::move(name), print, std::move(expression)});
  }

  // On the input's side a window column is computed from the time.
  Tree input_side(const Tree& expression) const {
    return ast::rewrite(expression, [&](const Tree& node) -> std::optional<Tree> {
      const std::string window = window_column(node);
      if (window.empty()) return std::nullopt;
      return input_window_.at(window);
    });
  }

  // On the result's side keys and aggregates are columns of `closed`.
  Result<Tree> final_side(const Tree& expression) {
    Result<> outcome;
    Tree out = ast::rewrite(expression, [&](const Tree& node) -> std::optional<Tree> {
      if (!outcome.ok()) return node;
      const std::string window = window_column(node);
      if (!window.empty()) return final_window_.at(window);
      const std::string print = ast::fingerprint(node);
      for (const GroupKey& key : keys_) {
        if (key.fingerprint == print) return ast::column(key.name);
      }
      if (is_aggregate(database_, node)) {
        auto replaced = accumulators_.decompose(node, input_side(node));
        if (replaced.ok()) return std::move(*replaced);
        outcome = replaced.error();
        return node;
      }
      if (ast::is_column(node)) {
        outcome = fail(node, ErrorCode::InvalidArgument,
                       fmt::format("column '{}' must be in GROUP BY or inside an aggregate",
                                   ast::column_path(node).back()));
        return node;
      }
      return std::nullopt;
    });
    if (!outcome.ok()) return std::move(outcome).error();
    return out;
  }

  Result<> plan_final() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Tree item = TRY(final_side(items_[i]));
      final_items_.push_back(TRY(database_.expression_text(item)));
      note_key(items_[i], bound_.columns[i].name);
    }
    if (const auto having = ast::having(bound_.select)) {
      having_ = TRY(database_.expression_text(TRY(final_side(without_aliases(*having, 0)))));
    }
    find_missing_key();
    return {};
  }

  void note_key(const Tree& item, const std::string& output) {
    if (!window_column(item).empty()) {
      if (!window_is_out_) plan_.key.push_back(output);
      window_is_out_ = true;
      return;
    }
    const std::string print = ast::fingerprint(item);
    for (const GroupKey& key : keys_) {
      if (key.fingerprint != print || std::ranges::find(keys_out_, key.name) != keys_out_.end()) {
        continue;
      }
      keys_out_.push_back(key.name);
      plan_.key.push_back(output);
    }
  }

  void find_missing_key() {
    if (!window_is_out_) plan_.missing_key = "window_start";
    for (const GroupKey& key : keys_) {
      if (std::ranges::find(keys_out_, key.name) == keys_out_.end()) plan_.missing_key = key.name;
    }
    if (!plan_.missing_key.empty()) plan_.key.clear();
  }

  Result<> plan_stage() {
    std::vector<std::string> parts{bucket_sql_};
    std::vector<std::string> names{"window_start"};
    for (const GroupKey& key : keys_) {
      parts.push_back(TRY(database_.expression_text(input_side(key.expression))));
      names.push_back(key.name);
    }
    for (const auto& part : accumulators_.parts()) {
      parts.push_back(part.sql);
      names.push_back(part.name);
    }
    std::string tail = fmt::format(" FROM input AS {}", quote_name(bound_.alias));
    if (const auto where = ast::where_clause(bound_.select)) {
      const Tree condition = input_side(without_aliases(*where, 0));
      tail += " WHERE " + TRY(database_.expression_text(condition));
    }
    std::vector<std::size_t> ordinals;
    for (std::size_t i = 0; i <= keys_.size(); ++i) ordinals.push_back(i + 1);
    tail += fmt::format(" GROUP BY {}", fmt::join(ordinals, ", "));

    TRY(database_.declare("input", columns_of(bound_.relation.source)));
    const auto typed = TRY(database_.describe_own(select_sql(parts, names, tail)));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const ColumnType type = stream_type(typed[i]);
      if (!typed[i].type) parts[i] = fmt::format("CAST({} AS {})", parts[i], name_of(type));
      if (i == 0) continue;
      const Column column{names[i], type};
      if (i <= keys_.size()) {
        plan_.window.keys.push_back(column);
      } else {
        plan_.window.accumulators.push_back(
            {column, accumulators_.parts()[i - 1 - keys_.size()].merge});
      }
    }
    plan_.select_sql = select_sql(parts, names, tail);
    return {};
  }

  static std::string select_sql(const std::vector<std::string>& parts,
                                const std::vector<std::string>& names, const std::string& tail) {
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) sql += ", ";
      sql += fmt::format("{} AS {}", parts[i], quote_name(names[i]));
    }
    return sql + tail;
  }

  Result<> type_final() {
    std::vector<Column> closed{{"window_start", ColumnType::Timestamp},
                               {"window_end", ColumnType::Timestamp}};
    for (const Column& key : plan_.window.keys) closed.push_back(key);
    for (const auto& accumulator : plan_.window.accumulators) closed.push_back(accumulator.column);
    TRY(database_.declare("closed", closed));
    std::vector<std::string> names;
    for (const auto& column : bound_.columns) names.push_back(column.name);
    const std::string tail = having_.empty() ? " FROM closed" : " FROM closed WHERE " + having_;
    const auto typed = TRY(database_.describe_own(select_sql(final_items_, names, tail)));
    for (std::size_t i = 0; i < typed.size(); ++i) {
      // The type DuckDB gives the same query over a table.
      const ColumnType wanted = stream_type(bound_.columns[i]);
      if (typed[i].type != wanted) {
        final_items_[i] = fmt::format("CAST({} AS {})", final_items_[i], name_of(wanted));
      }
      plan_.output.push_back({names[i], wanted});
    }
    plan_.window.final_sql = select_sql(final_items_, names, tail);
    return {};
  }

  PlanningDatabase& database_;
  const BoundSelect& bound_;
  Accumulators accumulators_;
  std::vector<Tree> items_;
  std::vector<GroupKey> keys_;
  std::string bucket_sql_;
  std::map<std::string, Tree> input_window_;
  std::map<std::string, Tree> final_window_;
  std::vector<std::string> final_items_;
  std::string having_;
  bool window_is_out_ = false;
  std::vector<std::string> keys_out_;
  WindowPlan plan_;
};

}  // namespace

Result<WindowPlan> plan_window(PlanningDatabase& database, const BoundSelect& bound) {
  return WindowPlanner(database, bound).run();
}

}  // namespace tidemill::sql
