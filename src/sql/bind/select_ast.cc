// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/select_ast.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/parse/lexer.h"

namespace tidemill::sql::ast {
namespace {

constexpr std::size_t kDepthMax = 1000;
constexpr std::uint64_t kNoLocation = 0xffff'ffff'ffff'ffff;

std::string text_at(const Tree& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

bool has(const Tree& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && !found->is_null() && !(found->is_array() && found->empty());
}

std::vector<Tree> list_at(const Tree& node, const char* key) {
  const auto found = node.find(key);
  if (found == node.end() || !found->is_array()) return {};
  return {found->begin(), found->end()};
}

std::optional<Tree> tree_at(const Tree& node, const char* key) {
  if (!has(node, key)) return std::nullopt;
  return node.at(key);
}

bool is_expression(const Tree& node) {
  return node.is_object() && node.contains("class");
}

bool is_class(const Tree& node, std::string_view name) {
  return is_expression(node) && text_at(node, "class") == name;
}

std::vector<Tree> modifiers_of(const Tree& select, std::string_view type) {
  std::vector<Tree> found;
  for (const Tree& modifier : list_at(select, "modifiers")) {
    if (text_at(modifier, "type") == type) found.push_back(modifier);
  }
  return found;
}

void strip_places(Tree& node) {
  if (node.is_object()) {
    node.erase("query_location");
    node.erase("alias");
    if (is_class(node, "COLUMN_REF")) {
      for (Tree& name : node["column_names"]) name = to_lower(name.get<std::string>());
    }
  }
  if (node.is_structured()) {
    for (Tree& child : node) strip_places(child);
  }
}

void walk_within(const Tree& node, const std::function<bool(const Tree&)>& visit,
                 std::size_t depth) {
  if (depth > kDepthMax || !node.is_structured()) return;
  if (is_expression(node) && !visit(node)) return;
  for (const Tree& child : node) walk_within(child, visit, depth + 1);
}

}  // namespace

Result<Tree> select_node(const std::string& document) {
  const Tree tree = Tree::parse(document, nullptr, false);
  if (tree.is_discarded() || !tree.contains("statements")) {
    return error(ErrorCode::Internal, "json_serialize_sql gave no document");
  }
  const Tree& statements = tree.at("statements");
  if (statements.size() != 1) {
    return error(ErrorCode::InvalidArgument, "expected one SELECT");
  }
  Tree node = statements.at(0).at("node");
  const std::string type = text_at(node, "type");
  if (type == "SET_OPERATION_NODE") {
    return error(ErrorCode::Unsupported, "UNION, EXCEPT and INTERSECT are not built");
  }
  if (type != "SELECT_NODE") {
    return error(ErrorCode::Unsupported, fmt::format("{} is not built", type));
  }
  return node;
}

std::string document_of(const Tree& select_node) {
  Tree statement;
  statement["node"] = select_node;
  statement["named_param_map"] = Tree::array();
  Tree document;
  document["error"] = false;
  document["statements"] = Tree::array({statement});
  return document.dump();
}

Tree select_of(std::vector<Tree> expressions) {
  static const Tree kEmpty = Tree::parse(R"({
    "type": "SELECT_NODE", "modifiers": [], "cte_map": {"map": []}, "select_list": [],
    "from_table": {"type": "EMPTY", "alias": "", "sample": null, "query_location": 0},
    "where_clause": null, "group_expressions": [], "group_sets": [],
    "aggregate_handling": "STANDARD_HANDLING", "having": null, "sample": null, "qualify": null})");
  Tree node = kEmpty;
  node["select_list"] = std::move(expressions);
  return node;
}

bool is_column(const Tree& expression) {
  return is_class(expression, "COLUMN_REF");
}

std::vector<std::string> column_path(const Tree& expression) {
  std::vector<std::string> path;
  for (const Tree& name : list_at(expression, "column_names")) {
    path.push_back(name.get<std::string>());
  }
  return path;
}

Tree column(const std::string& name) {
  Tree node = Tree::parse(
      R"({"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "query_location": null})");
  node["query_location"] = kNoLocation;
  node["column_names"] = Tree::array({name});
  return node;
}

Tree cast(Tree expression, std::string_view type_id) {
  Tree node = Tree::parse(R"({"class": "CAST", "type": "OPERATOR_CAST", "alias": "",
                              "cast_type": {"id": "", "type_info": null}, "try_cast": false})");
  node["query_location"] = kNoLocation;
  node["child"] = std::move(expression);
  node["cast_type"]["id"] = type_id;
  return node;
}

bool is_function(const Tree& expression) {
  return is_class(expression, "FUNCTION");
}

std::string function_name(const Tree& expression) {
  return to_lower(text_at(expression, "function_name"));
}

bool is_subquery(const Tree& expression) {
  return is_class(expression, "SUBQUERY");
}

bool is_window_function(const Tree& expression) {
  return is_class(expression, "WINDOW");
}

bool is_star(const Tree& expression) {
  return is_class(expression, "STAR");
}

bool is_parameter(const Tree& expression) {
  return is_class(expression, "PARAMETER");
}

std::string alias_of(const Tree& expression) {
  return text_at(expression, "alias");
}

