// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iostream>

#include "base/bytes.h"
#include "cli/command.h"

namespace tidemill::cli {
namespace {

constexpr std::size_t kProduceBatch = 1000;

struct Nothing {};
struct Named {
  std::string name;
};
struct Create {
  std::string name;
  int partitions = -1;
  std::vector<std::string> configs;
};
struct Alter {
  std::string name;
  int partitions = -1;
  std::vector<std::string> configs;
  std::vector<std::string> defaults;
};
struct Produce {
  std::string name;
  std::string file = "-";
  std::string key_separator;
  int partition = -1;
};
struct Consume {
  std::string name;
  std::string from = "earliest";
  int partition = -1;
  std::uint64_t count = 0;
  bool with_key = false;
};

std::string topic_path(const std::string& name) {
  return "/api/v1/topics/" + percent_encoded(name);
}

Result<> list(Context& context, const Nothing&) {
  const Json topics = TRY(context.client().get("/api/v1/topics"));
  context.output().list(
      topics, {{"TOPIC", "name"},
               {"PARTITIONS", "partitions"},
               {"RECORDS", "records"},
               {"SIZE", "bytes", [](const Json& t) { return human_bytes(t.value("bytes", 0.0)); }},
               {"IN/S", "records_in_per_second"},
               {"INTERNAL", "internal"}});
  return {};
}

Result<> describe(Context& context, const Named& arguments) {
  const Json topic = TRY(context.client().get(topic_path(arguments.name)));
  const Output output = context.output();
  if (output.format() != OutputFormat::Table) {
    output.object(topic);
    return {};
  }
  Json summary = topic;
  summary.erase("configs");
  summary.erase("partition_list");
  output.object(summary);
  output.line("");
  output.list(topic.at("partition_list"), {{"PARTITION", "partition"},
                                           {"START", "log_start_offset"},
                                           {"END", "high_watermark"},
                                           {"STABLE", "last_stable_offset"},
                                           {"EPOCH", "leader_epoch"},
                                           {"BYTES", "bytes"}});
  output.line("");
  output.list(topic.at("configs"), {{"CONFIG", "name"}, {"VALUE", "value"}, {"SOURCE", "source"}});
  return {};
}

Result<Json> assignments(const std::vector<std::string>& texts) {
  Json values = Json::object();
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("--config '{}' is not of the form name=value", text));
    }
    values[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return values;
}

Result<> create(Context& context, const Create& arguments) {
  Json body{{"name", arguments.name}, {"configs", TRY(assignments(arguments.configs))}};
  if (arguments.partitions > 0) body["partitions"] = arguments.partitions;
  const Json topic = TRY(context.client().post("/api/v1/topics", body));
  context.output().line(fmt::format("topic '{}' created with {} partitions", arguments.name,
                                    topic.at("partitions").get<int>()));
  return {};
}

Result<> alter(Context& context, const Alter& arguments) {
  Json configs = TRY(assignments(arguments.configs));
  for (const auto& name : arguments.defaults) configs[name] = nullptr;
  if (configs.empty() && arguments.partitions <= 0) {
    return error(ErrorCode::InvalidArgument, "nothing to alter")
        .with_hint("name --config, --default or --partitions");
  }
  const Client client = context.client();
  const std::string path = topic_path(arguments.name);
  if (!configs.empty()) TRY(client.post(path + "/configs", {{"configs", configs}}));
  if (arguments.partitions > 0) {
    TRY(client.post(path + "/partitions", {{"count", arguments.partitions}}));
  }
  context.output().line(fmt::format("topic '{}' altered", arguments.name));
  return {};
}

Result<> remove(Context& context, const Named& arguments) {
  TRY(context.client().remove(topic_path(arguments.name)));
  context.output().line(fmt::format("topic '{}' deleted", arguments.name));
  return {};
}

// A record's text goes as it is; bytes that are no UTF-8 in base64.
Json record_bytes(const std::string& text) {
  if (is_utf8(text)) return text;
  return Json{{"base64", to_base64(as_bytes(text))}};
}

Result<> produce(Context& context, const Produce& arguments) {
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary | std::ios::ate);
    if (!file) {
      return error(ErrorCode::NotFound, fmt::format("cannot open file '{}'", arguments.file));
    }
  }
  const auto total = file.is_open() ? static_cast<std::uint64_t>(file.tellg()) : 0;
  file.seekg(0);
  std::istream& in = file.is_open() ? static_cast<std::istream&>(file) : std::cin;
  ProgressBar bar("produced", total);
  const Client client = context.client();
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Json batch = Json::array();
  const auto send = [&]() -> Result<> {
    if (batch.empty()) return {};
    TRY(client.post(topic_path(arguments.name) + "/records", {{"records", std::move(batch)}}));
    batch = Json::array();
    bar.advance_to(bytes);
    return {};
  };
  for (std::string text; std::getline(in, text);) {
    bytes += text.size() + 1;
    Json record = Json::object();
    const auto separator =
        arguments.key_separator.empty() ? std::string::npos : text.find(arguments.key_separator);
    if (separator != std::string::npos) {
      record["key"] = record_bytes(text.substr(0, separator));
      text.erase(0, separator + arguments.key_separator.size());
    }
    record["value"] = record_bytes(text);
    if (arguments.partition >= 0) record["partition"] = arguments.partition;
    batch.push_back(std::move(record));
    ++records;
    if (batch.size() == kProduceBatch) TRY(send());
  }
  TRY(send());
  context.output().line(fmt::format("{} records produced to topic '{}'", records, arguments.name));
  return {};
}

