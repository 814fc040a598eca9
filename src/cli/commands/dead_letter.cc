// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct List {
  std::string source;
  std::string rule;
  int limit = 20;
};
struct Show {
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
};
struct Replay {
  std::string source;
  std::string rule;
  int partition = -1;
  std::int64_t offset = -1;
};

std::string raw_text(const Json& letter) {
  const Json& raw = letter.at("raw");
  return raw.contains("text") ? raw["text"].get<std::string>()
                              : "base64:" + raw.value("base64", "");
}

std::string origin_text(const Json& letter) {
  const Json& origin = letter.at("origin");
  return fmt::format("{}/{}@{}", origin.value("topic", ""), origin.value("partition", -1),
                     origin.value("offset", std::int64_t{-1}));
}

Result<> list(Context& context, const List& arguments) {
  std::string path = fmt::format("/api/v1/dead-letters?limit={}", arguments.limit);
  if (!arguments.source.empty()) path += "&source=" + percent_encoded(arguments.source);
  if (!arguments.rule.empty()) path += "&rule=" + percent_encoded(arguments.rule);
  const auto rules = [](const Json& letter) {
    std::string text;
    for (const auto& rule : letter.at("rules")) {
      text += (text.empty() ? "" : ", ") + rule.get<std::string>();
    }
    return text;
  };
  const auto start_of_raw = [](const Json& letter) {
    std::string text = raw_text(letter).substr(0, 60);
    for (char& c : text) c = c == '\n' || c == '\t' ? ' ' : c;
    return text;
  };
  context.output().list(
      TRY(context.client().get(path)),
      {{"TIME", "timestamp_ms",
        [](const Json& l) { return human_time(l.value("timestamp_ms", std::int64_t{0})); }},
       {"DEAD LETTER", "offset",
        [](const Json& l) {
          return fmt::format("{}/{}@{}", l.value("topic", ""), l.value("partition", 0),
                             l.value("offset", std::int64_t{0}));
        }},
       {"RULES", "rules", rules},
       {"RECORD", "origin", origin_text},
       {"BYTES", "raw", start_of_raw}});
  return {};
}

Result<> show(Context& context, const Show& arguments) {
  const Json letters = TRY(context.client().get("/api/v1/dead-letters?limit=1000&topic=" +
                                                percent_encoded(arguments.topic)));
  for (const auto& letter : letters) {
    if (letter.value("partition", -1) == arguments.partition &&
        letter.value("offset", std::int64_t{-1}) == arguments.offset) {
      context.output().object(letter);
      return {};
    }
  }
  return error(ErrorCode::NotFound,
               fmt::format("no dead letter {}/{}@{} among the newest 1000", arguments.topic,
                           arguments.partition, arguments.offset))
      .with_hint("tidemill dead-letter list names topic, partition and offset of each");
}

Result<> replay(Context& context, const Replay& arguments) {
  Json body{{"source", arguments.source}};
  if (!arguments.rule.empty()) body["rule"] = arguments.rule;
  if (arguments.partition >= 0) body["partition"] = arguments.partition;
  if (arguments.offset >= 0) body["offset"] = arguments.offset;
  const Json answer = TRY(context.client().post("/api/v1/dead-letters/replay", body));
  context.output().line(fmt::format("{} records put back into their topic, {} left",
                                    answer.value("replayed", 0), answer.value("skipped", 0)));
  return {};
}

}  // namespace

void add_dead_letter_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& letters = *root.add_subcommand("dead-letter", "Records that were rejected");
  letters.require_subcommand(1);
  auto listed = add_verb(letters, chosen, "list", "List the newest", list, context);
  listed.app->add_option("-s,--source", listed.arguments->source, "Only of this source");
  listed.app->add_option("-r,--rule", listed.arguments->rule, "Only those that violate this rule");
  listed.app->add_option("-n,--limit", listed.arguments->limit)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();

  auto shown =
      add_verb(letters, chosen, "show", "Show one with its bytes and reasons", show, context);
  shown.app->add_option("TOPIC", shown.arguments->topic, "The dead-letter topic")->required();
  shown.app->add_option("PARTITION", shown.arguments->partition)->required();
  shown.app->add_option("OFFSET", shown.arguments->offset)->required();

  auto replayed = add_verb(letters, chosen, "replay",
                           "Put records back into the topic they came from", replay, context);
  replayed.app->add_option("SOURCE", replayed.arguments->source)->required();
  replayed.app->add_option("-r,--rule", replayed.arguments->rule,
                           "Only those that violate this rule");
  replayed.app->add_option("--partition", replayed.arguments->partition,
                           "Only of this partition of the dead-letter topic");
  replayed.app->add_option("--offset", replayed.arguments->offset, "Only the one at this offset");
}

}  // namespace tidemill::cli
