// SPDX-License-Identifier: Apache-2.0
#include "app/up.h"
#include "cli/command.h"

int main(int argc, char** argv) {
  namespace app = tidemill::app;
  namespace cli = tidemill::cli;
  CLI::App root("Tidemill: a whole streaming data stack in one program", "tidemill");
  root.set_version_flag("--version", std::string("tidemill ") + TIDEMILL_VERSION);
  cli::Context context;
  cli::Action chosen;
  app::add_up_command(root, chosen, context);
  cli::add_all_commands(root, chosen, context);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int status = root.exit(e);
    return status == 0 ? 0 : 2;
  }
  const auto outcome = chosen();
  if (outcome.ok()) return 0;
  cli::print_error(outcome.error());
  return cli::exit_status(outcome.error().code);
}
