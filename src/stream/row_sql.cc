// SPDX-License-Identifier: Apache-2.0
#include "stream/row_sql.h"

#include <fmt/format.h>
#include <strings.h>

#include <nlohmann/json.hpp>

namespace tidemill::stream {
namespace {

using Tree = nlohmann::json;

Tree column_ref(const std::string& name) {
  return {{"class", "COLUMN_REF"},
          {"type", "COLUMN_REF"},
          {"alias", ""},
          {"query_location", 0},
          {"column_names", {name}}};
}

bool is_empty(const Tree& tree) {
  return tree.is_null() || tree.empty();
}

// Adds the row's place to a SELECT and to what it selects from.
Result<> add_row(Tree& node, const std::string& input, const std::string& row_column) {
  if (node.value("type", "") != "SELECT_NODE") {
    return error(ErrorCode::Unsupported, "a continuous query is one SELECT without UNION or WITH");
  }
  if (!is_empty(node["group_expressions"])) {
    return error(ErrorCode::Unsupported, "a GROUP BY needs a window");
  }
  Tree& from = node["from_table"];
  const auto type = from.value("type", "");
  if (type == "SUBQUERY") {
    TRY(add_row(from["subquery"]["node"], input, row_column));
  } else if (type != "BASE_TABLE" || from.value("table_name", "") != input) {
    return error(ErrorCode::Unsupported,
                 fmt::format("a continuous query reads '{}' and nothing else", input));
  }
  for (auto& item : node["select_list"]) {
    if (item.value("class", "") == "STAR") item["exclude_list"].push_back(row_column);
  }
  node["select_list"].push_back(column_ref(row_column));
  return {};
}

std::optional<std::size_t> find_column(const std::vector<Column>& columns,
                                       const std::string& name) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (::strcasecmp(columns[i].name.c_str(), name.c_str()) == 0) return i;
  }
  return std::nullopt;
}

// The input's columns that a SELECT list names, when it does nothing else.
std::optional<std::vector<std::size_t>> plain_columns(const Tree& node,
                                                      const std::vector<Column>& columns) {
  if (node["from_table"].value("type", "") != "BASE_TABLE") return std::nullopt;
  if (!is_empty(node["modifiers"]) || !is_empty(node["qualify"]) || !is_empty(node["sample"]) ||
      !is_empty(node["having"])) {
    return std::nullopt;
  }
  std::vector<std::size_t> chosen;
  for (const auto& item : node["select_list"]) {
    const auto kind = item.value("class", "");
    if (kind == "STAR") {
      if (!is_empty(item["replace_list"]) || !is_empty(item["rename_list"]) ||
          !is_empty(item["qualified_exclude_list"]) || !is_empty(item["expr"]) ||
          item.value("columns", false)) {
        return std::nullopt;
      }
      std::vector<bool> excluded(columns.size());
      for (const auto& name : item["exclude_list"]) {
        const auto at = find_column(columns, name.get<std::string>());
        if (!at) return std::nullopt;
        excluded[*at] = true;
      }
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!excluded[i]) chosen.push_back(i);
      }
    } else if (kind == "COLUMN_REF") {
      const auto at = find_column(columns, item["column_names"].back().get<std::string>());
      if (!at) return std::nullopt;
      chosen.push_back(*at);
    } else {
      return std::nullopt;
    }
  }
  return chosen;
}

}  // namespace

Result<RowSelect> select_with_rows(const duck::Connection& connection, const std::string& select,
                                   const std::string& input, const std::vector<Column>& columns,
                                   const std::string& row_column) {
  const std::string text = TRY(duck::serialize_sql(connection, select));
  Tree tree = Tree::parse(text, nullptr, false);
  if (tree.is_discarded() || !tree.contains("statements") || tree["statements"].size() != 1) {
    return error(ErrorCode::Unsupported, "a continuous query is one SELECT");
  }
  Tree& node = tree["statements"][0]["node"];
  RowSelect result;
  Tree plain = node;
  TRY(add_row(node, input, row_column));
  result.projection = plain_columns(plain, columns);
  if (result.projection) {
    if (is_empty(plain["where_clause"])) return result;
    plain["select_list"] = Tree::array({column_ref(row_column)});
    tree["statements"][0]["node"] = std::move(plain);
  }
  result.sql = TRY(duck::deserialize_sql(connection, tree.dump()));
  return result;
}

}  // namespace tidemill::stream
