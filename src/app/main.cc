// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

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
  } catch (const CLI::RequiredError& e) {
    // CLI11 asks for a subcommand before it looks at the word that is none.
    if (const auto words = root.remaining(true);
        !words.empty() && !words.front().starts_with('-')) {
      cli::print_error(tidemill::error(tidemill::ErrorCode::InvalidArgument,
                                       fmt::format("unknown command '{}'", words.front()))
                           .with_hint("tidemill --help lists the commands"));
      return 2;
    }
    root.exit(e);
    return 2;
  } catch (const CLI::ParseError& e) {
    const int status = root.exit(e);
    return status == 0 ? 0 : 2;
  }
  const auto outcome = chosen();
  if (outcome.ok()) return 0;
  cli::print_error(outcome.error());
  return cli::exit_status(outcome.error().code);
}
