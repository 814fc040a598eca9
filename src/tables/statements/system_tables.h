// SPDX-License-Identifier: Apache-2.0
// The keyspaces that drivers and cqlsh read: system, system_schema and others. Nothing of them is
// stored; each read makes the rows from the schema and the node's own description.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "security/user_store.h"
#include "tables/schema.h"
#include "tables/statements/trace_log.h"
#include "wire/cql/value.h"

namespace tidemill::tables::statements {

using SystemRow = std::vector<wire::cql::Value>;  // in the order of the table's columns

// What system.local tells about this server.
struct NodeDescription {
  std::string cluster_name = "Tidemill";
  std::string data_center = "datacenter1";
  std::string rack = "rack1";
  std::string release_version = "5.0.3";
  std::string address = "127.0.0.1";
  std::uint16_t port = 9042;
  Uuid host_id;
};

struct SystemTable {
  std::shared_ptr<const Table> table;
  std::string comment;
  std::function<std::vector<SystemRow>(const Schema& schema)> rows;
};

// Thread: any once built.
struct SystemTables {
  // `users` outlives it; null: there are no roles.
  explicit SystemTables(NodeDescription node, const security::UserStore* users = nullptr);

  const SystemTable* find(std::string_view keyspace, std::string_view table) const;
  bool has_keyspace(std::string_view keyspace) const;
  // Their keyspaces as schema objects, for system_schema and DESCRIBE.
  const std::map<std::string, std::shared_ptr<const Keyspace>>& keyspaces() const {
    return keyspaces_;
  }

  NodeDescription node;
  TraceLog traces;
  const security::UserStore* const users;

 private:
  security::Users roles() const;
  void add(std::string keyspace, std::string name, std::string comment, std::string_view columns,
           std::string_view primary_key, std::function<std::vector<SystemRow>(const Schema&)> rows);

  std::map<std::string, std::shared_ptr<const Keyspace>> keyspaces_;
  std::map<std::string, std::map<std::string, SystemTable, std::less<>>, std::less<>> tables_;
};

}  // namespace tidemill::tables::statements