std::optional<std::int64_t> integer_constant(const Tree& expression) {
  if (!is_class(expression, "CONSTANT")) return std::nullopt;
  const auto value = expression.find("value");
  if (value == expression.end() || !value->is_object()) return std::nullopt;
  const auto number = value->find("value");
  if (number == value->end() || !number->is_number_integer()) return std::nullopt;
  return number->get<std::int64_t>();
}

std::optional<std::size_t> location(const Tree& node) {
  const auto found = node.find("query_location");
  if (found == node.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto at = found->get<std::uint64_t>();
  // DuckDB's "no location" is the largest number.
  if (at > kSqlBytesMax) return std::nullopt;
  return static_cast<std::size_t>(at);
}

std::string fingerprint(const Tree& expression) {
  Tree bare = expression;
  strip_places(bare);
  return bare.dump();
}

Aggregate aggregate_of(const Tree& function) {
  Aggregate aggregate;
  aggregate.name = function_name(function);
  aggregate.arguments = list_at(function, "children");
  aggregate.filter = tree_at(function, "filter");
  aggregate.distinct = function.value("distinct", false);
  const auto order = function.find("order_bys");
  aggregate.ordered = order != function.end() && order->is_object() && has(*order, "orders");
  return aggregate;
}

void walk(const Tree& node, const std::function<bool(const Tree&)>& visit) {
  walk_within(node, visit, 0);
}

Tree rewrite(const Tree& node, const std::function<std::optional<Tree>(const Tree&)>& replace) {
  if (!node.is_structured()) return node;
  if (is_expression(node)) {
    if (auto replacement = replace(node)) {
      if (!alias_of(node).empty()) (*replacement)["alias"] = alias_of(node);
      return *replacement;
    }
  }
  Tree out = node;
  for (Tree& child : out) child = rewrite(child, replace);
  return out;
}

void exclude_from_stars(Tree& select, const std::string& column) {
  select["select_list"] = rewrite(select["select_list"], [&](const Tree& node) {
    std::optional<Tree> changed;
    if (is_star(node) && !node.value("columns", false)) {
      changed = node;
      Tree& excluded = (*changed)["exclude_list"];
      if (!excluded.is_array()) excluded = Tree::array();
      excluded.push_back(column);
    }
    return changed;
  });
}

std::vector<Tree> select_list(const Tree& select) {
  return list_at(select, "select_list");
}

std::optional<Tree> where_clause(const Tree& select) {
  return tree_at(select, "where_clause");
}

std::optional<Tree> having(const Tree& select) {
  return tree_at(select, "having");
}

std::vector<Tree> group_expressions(const Tree& select) {
  return list_at(select, "group_expressions");
}

bool groups_by_all(const Tree& select) {
  return text_at(select, "aggregate_handling") == "FORCE_AGGREGATES";
}

bool has_grouping_sets(const Tree& select) {
  return list_at(select, "group_sets").size() > 1;
}

bool is_distinct(const Tree& select) {
  return !modifiers_of(select, "DISTINCT_MODIFIER").empty();
}

std::vector<Tree> distinct_on(const Tree& select) {
  const auto found = modifiers_of(select, "DISTINCT_MODIFIER");
  return found.empty() ? std::vector<Tree>{} : list_at(found.front(), "distinct_on_targets");
}

std::optional<std::string> unsupported_clause(const Tree& select) {
  if (!modifiers_of(select, "ORDER_MODIFIER").empty()) return "ORDER BY";
  if (!modifiers_of(select, "LIMIT_MODIFIER").empty() ||
      !modifiers_of(select, "LIMIT_PERCENT_MODIFIER").empty()) {
    return "LIMIT";
  }
  if (has(select, "qualify")) return "QUALIFY";
  if (has(select, "sample")) return "SAMPLE";
  const auto ctes = select.find("cte_map");
  if (ctes != select.end() && ctes->is_object() && has(*ctes, "map")) {
    return "WITH (a common table expression)";
  }
  return std::nullopt;
}

void remove_modifiers(Tree& select) {
  select["modifiers"] = Tree::array();
}

From from_of(const Tree& select) {
  From from;
  const auto found = select.find("from_table");
  if (found == select.end() || !found->is_object()) {
    from.other = "nothing";
    return from;
  }
  const std::string type = text_at(*found, "type");
  if (type == "BASE_TABLE") {
    from.table = FromTable{text_at(*found, "table_name"), text_at(*found, "alias"),
                           location(*found).value_or(0)};
  } else if (type == "TABLE_FUNCTION") {
    const Tree& function = found->at("function");
    from.function = FromFunction{function_name(function), list_at(function, "children"),
                                 text_at(*found, "alias"), location(*found).value_or(0)};
  } else if (type == "JOIN") {
    from.other = "a join";
  } else if (type == "SUBQUERY") {
    from.other = "a subquery";
  } else if (type == "EMPTY") {
    from.other = "nothing";
  } else {
    from.other = to_lower(type);
  }
  return from;
}

void set_from(Tree& select, const std::string& table, const std::string& alias) {
  static const Tree kTable = Tree::parse(R"({
    "type": "BASE_TABLE", "alias": "", "sample": null, "query_location": 0, "schema_name": "",
    "table_name": "", "column_name_alias": [], "catalog_name": "", "at_clause": null})");
  Tree from = kTable;
  from["table_name"] = table;
  from["alias"] = alias;
  select["from_table"] = std::move(from);
}

}  // namespace tidemill::sql::ast
