// SPDX-License-Identifier: Apache-2.0
// Definitions in the log: topic `_tidemill_catalog`, one partition, compacted; key KIND/NAME, value
// {"sql": ..., "file": ..., "folder": ..., "paused": ..., "keeps_letters": ...}; no value: dropped.
#pragma once

#include <vector>

#include "broker/broker.h"
#include "sql/catalog/definitions.h"

namespace tidemill::sql {

constexpr std::string_view kCatalogTopic = "_tidemill_catalog";

struct StoredDefinition {
  ObjectKind kind = ObjectKind::Source;
  std::string name;
  std::string sql;
  std::string file;
  std::string folder;  // of its project
  bool paused = false;
  bool keeps_letters = true;
};

// Thread:   any; calls block.
// Lifetime: the broker outlives it.
class DefinitionStore {
 public:
  explicit DefinitionStore(broker::Broker& broker) : broker_(broker) {}
  // Creates the topic if there is none. What is stored now, oldest first.
  Result<std::vector<StoredDefinition>> load();
  // After: the definition survives a crash.
  Result<> put(const Definition& definition);
  Result<> erase(const Definition& definition);

 private:
  Result<> write(const std::string& key, std::optional<BytesView> value);
  broker::Broker& broker_;
};

}  // namespace tidemill::sql
