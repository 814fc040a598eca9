// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/definition_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tidemill::sql {
namespace {

using Json = nlohmann::json;

std::string_view key_kind(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Source:
      return "source";
    case ObjectKind::View:
      return "view";
    case ObjectKind::Sink:
      return "sink";
  }
  return "";
}

std::string key_of(const Definition& definition) {
  return fmt::format("{}/{}", key_kind(definition.kind), definition.name);
}

Result<StoredDefinition> decode(std::string_view key, std::string_view value) {
  const auto broken = [&] {
    return error(ErrorCode::Corrupt, fmt::format("topic '{}' has a definition '{}' that cannot be "
                                                 "read",
                                                 kCatalogTopic, key));
  };
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return broken();
  StoredDefinition stored;
  stored.name = key.substr(slash + 1);
  bool known = false;
  for (const ObjectKind kind : {ObjectKind::Source, ObjectKind::View, ObjectKind::Sink}) {
    if (key.substr(0, slash) != key_kind(kind)) continue;
    stored.kind = kind;
    known = true;
  }
  const Json json = Json::parse(value, nullptr, false);
  if (!known || !json.is_object() || !json.contains("sql") || !json["sql"].is_string()) {
    return broken();
  }
  stored.sql = json["sql"].get<std::string>();
  if (json.contains("file") && json["file"].is_string()) {
    stored.file = json["file"].get<std::string>();
  }
  if (json.contains("folder") && json["folder"].is_string()) {
    stored.folder = json["folder"].get<std::string>();
  }
  stored.paused = json.contains("paused") && json["paused"] == Json(true);
  stored.keeps_letters = !json.contains("keeps_letters") || json["keeps_letters"] == Json(true);
  return stored;
}

}  // namespace

Result<std::vector<StoredDefinition>> DefinitionStore::load() {
  broker::NewTopic topic;
  topic.name = kCatalogTopic;
  topic.partitions = 1;
  topic.configs["cleanup.policy"] = "compact";
  const auto created = broker_.create_topic(topic);
  if (created.ok()) return std::vector<StoredDefinition>{};
  if (created.error().code != ErrorCode::AlreadyExists) return created.error();

  const TopicPartition source{std::string(kCatalogTopic), 0};
  const std::int64_t end = TRY(broker_.find_offset(source, broker::OffsetSpec::Latest));
  std::int64_t at = TRY(broker_.find_offset(source, broker::OffsetSpec::Earliest));
  std::vector<std::pair<std::string, std::string>> newest;
  while (at < end) {
    const std::vector<broker::FetchPosition> positions{{source, at}};
    const auto chunks = TRY(broker_.fetch(positions, {}));
    if (chunks.empty() || chunks[0].next_offset <= at) break;
    for (const RecordView& record : chunks[0].records) {
      std::string key(as_text(record.key));
      std::erase_if(newest, [&](const auto& entry) { return entry.first == key; });
      if (record.has_value()) newest.emplace_back(std::move(key), as_text(record.value));
    }
    at = chunks[0].next_offset;
  }
  std::vector<StoredDefinition> stored;
  for (const auto& [key, value] : newest) stored.push_back(TRY(decode(key, value)));
  return stored;
}

Result<> DefinitionStore::write(const std::string& key, std::optional<BytesView> value) {
  NewRecord record;
  record.key = as_bytes(key);
  record.value = value;
  TRY(broker_.produce({std::string(kCatalogTopic), 0}, {&record, 1}));
  return {};
}

Result<> DefinitionStore::put(const Definition& definition) {
  Json json;
  json["sql"] = definition.sql;
  json["file"] = definition.file;
  if (!definition.source.folder.empty()) json["folder"] = definition.source.folder;
  json["paused"] = definition.paused;
  json["keeps_letters"] = definition.keeps_letters;
  const std::string text = json.dump();
  return write(key_of(definition), as_bytes(text));
}

Result<> DefinitionStore::erase(const Definition& definition) {
  return write(key_of(definition), std::nullopt);
}

}  // namespace tidemill::sql
