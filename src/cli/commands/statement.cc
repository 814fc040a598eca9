// SPDX-License-Identifier: Apache-2.0
// `tidemill sql` and `tidemill cql`: one statement from the line, a file, or a prompt.
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct Statement {
  std::string text;
  std::string file;
  std::string keyspace;
};

std::string cell(const Json& value) {
  return value.is_null() ? "null" : cell_text(value);
}

void print_rows(const Output& output, const Json& result) {
  std::vector<std::string> headings;
  for (const auto& c : result.at("columns")) headings.push_back(c.value("name", ""));
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : result.at("rows")) {
    auto& cells = rows.emplace_back();
    for (const auto& value : row) cells.push_back(cell(value));
  }
  output.rows(headings, rows);
}

Result<> run_sql(Context& context, const std::string& text) {
  const Json answer = TRY(context.client().post("/api/v1/sql", {{"sql", text}}));
  const Output output = context.output();
  for (const auto& result : answer.at("results")) {
    if (result.contains("columns")) print_rows(output, result);
    if (result.contains("message")) output.line(result.value("message", ""));
  }
  return {};
}

Result<> run_cql(Context& context, const std::string& text, const std::string& keyspace) {
  Json request{{"cql", text}, {"page_size", 1000}};
  if (!keyspace.empty()) request["keyspace"] = keyspace;
  const Client client = context.client();
  const Output output = context.output();
  while (true) {
    const Json page = TRY(client.post("/api/v1/cql", request));
    if (!page.at("columns").empty()) print_rows(output, page);
    for (const auto& warning : page.value("warnings", Json::array())) {
      print_error(error(ErrorCode::Internal, "warning: " + warning.get<std::string>()));
    }
    if (!page.contains("paging_state")) return {};
    request["paging_state"] = page["paging_state"];
  }
}

// Statements from a person, each ended by a semicolon; errors do not end the session.
template <class Run>
Result<> prompt(const Output& output, const std::string& name, Run run) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  std::string pending;
  Result<> last;
  const auto ask = [&] {
    if (terminal) output.prompt((pending.empty() ? name : std::string(name.size(), ' ')) + "> ");
  };
  ask();
  for (std::string text; std::getline(std::cin, text); ask()) {
    if (pending.empty() && (text == "exit" || text == "quit" || text == "\\q")) break;
    pending += text + "\n";
    const auto end = pending.find_last_not_of(" \t\r\n");
    if (end == std::string::npos || pending[end] != ';') continue;
    last = run(std::exchange(pending, {}));
    if (!last.ok()) {
      if (!terminal) return last;
      print_error(last.error());
    }
  }
  if (pending.find_first_not_of(" \t\r\n") != std::string::npos) return run(pending);
  return {};
}

template <class Run>
Result<> run_statement(Context& context, const Statement& arguments, const std::string& name,
                       Run run) {
  if (!arguments.file.empty()) {
    std::ifstream file(arguments.file);
    if (!file) {
      return error(ErrorCode::NotFound, fmt::format("cannot open file '{}'", arguments.file));
    }
    std::stringstream text;
    text << file.rdbuf();
    return run(text.str());
  }
  if (!arguments.text.empty()) return run(arguments.text);
  return prompt(context.output(), name, run);
}

Result<> sql(Context& context, const Statement& arguments) {
  return run_statement(context, arguments, "sql",
                       [&](const std::string& text) { return run_sql(context, text); });
}

Result<> cql(Context& context, const Statement& arguments) {
  return run_statement(context, arguments, "cql", [&](const std::string& text) {
    return run_cql(context, text, arguments.keyspace);
  });
}

}  // namespace

void add_statement_commands(CLI::App& root, Action& chosen, Context& context) {
  const auto statement = [&](const char* name, const char* help,
                             Result<> (*run)(Context&, const Statement&)) {
    auto added = add_verb(root, chosen, name, help, run, context);
    added.app->add_option("STATEMENT", added.arguments->text,
                          "What to run; without it statements are read from standard input");
    added.app->add_option("-f,--file", added.arguments->file, "Run the statements of a file");
    return added;
  };
  statement("sql", "Run streaming SQL", sql);
  auto with_keyspace = statement("cql", "Run CQL", cql);
  with_keyspace.app->add_option("-k,--keyspace", with_keyspace.arguments->keyspace,
                                "Keyspace of unqualified names");
}

}  // namespace tidemill::cli
