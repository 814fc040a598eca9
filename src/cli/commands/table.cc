// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct List {
  bool all = false;
};
struct Named {
  std::string name;
};

Result<> list(Context& context, const List& arguments) {
  Json tables = TRY(context.client().get("/api/v1/tables"));
  if (!arguments.all) {
    Json own = Json::array();
    for (auto& table : tables) {
      if (!table.value("system", false)) own.push_back(std::move(table));
    }
    tables = std::move(own);
  }
  context.output().list(
      tables, {{"KEYSPACE", "keyspace"},
               {"TABLE", "table"},
               {"COLUMNS", "columns"},
               {"PRIMARY KEY", "primary_key",
                [](const Json& t) {
                  std::string text;
                  for (const auto& c : t.at("primary_key")) {
                    text += (text.empty() ? "" : ", ") + c.get<std::string>();
                  }
                  return text;
                }},
               {"ROWS (ABOUT)", "rows_estimate"},
               {"SIZE", "bytes", [](const Json& t) { return human_bytes(t.value("bytes", 0.0)); }},
               {"TTL", "default_time_to_live"}});
  return {};
}

Result<> describe(Context& context, const Named& arguments) {
  const auto dot = arguments.name.find('.');
  if (dot == std::string::npos) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("'{}' is not of the form KEYSPACE.TABLE", arguments.name));
  }
  const Json table = TRY(context.client().get(
      fmt::format("/api/v1/tables/{}/{}", percent_encoded(arguments.name.substr(0, dot)),
                  percent_encoded(arguments.name.substr(dot + 1)))));
  const Output output = context.output();
  if (output.format() != OutputFormat::Table) {
    output.object(table);
    return {};
  }
  output.list(table.at("column_list"), {{"COLUMN", "name"}, {"TYPE", "type"}, {"KIND", "kind"}});
  output.line("\n" + table.value("create_statement", ""));
  return {};
}

}  // namespace

void add_table_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& table = *root.add_subcommand("table", "CQL tables");
  table.require_subcommand(1);
  auto listed = add_verb(table, chosen, "list", "List the tables", list, context);
  listed.app->add_flag("-a,--all", listed.arguments->all, "System tables too");
  auto described = add_verb(table, chosen, "describe",
                            "Show a table's columns and its CREATE statement", describe, context);
  described.app->add_option("KEYSPACE.TABLE", described.arguments->name)->required();
}

}  // namespace tidemill::cli
