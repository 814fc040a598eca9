// SPDX-License-Identifier: Apache-2.0
#include "app/up.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "app/stack.h"
#include "cli/project.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/threads.h"

namespace tidemill::app {
namespace {

constexpr std::chrono::seconds kStopLimit{5};

struct Up {
  std::string project;
  std::string only;
  std::string data;
  std::vector<std::string> assignments;
};

// Signals come to the main thread alone, which waits for them.
sigset_t block_stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// A log with thousands of partitions holds many files open.
void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

std::string address_of(const std::vector<web::PartStatus>& parts, std::string_view name) {
  for (const auto& part : parts) {
    if (part.name == name) return part.address;
  }
  return "";
}

void print_what_next(const cli::Output& output, const std::vector<web::PartStatus>& parts) {
  const std::string web = address_of(parts, "web");
  const std::string broker = address_of(parts, "broker");
  const std::string tables = address_of(parts, "tables");
  if (!web.empty()) output.line(fmt::format("  console   http://{}", web));
  if (!broker.empty()) output.line(fmt::format("  kafka     {}    kcat -b {} -L", broker, broker));
  if (!tables.empty()) {
    std::string host_and_port = tables;
    host_and_port[host_and_port.rfind(':')] = ' ';
    output.line(fmt::format("  cql       {}    cqlsh {}", tables, host_and_port));
  }
  if (!web.empty()) output.line(fmt::format("  metrics   http://{}/metrics", web));
}

Result<> apply_project(Stack& stack, const std::string& project, const cli::Output& output) {
  sql::Pipeline pipeline;
  pipeline.folder = cli::absolute_folder(project);
  for (auto& file : TRY(cli::read_sql_files(project))) {
    pipeline.files.push_back({.path = std::move(file.path), .text = std::move(file.text)});
  }
  if (pipeline.files.empty()) return {};
  std::size_t changed = 0;
  const auto changes = TRY(stack.apply(pipeline));
  for (const auto& change : changes) {
    if (change.action != sql::Change::Action::Keep) ++changed;
  }
  output.line(
      fmt::format("project '{}': {} statements, {} changed", project, changes.size(), changed));
  return {};
}

Result<> up(cli::Context& context, const Up& arguments) {
  const SystemClock clock;
  const auto begin = clock.monotonic();
  const sigset_t signals = block_stop_signals();
  raise_open_files();
  std::vector<std::string> assignments = arguments.assignments;
  if (!arguments.data.empty()) assignments.push_back("data=" + arguments.data);
  const config::Config config = TRY(cli::load_config(arguments.project, assignments));
  configure_log(TRY(parse_log_level(config.text("log.level"))),
                config.text("log.format") == "json" ? LogFormat::Json : LogFormat::Text);
  const auto parts = TRY(parse_parts(arguments.only));

  const std::string folder = arguments.project.empty() ? "." : arguments.project;
  const auto stack = TRY(Stack::start(config, parts, cli::absolute_folder(folder)));
  const cli::Output output = context.output();
  const auto taken =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - begin);
  output.line(fmt::format("ready in {} ms", taken.count()));
  print_what_next(output, stack->parts());
  std::fflush(stdout);
  Result<> outcome;
  if (!arguments.project.empty() && parts.contains("engine")) {
    outcome = apply_project(*stack, arguments.project, output);
    std::fflush(stdout);
  }
  if (outcome.ok()) {
    int signal = 0;
    ::sigwait(&signals, &signal);
    log_info("app", "stopping on signal {}", signal);
  }
  // Everything acknowledged is on disk: an end that hangs loses nothing when it is cut short.
  Thread watchdog("stop-limit", [&clock](const std::stop_token& token) {
    const auto limit = clock.monotonic() + kStopLimit;
    while (!token.stop_requested()) {
      if (clock.monotonic() > limit) {
        log_error("app", "stopping took more than {} s: leaving at once", kStopLimit.count());
        std::_Exit(1);
      }
      pause_thread(std::chrono::milliseconds(20));
    }
  });
  stack->stop();
  watchdog.stop();
  return outcome;
}

}  // namespace

void add_up_command(CLI::App& root, cli::Action& chosen, cli::Context& context) {
  auto added =
      cli::add_verb(root, chosen, "up", "Start an instance and run a project in it", up, context);
  added.app->add_option("PROJECT", added.arguments->project,
                        "Folder with tidemill.yaml and sql/*.sql; without it an empty stack");
  added.app->add_option(
      "--only", added.arguments->only,
      "Start only these parts, as in broker,tables (of broker, tables, engine, web)");
  added.app->add_option("--data", added.arguments->data, "Folder of everything that is kept");
  std::string options = "Options of --set:\n";
  for (const auto& option : config::option_table()) {
    options +=
        fmt::format("  {:<32} {} (default {})\n", option.name, option.help, option.default_text);
  }
  added.app->add_option("--set", added.arguments->assignments, "Set an option: name=value");
  added.app->footer(options);
}

}  // namespace tidemill::app
