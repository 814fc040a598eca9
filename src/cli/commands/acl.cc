// SPDX-License-Identifier: Apache-2.0
// ACLs of the Kafka port, in the words of kafka-acls.sh.
#include <algorithm>

#include "cli/command.h"

namespace tidemill::cli {
namespace {

constexpr const char* kPath = "/api/v1/acls";

struct Resources {
  std::vector<std::string> topics;
  std::vector<std::string> groups;
  std::vector<std::string> transactional_ids;
  bool cluster = false;
  std::string pattern;
};
struct Created {
  Resources resources;
  std::vector<std::string> allowed;
  std::vector<std::string> denied;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> denied_hosts;
  std::vector<std::string> operations;
  bool producer = false;
  bool consumer = false;
};
struct Filtered {
  Resources resources;
  std::string principal;
  std::string allowed;
  std::string denied;
  std::string host;
  std::string operation;
  bool every = false;
};

struct Resource {
  const char* type;
  std::string name;
};

std::vector<Resource> list_of(const Resources& given) {
  std::vector<Resource> all;
  for (const auto& name : given.topics) all.push_back({"TOPIC", name});
  for (const auto& name : given.groups) all.push_back({"GROUP", name});
  for (const auto& name : given.transactional_ids) all.push_back({"TRANSACTIONAL_ID", name});
  if (given.cluster) all.push_back({"CLUSTER", "kafka-cluster"});
  return all;
}

Error wrong_line(std::string message) {
  return error(ErrorCode::InvalidArgument, std::move(message));
}

void show(const Output& output, const Json& acls) {
  output.list(acls, {{"RESOURCE", "resource"},
                     {"NAME", "name"},
                     {"PATTERN", "pattern"},
                     {"PRINCIPAL", "principal"},
                     {"HOST", "host"},
                     {"OPERATION", "operation"},
                     {"PERMISSION", "permission"}});
}

// What a producer or consumer needs of each kind of resource, as kafka-acls.sh adds it.
std::vector<std::string> operations_of(const Created& arguments, std::string_view type) {
  std::vector<std::string> operations = arguments.operations;
  const auto need = [&](std::initializer_list<const char*> more) {
    operations.insert(operations.end(), more.begin(), more.end());
  };
  if (arguments.producer && type == "TOPIC") need({"WRITE", "DESCRIBE", "CREATE"});
  if (arguments.producer && type == "TRANSACTIONAL_ID") need({"WRITE", "DESCRIBE"});
  if (arguments.consumer && type == "TOPIC") need({"READ", "DESCRIBE"});
  if (arguments.consumer && type == "GROUP") need({"READ"});
  if (operations.empty() && !arguments.producer && !arguments.consumer) need({"ALL"});
  return operations;
}

Result<> warn_where_not_asked(Context& context) {
  const Output output = context.output();
  if (output.format() != OutputFormat::Table) return {};
  const Json options = TRY(context.client().get("/api/v1/config"));
  const bool asked = std::ranges::any_of(options, [](const Json& option) {
    return option.value("name", "") == "broker.authorizer" && option.value("value", "") == "acl";
  });
  if (!asked) output.line("no ACL is asked: broker.authorizer is none, set it to acl");
  return {};
}

Result<> create(Context& context, const Created& arguments) {
  const auto resources = list_of(arguments.resources);
  if (resources.empty()) {
    return wrong_line("no resource: give --topic, --group, --transactional-id or --cluster");
  }
  if (arguments.allowed.empty() && arguments.denied.empty()) {
    return wrong_line("nobody: give --allow-principal or --deny-principal, as User:alice");
  }
  const std::vector<std::string> every{"*"};
  Json acls = Json::array();
  for (const Resource& resource : resources) {
    for (const std::string& operation : operations_of(arguments, resource.type)) {
      const auto add = [&](const char* permission, const std::vector<std::string>& principals,
                           const std::vector<std::string>& hosts) {
        for (const auto& principal : principals) {
          for (const auto& host : hosts.empty() ? every : hosts) {
            acls.push_back({{"resource", resource.type},
                            {"name", resource.name},
                            {"pattern", arguments.resources.pattern},
                            {"principal", principal},
                            {"host", host},
                            {"operation", operation},
                            {"permission", permission}});
          }
        }
      };
      add("ALLOW", arguments.allowed, arguments.allowed_hosts);
      add("DENY", arguments.denied, arguments.denied_hosts);
    }
  }
  if (acls.empty()) {
    return wrong_line(
        "--producer needs --topic or --transactional-id, --consumer --topic or --group");
  }
  show(context.output(), TRY(context.client().post(kPath, {{"acls", std::move(acls)}})));
  return warn_where_not_asked(context);
}

Result<std::string> query_of(const Filtered& arguments) {
  const auto resources = list_of(arguments.resources);
  if (resources.size() > 1) return wrong_line("more than one resource: give one at a time");
  const bool both = !arguments.allowed.empty() && !arguments.denied.empty();
  if (both || (!arguments.principal.empty() && (arguments.allowed + arguments.denied) != "")) {
    return wrong_line("more than one principal: give one at a time");
  }
  std::string query;
  const auto add = [&query](const char* name, std::string_view value) {
    if (value.empty()) return;
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, percent_encoded(value));
  };
  if (!resources.empty()) {
    add("resource", resources[0].type);
    add("name", resources[0].name);
  }
  add("pattern", arguments.resources.pattern);
  add("principal", arguments.principal + arguments.allowed + arguments.denied);
  if (!arguments.allowed.empty()) add("permission", "ALLOW");
  if (!arguments.denied.empty()) add("permission", "DENY");
  add("host", arguments.host);
  add("operation", arguments.operation);
  if (arguments.every) add("all", "true");
  return query;
}

Result<> list(Context& context, const Filtered& arguments) {
  show(context.output(), TRY(context.client().get(kPath + TRY(query_of(arguments)))));
  return {};
}

Result<> remove(Context& context, const Filtered& arguments) {
  const Json gone = TRY(context.client().remove(kPath + TRY(query_of(arguments))));
  const Output output = context.output();
  show(output, gone);
  if (output.format() == OutputFormat::Table) {
    output.line(fmt::format("{} ACLs deleted", gone.size()));
  }
  return {};
}

void add_resources(CLI::App& app, Resources& into, const char* pattern_help) {
  app.add_option("--topic", into.topics, "Name of a topic, or '*'");
  app.add_option("--group", into.groups, "Name of a consumer group, or '*'");
  app.add_option("--transactional-id", into.transactional_ids, "Of a producer, or '*'");
  app.add_flag("--cluster", into.cluster, "What is about the cluster as a whole");
  app.add_option("--resource-pattern-type", into.pattern, pattern_help);
}

void add_filters(CLI::App& app, Filtered& into) {
  add_resources(app, into.resources,
                "literal, prefixed, match (all that decide about the name) or any (default)");
  app.add_option("--principal", into.principal, "Of whom, as User:alice");
  app.add_option("--allow-principal", into.allowed, "Whom they allow");
  app.add_option("--deny-principal", into.denied, "Whom they deny");
  app.add_option("--host", into.host, "From where");
  app.add_option("--operation", into.operation, "To do what");
}

}  // namespace

