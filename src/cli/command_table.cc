// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace tidemill::cli {

void add_all_commands(CLI::App& root, Action& chosen, Context& context) {
  root.add_option("--url", context.url, "Address of the running instance")
      ->envname("TIDEMILL_URL")
      ->capture_default_str();
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::Table}, {"json", OutputFormat::Json}, {"csv", OutputFormat::Csv}};
  root.add_option("-o,--output", context.format, "Form of lists: table, json or csv")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case))
      ->option_text("FORMAT");
  root.fallthrough();
  root.require_subcommand(1);
  for (const auto add :
       {add_project_commands, add_instance_commands, add_topic_commands, add_group_commands,
        add_query_commands, add_table_commands, add_dead_letter_commands, add_statement_commands,
        add_user_commands, add_acl_commands, add_config_commands, add_completion_command}) {
    add(root, chosen, context);
  }
}

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 2;
    case ErrorCode::Unavailable:
    case ErrorCode::NotLeader:
      return 3;
    case ErrorCode::NotFound:
    case ErrorCode::AlreadyExists:
    case ErrorCode::Denied:
    case ErrorCode::Conflict:
    case ErrorCode::Corrupt:
    case ErrorCode::TooLarge:
    case ErrorCode::Exhausted:
    case ErrorCode::Timeout:
    case ErrorCode::Cancelled:
    case ErrorCode::Unsupported:
    case ErrorCode::Io:
    case ErrorCode::Internal:
      return 1;
  }
  return 1;
}

}  // namespace tidemill::cli
