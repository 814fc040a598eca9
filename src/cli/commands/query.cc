// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "runtime/threads.h"

namespace tidemill::cli {
namespace {

struct Nothing {};
struct Named {
  std::string name;
};
struct Show {
  std::string name;
  bool progress = false;
  int last = 1;
};
struct Wait {
  std::string name;
  int timeout_s = 60;
};

std::string query_path(const std::string& name) {
  return "/api/v1/queries/" + percent_encoded(name);
}

Result<> list(Context& context, const Nothing&) {
  context.output().list(TRY(context.client().get("/api/v1/queries")),
                        {{"QUERY", "name"},
                         {"KIND", "kind"},
                         {"STATE", "state"},
                         {"SOURCE", "source"},
                         {"TARGET", "target"},
                         {"IN/S", "input_rows_per_second"},
                         {"LAG", "lag"},
                         {"TRIGGER", "trigger"},
                         {"ERROR", "error"}});
  return {};
}

Result<> show(Context& context, const Show& arguments) {
  const Client client = context.client();
  const Output output = context.output();
  if (arguments.progress) {
    const Json progress = TRY(
        client.get(fmt::format("{}/progress?last={}", query_path(arguments.name), arguments.last)));
    for (const auto& record : progress) output.line(record.dump(2));
    return {};
  }
  Json query = TRY(client.get(query_path(arguments.name)));
  if (output.format() != OutputFormat::Table) {
    output.object(query);
    return {};
  }
  const std::string sql = query.value("sql", "");
  const std::string explain = query.value("explain", "");
  const Json progress = query.value("progress", Json(nullptr));
  for (const char* member : {"sql", "plan", "progress", "explain"}) query.erase(member);
  output.object(query);
  output.line("\nplan:\n" + explain);
  output.line("\nnewest progress:\n" + progress.dump(2));
  output.line("\nsql:\n" + sql);
  return {};
}

Result<> report(Context& context, const Json& query) {
  context.output().line(
      fmt::format("query '{}' is {}", query.value("name", ""), query.value("state", "")));
  return {};
}

Result<> pause(Context& context, const Named& arguments) {
  return report(context,
                TRY(context.client().post(query_path(arguments.name) + "/pause", Json::object())));
}

Result<> resume(Context& context, const Named& arguments) {
  return report(context,
                TRY(context.client().post(query_path(arguments.name) + "/resume", Json::object())));
}

Result<> drop(Context& context, const Named& arguments) {
  TRY(context.client().remove(query_path(arguments.name)));
  context.output().line(fmt::format("query '{}' dropped", arguments.name));
  return {};
}

Result<> wait(Context& context, const Wait& arguments) {
  const Client client = context.client();
  const std::string path = query_path(arguments.name);
  const auto lag = [&]() -> std::int64_t {
    const auto query = client.get(path);
    return query.ok() ? query->value("lag", std::int64_t{0}) : -1;
  };
  const std::int64_t first = std::max<std::int64_t>(lag(), 0);
  ProgressBar bar("caught up", static_cast<std::uint64_t>(first));
  Thread watch;
  if (bar.is_shown()) {
    watch = Thread("progress", [&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (const std::int64_t left = lag(); left >= 0 && left <= first) {
          bar.advance_to(static_cast<std::uint64_t>(first - left));
        }
        pause_thread(std::chrono::milliseconds(200));
      }
    });
  }
  auto waited = client.post(path + "/wait", {{"timeout_ms", arguments.timeout_s * 1000}});
  watch.stop();
  TRY(std::move(waited));
  bar.advance_to(static_cast<std::uint64_t>(first));
  context.output().line(fmt::format("query '{}' has caught up", arguments.name));
  return {};
}

}  // namespace

void add_query_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& query = *root.add_subcommand("query", "Continuous queries: sinks and views");
  query.require_subcommand(1);
  add_verb(query, chosen, "list", "List the queries", list, context);

  auto shown =
      add_verb(query, chosen, "show", "Show a query, its plan and its progress", show, context);
  shown.app->add_option("QUERY", shown.arguments->name)->required();
  shown.app->add_flag("--progress", shown.arguments->progress,
                      "Only the progress records, as JSON with Spark's names");
  shown.app->add_option("--last", shown.arguments->last, "How many of them")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();

  const auto named = [&](const char* verb, const char* help,
                         Result<> (*run)(Context&, const Named&)) {
    auto added = add_verb(query, chosen, verb, help, run, context);
    added.app->add_option("QUERY", added.arguments->name)->required();
  };
  named("pause", "Stop after the epoch in hand, keep the state", pause);
  named("resume", "Continue a paused query, run a finished one again", resume);
  named("drop", "End a query and remove its state", drop);

  auto waited = add_verb(query, chosen, "wait", "Return once every record present now is committed",
                         wait, context);
  waited.app->add_option("QUERY", waited.arguments->name)->required();
  waited.app->add_option("--timeout", waited.arguments->timeout_s, "Seconds to wait at most")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
}

}  // namespace tidemill::cli