void add_acl_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& acl = *root.add_subcommand("acl", "Who may do what on the Kafka port");
  acl.require_subcommand(1);
  auto listed = add_verb(acl, chosen, "list", "List the ACLs", list, context);
  add_filters(*listed.app, *listed.arguments);

  auto created =
      add_verb(acl, chosen, "create",
               "Allow or deny principals operations on resources; each with each", create, context);
  Created& wanted = *created.arguments;
  wanted.resources.pattern = "literal";
  add_resources(*created.app, wanted.resources, "literal (default) or prefixed");
  created.app->add_option("--allow-principal", wanted.allowed,
                          "As User:alice; User:* is everybody");
  created.app->add_option("--deny-principal", wanted.denied, "A denial beats every allowance");
  created.app->add_option("--allow-host", wanted.allowed_hosts, "An address (default: any)");
  created.app->add_option("--deny-host", wanted.denied_hosts, "An address (default: any)");
  created.app->add_option("--operation", wanted.operations,
                          "read, write, create, delete, alter, describe, describe_configs, "
                          "alter_configs, cluster_action, idempotent_write, all (default)");
  created.app->add_flag("--producer", wanted.producer, "What writing to the topics takes");
  created.app->add_flag("--consumer", wanted.consumer,
                        "What reading the topics in the groups takes");

  auto deleted =
      add_verb(acl, chosen, "delete", "Delete the ACLs that match, and show them", remove, context);
  add_filters(*deleted.app, *deleted.arguments);
  deleted.app->add_flag("--all", deleted.arguments->every, "Every ACL");
}

}  // namespace tidemill::cli
