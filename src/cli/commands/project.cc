// SPDX-License-Identifier: Apache-2.0
// `tidemill init` and `tidemill apply`.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/command.h"
#include "cli/project.h"

namespace tidemill::cli {
namespace {

namespace fs = std::filesystem;

struct Init {
  std::string folder;
};
struct Apply {
  std::string folder = ".";
  bool yes = false;
  bool dry_run = false;
};

constexpr std::string_view kConfig =
    R"(# Where this project's parts live; `tidemill config reference` lists every option.
# data: tidemill-data
# broker:
#   port: 9092
)";

constexpr std::string_view kSql =
    R"(-- A topic as a stream of typed rows. Records that break a rule go to the dead-letter topic.
CREATE SOURCE events (
  id    TEXT,
  kind  TEXT,
  value DOUBLE,
  received_at TIMESTAMPTZ METADATA FROM 'timestamp',
  CONSTRAINT id_present CHECK (id IS NOT NULL)
) WITH (connector = 'kafka', topic = 'events')
  FORMAT PLAIN ENCODE JSON
  ON ERROR DEAD LETTER TO TOPIC 'events.dlq';

-- Every good event once, into a table that any CQL client reads.
CREATE SINK events_table AS
SELECT DISTINCT ON (id) id, kind, value, received_at FROM events WITHIN INTERVAL '1 day'
WITH (connector = 'cassandra', keyspace = 'demo', table = 'events', primary_key = 'id');
)";

Result<> write(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    return error(ErrorCode::AlreadyExists, fmt::format("'{}' exists already", path.string()));
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return error(ErrorCode::Io, fmt::format("cannot write '{}'", path.string()));
  return {};
}

Result<> init(Context& context, const Init& arguments) {
  const fs::path folder = arguments.folder;
  std::error_code failure;
  fs::create_directories(folder / "sql", failure);
  if (failure) {
    return error(ErrorCode::Io, fmt::format("cannot create folder '{}': {}",
                                            (folder / "sql").string(), failure.message()));
  }
  TRY(write(folder / "tidemill.yaml", kConfig));
  TRY(write(folder / "sql" / "10_events.sql", kSql));
  context.output().line(fmt::format(
      "project '{0}' made: tidemill.yaml, sql/10_events.sql\n"
      "next: tidemill up {0}\n"
      "then: echo '{{\"id\":\"1\",\"kind\":\"a\",\"value\":2.5}}' | tidemill topic produce events\n"
      "      tidemill cql 'SELECT * FROM demo.events'",
      arguments.folder));
  return {};
}

// The statements as a diff: lines that go with '-', lines that come with '+'.
void print_lines(const Output& output, char sign, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    output.line(fmt::format("  {} {}", sign, line));
}

Result<> apply(Context& context, const Apply& arguments) {
  Json files = Json::array();
  for (const auto& file : TRY(read_sql_files(arguments.folder))) {
    files.push_back({{"path", file.path}, {"text", file.text}});
  }
  const Json project{{"files", std::move(files)}, {"folder", absolute_folder(arguments.folder)}};
  const Client client = context.client();
  const Output output = context.output();
  const Json planned = TRY(client.post("/api/v1/apply/plan", project));
  if (output.format() == OutputFormat::Json) output.object(planned);
  std::size_t changes = 0;
  for (const auto& change : planned.at("changes")) {
    const std::string action = change.value("action", "");
    if (action == "keep") continue;
    ++changes;
    if (output.format() == OutputFormat::Json) continue;
    output.line(
        fmt::format("{} {} {}", action, change.value("kind", ""), change.value("name", "")));
    print_lines(output, '-', change.value("before", ""));
    print_lines(output, '+', change.value("after", ""));
  }
  if (changes == 0) {
    output.line("nothing to change");
    return {};
  }
  if (arguments.dry_run) return {};
  if (!arguments.yes) {
    if (::isatty(STDIN_FILENO) != 1) {
      return error(ErrorCode::InvalidArgument, "nobody is there to confirm the changes")
          .with_hint("give --yes to apply, or --dry-run to look only");
    }
    output.prompt(fmt::format("apply {} changes? [y/N] ", changes));
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes") {
      return error(ErrorCode::Cancelled, "nothing was changed");
    }
  }
  TRY(client.post("/api/v1/apply", project));
  output.line(fmt::format("{} changes applied", changes));
  return {};
}

}  // namespace

void add_project_commands(CLI::App& root, Action& chosen, Context& context) {
  auto made = add_verb(root, chosen, "init", "Make a project folder to start from", init, context);
  made.app->add_option("FOLDER", made.arguments->folder)->required();

  auto applied = add_verb(root, chosen, "apply",
                          "Make a running instance match the project's sql/*.sql", apply, context);
  applied.app->add_option("PROJECT", applied.arguments->folder)->capture_default_str();
  applied.app->add_flag("-y,--yes", applied.arguments->yes, "Do not ask");
  applied.app->add_flag("--dry-run", applied.arguments->dry_run, "Only show what would change");
}

}  // namespace tidemill::cli
