// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct Nothing {};
struct Named {
  std::string name;
};
struct Reset {
  std::string name;
  std::vector<std::string> topics;
  std::string to;
  bool execute = false;
};

Result<> list(Context& context, const Nothing&) {
  context.output().list(TRY(context.client().get("/api/v1/groups")), {{"GROUP", "group"},
                                                                      {"STATE", "state"},
                                                                      {"MEMBERS", "members"},
                                                                      {"LAG", "lag"},
                                                                      {"PROTOCOL", "protocol"}});
  return {};
}

Result<> describe(Context& context, const Named& arguments) {
  const Json group = TRY(context.client().get("/api/v1/groups/" + percent_encoded(arguments.name)));
  const Output output = context.output();
  if (output.format() != OutputFormat::Table) {
    output.object(group);
    return {};
  }
  output.line(fmt::format("group {}  state {}  lag {}", group.value("group", ""),
                          group.value("state", ""), group.value("lag", 0)));
  output.line("");
  output.list(group.at("offsets"), {{"TOPIC", "topic"},
                                    {"PARTITION", "partition"},
                                    {"COMMITTED", "committed"},
                                    {"END", "high_watermark"},
                                    {"LAG", "lag"}});
  output.line("");
  output.list(group.at("member_list"), {{"MEMBER", "member_id"},
                                        {"CLIENT", "client_id"},
                                        {"HOST", "host"},
                                        {"ASSIGNED", "assignments"}});
  return {};
}

Result<> reset(Context& context, const Reset& arguments) {
  const Json answer = TRY(context.client().post(
      fmt::format("/api/v1/groups/{}/reset", percent_encoded(arguments.name)),
      {{"topics", arguments.topics}, {"to", arguments.to}, {"execute", arguments.execute}}));
  const Output output = context.output();
  output.list(
      answer.at("offsets"),
      {{"TOPIC", "topic"}, {"PARTITION", "partition"}, {"COMMITTED", "committed"}, {"NEW", "to"}});
  if (!arguments.execute && output.format() == OutputFormat::Table) {
    output.line("nothing was changed: add --execute to reset");
  }
  return {};
}

}  // namespace

void add_group_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& group = *root.add_subcommand("group", "Consumer groups");
  group.require_subcommand(1);
  add_verb(group, chosen, "list", "List the groups", list, context);
  auto described = add_verb(group, chosen, "describe", "Show a group's members, offsets and lag",
                            describe, context);
  described.app->add_option("GROUP", described.arguments->name)->required();

  auto moved =
      add_verb(group, chosen, "reset",
               "Show where a group's offsets would move; --execute moves them", reset, context);
  moved.app->add_option("GROUP", moved.arguments->name)->required();
  moved.app->add_option("--topic", moved.arguments->topics,
                        "A topic, or some partitions of it as in orders:0,2 (default: all that "
                        "the group has committed)");
  moved.app
      ->add_option("--to", moved.arguments->to,
                   "earliest, latest, an offset, time:<unix ms> or shift:<records>")
      ->required();
  moved.app->add_flag("--execute", moved.arguments->execute, "Move them");
}

}  // namespace tidemill::cli
