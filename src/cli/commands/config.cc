// SPDX-License-Identifier: Apache-2.0
// `tidemill config show` and `tidemill config reference`.
#include "config/config.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/project.h"

namespace tidemill::cli {
namespace {

struct Show {
  std::string project;
  std::vector<std::string> assignments;
  bool origin = false;
};
struct Nothing {};

Result<> show(Context& context, const Show& arguments) {
  const config::Config config = TRY(load_config(arguments.project, arguments.assignments));
  std::vector<std::string> headings = {"OPTION", "VALUE"};
  if (arguments.origin) headings.emplace_back("ORIGIN");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, setting] : config.settings()) {
    rows.push_back({name, setting.text});
    if (arguments.origin) rows.back().push_back(setting.origin);
  }
  context.output().rows(headings, rows);
  return {};
}

Result<> reference(Context& context, const Nothing&) {
  context.output().raw(config::reference_page());
  return {};
}

}  // namespace

void add_config_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& config = *root.add_subcommand("config", "Options");
  config.require_subcommand(1);
  auto shown = add_verb(config, chosen, "show", "Print the value of every option", show, context);
  shown.app->add_option("PROJECT", shown.arguments->project, "Read this project's tidemill.yaml");
  shown.app->add_option("--set", shown.arguments->assignments, "name=value");
  shown.app->add_flag("--origin", shown.arguments->origin, "Say where each value comes from");
  add_verb(config, chosen, "reference", "Print the reference page of all options", reference,
           context);
}

}  // namespace tidemill::cli
