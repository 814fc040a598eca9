// SPDX-License-Identifier: Apache-2.0
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct Nothing {};
struct Named {
  std::string name;
};
struct Created {
  std::string name;
  bool superuser = false;
};
struct Rank {
  std::string name;
  bool revoke = false;
};

std::string user_path(const std::string& name) {
  return "/api/v1/users/" + percent_encoded(name);
}

// A line of standard input; from a terminal it is asked for, and not shown. Never an argument:
// everybody on the machine can read those.
Result<std::string> read_password(const std::string& user) {
  termios before{};
  const bool asks = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (asks) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // tidy: allow print: a prompt, which belongs to no output format
    std::cerr << "Password of user '" << user << "': " << std::flush;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string password;
  std::getline(std::cin, password);
  if (asks) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    // tidy: allow print: ends the prompt
    std::cerr << '\n';
  }
  if (password.empty()) {
    return error(ErrorCode::InvalidArgument, "no password was given")
        .with_hint("it is read as a line of standard input");
  }
  return password;
}

Result<> list(Context& context, const Nothing&) {
  context.output().list(TRY(context.client().get("/api/v1/users")), {{"USER", "name"},
                                                                     {"MECHANISMS", "mechanisms"},
                                                                     {"LOGIN", "login"},
                                                                     {"SUPERUSER", "superuser"}});
  return {};
}

Result<> create(Context& context, const Created& arguments) {
  const std::string password = TRY(read_password(arguments.name));
  TRY(context.client().post(
      "/api/v1/users",
      {{"name", arguments.name}, {"password", password}, {"superuser", arguments.superuser}}));
  context.output().line(fmt::format("user '{}' created", arguments.name));
  return {};
}

Result<> change_password(Context& context, const Named& arguments) {
  const std::string password = TRY(read_password(arguments.name));
  TRY(context.client().post(user_path(arguments.name) + "/password", {{"password", password}}));
  context.output().line(fmt::format("password of user '{}' changed", arguments.name));
  return {};
}

Result<> change_rank(Context& context, const Rank& arguments) {
  TRY(context.client().post(user_path(arguments.name) + "/superuser",
                            {{"superuser", !arguments.revoke}}));
  context.output().line(
      fmt::format("user '{}' is {} superuser", arguments.name, arguments.revoke ? "no" : "a"));
  return {};
}

Result<> remove(Context& context, const Named& arguments) {
  TRY(context.client().remove(user_path(arguments.name)));
  context.output().line(fmt::format("user '{}' deleted", arguments.name));
  return {};
}

}  // namespace

void add_user_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& user = *root.add_subcommand("user", "Users that Kafka and CQL clients log in as");
  user.require_subcommand(1);
  add_verb(user, chosen, "list", "List the users", list, context);
  auto created =
      add_verb(user, chosen, "create", "Create a user; the password is a line of standard input",
               create, context);
  created.app->add_option("USER", created.arguments->name)->required();
  created.app->add_flag("--superuser", created.arguments->superuser,
                        "Permissions of CQL do not bind it");
  auto changed =
      add_verb(user, chosen, "password", "Change a user's password; it is a line of standard input",
               change_password, context);
  changed.app->add_option("USER", changed.arguments->name)->required();
  auto ranked =
      add_verb(user, chosen, "superuser",
               "Make a user a superuser: permissions of CQL do not bind it", change_rank, context);
  ranked.app->add_option("USER", ranked.arguments->name)->required();
  ranked.app->add_flag("--revoke", ranked.arguments->revoke, "Make it none again");
  auto deleted = add_verb(user, chosen, "delete", "Delete a user; clients that are logged in stay",
                          remove, context);
  deleted.app->add_option("USER", deleted.arguments->name)->required();
}

}  // namespace tidemill::cli
