// SPDX-License-Identifier: Apache-2.0
// The syntax tree of a SELECT as DuckDB 1.5 gives it (json_serialize_sql): the only file that
// knows its shape. Golden tests in select_ast_test.cc notice when another DuckDB changes it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemill::sql {

// A node of the tree: an expression, a table reference or a whole SELECT.
using Tree = nlohmann::json;

namespace ast {

// Parses the document of json_serialize_sql. Gives the node of its one SELECT; Unsupported names
// UNION and the like.
Result<Tree> select_node(const std::string& document);
// The document json_deserialize_sql takes.
std::string document_of(const Tree& select_node);
// A SELECT without FROM that gives these expressions.
Tree select_of(std::vector<Tree> expressions);

// Expressions.
bool is_column(const Tree& expression);
// "t.c" -> {"t", "c"}
std::vector<std::string> column_path(const Tree& expression);
Tree column(const std::string& name);
// `type_id` is DuckDB's: "DATE".
Tree cast(Tree expression, std::string_view type_id);
bool is_function(const Tree& expression);
std::string function_name(const Tree& expression);
bool is_subquery(const Tree& expression);
bool is_window_function(const Tree& expression);
bool is_star(const Tree& expression);
bool is_parameter(const Tree& expression);
std::string alias_of(const Tree& expression);
// An integer constant, as in GROUP BY 1.
std::optional<std::int64_t> integer_constant(const Tree& expression);
std::optional<std::size_t> location(const Tree& node);
// Equal for equal expressions wherever they stand and whatever they are called.
std::string fingerprint(const Tree& expression);

struct Aggregate {
  std::string name;
  std::vector<Tree> arguments;
  std::optional<Tree> filter;
  bool distinct = false;
  bool ordered = false;
};
Aggregate aggregate_of(const Tree& function);

// Every expression below the node and itself, parents first; `visit` says whether to go deeper.
void walk(const Tree& node, const std::function<bool(const Tree&)>& visit);
// Replaces expressions, parents first: what `replace` gives stands in for the one it saw.
Tree rewrite(const Tree& node, const std::function<std::optional<Tree>(const Tree&)>& replace);
// Leaves a column out of every plain `*`.
void exclude_from_stars(Tree& select, const std::string& column);

// The parts of a SELECT node.
std::vector<Tree> select_list(const Tree& select);
std::optional<Tree> where_clause(const Tree& select);
std::optional<Tree> having(const Tree& select);
std::vector<Tree> group_expressions(const Tree& select);
bool groups_by_all(const Tree& select);
bool has_grouping_sets(const Tree& select);
bool is_distinct(const Tree& select);
std::vector<Tree> distinct_on(const Tree& select);
// A clause that no continuous query has: ORDER BY, LIMIT, QUALIFY, WITH, SAMPLE.
std::optional<std::string> unsupported_clause(const Tree& select);
void remove_modifiers(Tree& select);

struct FromTable {
  std::string name;
  std::string alias;
  std::size_t location = 0;
};
struct FromFunction {
  std::string name;
  std::vector<Tree> arguments;
  std::string alias;
  std::size_t location = 0;
};
struct From {
  std::optional<FromTable> table;
  std::optional<FromFunction> function;
  std::string other;  // "a join", "a subquery", "nothing"
};
From from_of(const Tree& select);
void set_from(Tree& select, const std::string& table, const std::string& alias);

}  // namespace ast
}  // namespace tidemill::sql
