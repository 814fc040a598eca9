// SPDX-License-Identifier: Apache-2.0
// How commands are declared: each noun's file adds its verbs to the tree and says what they run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cli/client.h"
#include "cli/output.h"

namespace tidemill::cli {

// What every command gets. Options shared by all are parsed into it.
struct Context {
  std::string url = "http://127.0.0.1:8080";
  OutputFormat format = OutputFormat::Table;

  Client client() const { return Client(url); }
  Output output() const { return Output(format); }
};

// What to do once the line was parsed; set by the command's callback.
using Action = std::function<Result<>()>;

// Adds a verb below `parent` that runs `run` with the arguments parsed into `Arguments`.
template <class Arguments>
struct Verb {
  CLI::App* app;
  std::shared_ptr<Arguments> arguments;
};
template <class Arguments>
Verb<Arguments> add_verb(CLI::App& parent, Action& chosen, const std::string& name,
                         const std::string& help, Result<> (*run)(Context&, const Arguments&),
                         Context& context) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = parent.add_subcommand(name, help);
  app->callback([arguments, run, &context, &chosen] {
    chosen = [arguments, run, &context] { return run(context, *arguments); };
  });
  return {app, arguments};
}

// One function per file in commands/; command_table.cc calls them all.
void add_topic_commands(CLI::App& root, Action& chosen, Context& context);
void add_group_commands(CLI::App& root, Action& chosen, Context& context);
void add_query_commands(CLI::App& root, Action& chosen, Context& context);
void add_table_commands(CLI::App& root, Action& chosen, Context& context);
void add_dead_letter_commands(CLI::App& root, Action& chosen, Context& context);
void add_statement_commands(CLI::App& root, Action& chosen, Context& context);
void add_project_commands(CLI::App& root, Action& chosen, Context& context);
void add_instance_commands(CLI::App& root, Action& chosen, Context& context);
void add_config_commands(CLI::App& root, Action& chosen, Context& context);
void add_user_commands(CLI::App& root, Action& chosen, Context& context);
void add_acl_commands(CLI::App& root, Action& chosen, Context& context);
void add_completion_command(CLI::App& root, Action& chosen, Context& context);

// Adds all of them and the options they share.
void add_all_commands(CLI::App& root, Action& chosen, Context& context);

// The exit status of a failed command: 2 for a wrong line, 3 when nothing answers, 1 else.
int exit_status(ErrorCode code);

}  // namespace tidemill::cli