std::string shown(const Json& bytes) {
  if (bytes.is_null()) return "null";
  return bytes.contains("text") ? bytes["text"].get<std::string>()
                                : "base64:" + bytes.value("base64", "");
}

Result<> consume(Context& context, const Consume& arguments) {
  const Client client = context.client();
  const Output output = context.output();
  const Json topic = TRY(client.get(topic_path(arguments.name)));
  const std::uint64_t present = topic.value("records", std::uint64_t{0});
  const std::uint64_t wanted = arguments.count == 0 ? UINT64_MAX : arguments.count;
  ProgressBar bar("consumed", std::min(present, wanted));
  std::uint64_t seen = 0;
  // Partition after partition, so that the whole topic needs no memory here.
  for (const auto& p : topic.at("partition_list")) {
    const int partition = p.at("partition");
    if (arguments.partition >= 0 && partition != arguments.partition) continue;
    std::string from = arguments.from;
    for (bool end = false; !end && seen < wanted;) {
      const auto limit = std::min<std::uint64_t>(1000, wanted - seen);
      const Json page = TRY(client.get(fmt::format("{}/records?partition={}&from={}&limit={}",
                                                   topic_path(arguments.name), partition,
                                                   percent_encoded(from), limit)));
      for (const auto& record : page.at("records")) {
        ++seen;
        if (output.format() == OutputFormat::Json) {
          output.line(record.dump(-1, ' ', false, Json::error_handler_t::replace));
        } else {
          output.line((arguments.with_key ? shown(record.at("key")) + "\t" : "") +
                      shown(record.at("value")));
        }
      }
      bar.advance_to(seen);
      from = page.at("next").at(std::to_string(partition)).dump();
      end = page.at("end_reached").get<bool>();
    }
  }
  return {};
}

}  // namespace

void add_topic_commands(CLI::App& root, Action& chosen, Context& context) {
  CLI::App& topic = *root.add_subcommand("topic", "Topics and their records");
  topic.require_subcommand(1);
  add_verb(topic, chosen, "list", "List the topics", list, context);

  auto described = add_verb(topic, chosen, "describe",
                            "Show a topic's partitions and configuration", describe, context);
  described.app->add_option("TOPIC", described.arguments->name)->required();

  auto created = add_verb(topic, chosen, "create", "Create a topic", create, context);
  created.app->add_option("TOPIC", created.arguments->name)->required();
  created.app->add_option("-p,--partitions", created.arguments->partitions,
                          "Number of partitions (default: option broker.partitions)");
  created.app->add_option("-c,--config", created.arguments->configs,
                          "A topic configuration, as in retention.ms=3600000");

  auto altered = add_verb(topic, chosen, "alter",
                          "Change a topic's configuration or add partitions", alter, context);
  altered.app->add_option("TOPIC", altered.arguments->name)->required();
  altered.app->add_option("-p,--partitions", altered.arguments->partitions, "The new number");
  altered.app->add_option("-c,--config", altered.arguments->configs,
                          "A topic configuration, as in retention.ms=3600000");
  altered.app->add_option("--default", altered.arguments->defaults,
                          "A topic configuration that goes back to its default");

  auto deleted =
      add_verb(topic, chosen, "delete", "Delete a topic and its records", remove, context);
  deleted.app->add_option("TOPIC", deleted.arguments->name)->required();

  auto produced = add_verb(topic, chosen, "produce", "Produce a record for each line of a file",
                           produce, context);
  produced.app->add_option("TOPIC", produced.arguments->name)->required();
  produced.app
      ->add_option("-f,--file", produced.arguments->file, "File to read; - is standard input")
      ->capture_default_str();
  produced.app->add_option("-K,--key-separator", produced.arguments->key_separator,
                           "Text between key and value of a line");
  produced.app->add_option("--partition", produced.arguments->partition,
                           "Produce to this partition only");

  auto consumed =
      add_verb(topic, chosen, "consume", "Print the records present now", consume, context);
  consumed.app->add_option("TOPIC", consumed.arguments->name)->required();
  consumed.app
      ->add_option("--from", consumed.arguments->from,
                   "earliest, latest, an offset or time:<unix ms>")
      ->capture_default_str();
  consumed.app->add_option("--partition", consumed.arguments->partition, "Only this partition");
  consumed.app->add_option("-n,--count", consumed.arguments->count, "Stop after so many records");
  consumed.app->add_flag("-k,--with-key", consumed.arguments->with_key,
                         "Print the key and a tab before the value");
}

}  // namespace tidemill::cli
