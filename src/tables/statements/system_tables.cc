// SPDX-License-Identifier: Apache-2.0
// The definitions of the system tables and their rows (Cassandra 5.0's columns).
#include "tables/statements/system_tables.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "tables/statements/options.h"
#include "tables/statements/parser.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

using wire::cql::encode_be;
using wire::cql::encode_boolean;
using wire::cql::encode_text;
using wire::cql::Kind;
using wire::cql::Type;
using wire::cql::Value;
using Cells = std::map<std::string, Value>;

Value text(std::string_view value) {
  return encode_text(value);
}
Value number(std::int32_t value) {
  return encode_be(value);
}
Value uuid(const Uuid& value) {
  return wire::cql::encode_uuid(value);
}
Value address(const std::string& value) {
  auto parsed = wire::cql::parse_scalar(Type::of(Kind::Inet), value);
  return parsed.ok() ? Value(*std::move(parsed)) : Value();
}
Value text_map(const std::map<std::string, std::string>& map) {
  std::vector<Bytes> entries;
  for (const auto& [key, value] : map) {
    entries.push_back(encode_text(key));
    entries.push_back(encode_text(value));
  }
  return wire::cql::encode_elements(std::span<const Bytes>(entries), true);
}
Value text_list(const std::vector<std::string>& texts) {
  std::vector<Bytes> elements;
  for (const std::string& one : texts) elements.push_back(encode_text(one));
  return wire::cql::encode_elements(std::span<const Bytes>(elements), false);
}
Value scalar(Kind kind, const std::string& value) {
  auto parsed = wire::cql::parse_scalar(Type::of(kind), value);
  return parsed.ok() ? Value(*std::move(parsed)) : Value();
}

// Ids of system tables: always the same for the same name.
Uuid id_of(std::string_view name) {
  Uuid id;
  unsigned int length = 16;
  EVP_Digest(name.data(), name.size(), id.bytes.data(), &length, EVP_md5(), nullptr);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x30);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

SystemRow in_order(const Table& table, Cells cells) {
  SystemRow row;
  row.reserve(table.columns.size());
  for (const Column& column : table.columns) row.push_back(std::move(cells[column.name]));
  return row;
}

std::string_view kind_name(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::PartitionKey:
      return "partition_key";
    case ColumnKind::Clustering:
      return "clustering";
    case ColumnKind::Static:
      return "static";
    case ColumnKind::Regular:
      return "regular";
  }
  return {};
}

bool is_virtual(std::string_view keyspace) {
  return keyspace == "system_views" || keyspace == "system_virtual_schema";
}

Cells table_cells(const Table& table) {
  const TableOptions& options = table.options;
  const auto map = [&](const std::string& name) { return text_map(option_map(options, name)); };
  const auto of = [&](Kind kind, const std::string& name) {
    return scalar(kind, option_text(options, name));
  };
  Cells cells;
  cells["keyspace_name"] = text(table.keyspace);
  cells["table_name"] = text(table.name);
  cells["id"] = uuid(table.id);
  cells["additional_write_policy"] = text(option_text(options, "additional_write_policy"));
  if (options.scalars.contains("allow_auto_snapshot"))
    cells["allow_auto_snapshot"] = of(Kind::Boolean, "allow_auto_snapshot");
  if (options.scalars.contains("incremental_backups"))
    cells["incremental_backups"] = of(Kind::Boolean, "incremental_backups");
  cells["bloom_filter_fp_chance"] = of(Kind::Double, "bloom_filter_fp_chance");
  cells["caching"] = map("caching");
  if (options.scalars.contains("cdc")) cells["cdc"] = of(Kind::Boolean, "cdc");
  cells["comment"] = text(option_text(options, "comment"));
  cells["compaction"] = map("compaction");
  cells["compression"] = map("compression");
  cells["crc_check_chance"] = of(Kind::Double, "crc_check_chance");
  cells["dclocal_read_repair_chance"] = scalar(Kind::Double, "0.0");
  cells["default_time_to_live"] = number(table.default_time_to_live);
  cells["extensions"] = map("extensions");
  cells["flags"] = text_list(table.is_counter() ? std::vector<std::string>{"compound", "counter"}
                                                : std::vector<std::string>{"compound"});
  cells["gc_grace_seconds"] = number(table.gc_grace_seconds);
  cells["max_index_interval"] = of(Kind::Int, "max_index_interval");
  cells["memtable_flush_period_in_ms"] = of(Kind::Int, "memtable_flush_period_in_ms");
  cells["min_index_interval"] = of(Kind::Int, "min_index_interval");
  cells["read_repair"] = text(option_text(options, "read_repair"));
  cells["read_repair_chance"] = scalar(Kind::Double, "0.0");
  cells["speculative_retry"] = text(option_text(options, "speculative_retry"));
  return cells;
}

std::vector<Cells> column_cells(const Table& table) {
  std::vector<const Column*> by_name;
  for (const Column& column : table.columns) by_name.push_back(&column);
  std::ranges::sort(by_name, {},
                    [](const Column* column) { return std::string_view(column->name); });
  std::vector<Cells> out;
  for (const Column* column : by_name) {
    Cells cells;
    cells["keyspace_name"] = text(table.keyspace);
    cells["table_name"] = text(table.name);
    cells["column_name"] = text(column->name);
    cells["column_name_bytes"] = text(column->name);
    cells["clustering_order"] = text(column->kind != ColumnKind::Clustering ? "none"
                                     : column->descending                   ? "desc"
                                                                            : "asc");
    cells["kind"] = text(kind_name(column->kind));
    const bool key =
        column->kind == ColumnKind::PartitionKey || column->kind == ColumnKind::Clustering;
    cells["position"] = number(key ? column->position : -1);
    cells["type"] = text(to_string(column->type));
    out.push_back(std::move(cells));
  }
  return out;
}

constexpr std::string_view kColumnColumns =
    "keyspace_name text, table_name text, column_name text, clustering_order text, "
    "column_name_bytes blob, kind text, "
    "position int, type text";

}  // namespace

void SystemTables::add(std::string keyspace, std::string name, std::string comment,
                       std::string_view columns, std::string_view primary_key,
                       std::function<std::vector<SystemRow>(const Schema&)> rows) {
  const std::string create = fmt::format("CREATE TABLE {}.\"{}\" ({}, PRIMARY KEY ({}))", keyspace,
                                         name, columns, primary_key);
  auto parsed = parse_statement(create);
  TM_CHECK(parsed.ok(), "system table {}.{}: {}", keyspace, name, parsed.error().message);
  const auto& syntax = std::get<CreateTableStatement>(parsed->syntax);
  Table draft;
  draft.keyspace = keyspace;
  draft.name = name;
  draft.id = id_of(keyspace + "." + name);
  draft.options.scalars["comment"] = comment;
  draft.options.scalars["gc_grace_seconds"] = "0";
  const auto text_of = [](const auto& self, const RawType& raw) -> std::string {
    if (raw.arguments.empty()) return raw.name.name;
    std::vector<std::string> inner;
    for (const RawType& argument : raw.arguments) inner.push_back(self(self, argument));
    return fmt::format("{}<{}>", raw.name.name, fmt::join(inner, ", "));
  };
  const auto column_of = [&](const std::string& column_name, ColumnKind kind) {
    const auto at = std::ranges::find(syntax.columns, column_name, &ColumnDefinition::name);
    const auto type = wire::cql::parse_type(text_of(text_of, at->type));
    TM_CHECK(type.ok(), "system table {}.{}: {}", keyspace, name, column_name);
    Column column;
    column.name = column_name;
    column.type = *type;
    column.kind = kind;
    draft.columns.push_back(std::move(column));
  };
  for (const std::string& key : syntax.partition_key) column_of(key, ColumnKind::PartitionKey);
  for (const std::string& key : syntax.clustering) column_of(key, ColumnKind::Clustering);
  for (const ColumnDefinition& definition : syntax.columns) {
    const bool is_key =
        std::ranges::find(draft.columns, definition.name, &Column::name) != draft.columns.end();
    if (!is_key) column_of(definition.name, ColumnKind::Regular);
  }
  auto finished = finish_table(std::move(draft));
  TM_CHECK(finished.ok(), "system table {}.{}", keyspace, name);
  const auto table = std::make_shared<const Table>(*std::move(finished));
  Keyspace description = keyspaces_.contains(keyspace) ? *keyspaces_[keyspace] : Keyspace{};
  description.name = keyspace;
  const bool replicated =
      keyspace == "system_auth" || keyspace == "system_distributed" || keyspace == "system_traces";
  description.replication =
      replicated ? OptionMap{{"class", "org.apache.cassandra.locator.SimpleStrategy"},
                             {"replication_factor", "1"}}
                 : OptionMap{{"class", "org.apache.cassandra.locator.LocalStrategy"}};
  description.tables[name] = table;
  keyspaces_[keyspace] = std::make_shared<const Keyspace>(std::move(description));
  tables_[keyspace][name] = SystemTable{table, std::move(comment), std::move(rows)};
}

const SystemTable* SystemTables::find(std::string_view keyspace, std::string_view table) const {
  const auto in = tables_.find(keyspace);
  if (in == tables_.end()) return nullptr;
  const auto at = in->second.find(table);
  return at == in->second.end() ? nullptr : &at->second;
}

security::Users SystemTables::roles() const {
  return users == nullptr ? security::Users{} : *users->snapshot();
}

bool SystemTables::has_keyspace(std::string_view keyspace) const {
  return tables_.contains(keyspace);
}

SystemTables::SystemTables(NodeDescription description, const security::UserStore* user_store)
    : node(std::move(description)), users(user_store) {
  const auto none = [](const Schema&) { return std::vector<SystemRow>{}; };
  // Rows are made by name and put into the table's order.
  const auto make =
      [this](std::string keyspace, std::string name, std::string_view columns, std::string_view key,
             std::function<std::vector<Cells>(const Schema&)> cells, std::string comment = "") {
        auto rows = [this, keyspace, name, cells = std::move(cells)](const Schema& schema) {
          const Table& table = *find(keyspace, name)->table;
          std::vector<SystemRow> out;
          for (Cells& row : cells(schema)) out.push_back(in_order(table, std::move(row)));
          return out;
        };
        add(keyspace, name, std::move(comment), columns, key, std::move(rows));
      };
  const auto for_keyspaces = [this](const Schema& schema, bool virtual_ones, auto&& visit) {
    for (const auto& [name, keyspace] : keyspaces_) {
      if (is_virtual(name) == virtual_ones) visit(*keyspace);
    }
    if (virtual_ones) return;
    for (const auto& [name, keyspace] : schema.keyspaces) visit(*keyspace);
  };

  make("system", "local",
       "key text, bootstrapped text, broadcast_address inet, broadcast_port int, cluster_name "
       "text, cql_version text, "
       "data_center text, gossip_generation int, host_id uuid, listen_address inet, listen_port "
       "int, "
       "native_protocol_version text, partitioner text, rack text, release_version text, "
       "rpc_address inet, rpc_port int, "
       "schema_version uuid, tokens set<text>, truncated_at map<uuid, blob>",
       "key", [this](const Schema& schema) {
         Cells cells;
         cells["key"] = text("local");
         cells["bootstrapped"] = text("COMPLETED");
         cells["broadcast_address"] = address(node.address);
         cells["broadcast_port"] = number(7000);
         cells["cluster_name"] = text(node.cluster_name);
         cells["cql_version"] = text("3.4.7");
         cells["data_center"] = text(node.data_center);
         cells["gossip_generation"] = number(1);
         cells["host_id"] = uuid(node.host_id);
         cells["listen_address"] = address(node.address);
         cells["listen_port"] = number(7000);
         cells["native_protocol_version"] = text("5");
         cells["partitioner"] = text("org.apache.cassandra.dht.Murmur3Partitioner");
         cells["rack"] = text(node.rack);
         cells["release_version"] = text(node.release_version);
         cells["rpc_address"] = address(node.address);
         cells["rpc_port"] = number(node.port);
         cells["schema_version"] = uuid(schema.version);
         cells["tokens"] = text_list({"0"});
         return std::vector<Cells>{std::move(cells)};
       });
  add("system", "peers", "information about known peers in the cluster",
      "peer inet, data_center text, host_id uuid, preferred_ip inet, rack text, release_version "
      "text, rpc_address inet, "
      "schema_version uuid, tokens set<text>",
      "peer", none);
  add("system", "peers_v2", "information about known peers in the cluster",
      "peer inet, peer_port int, data_center text, host_id uuid, native_address inet, native_port "
      "int, preferred_ip inet, "
      "preferred_port int, rack text, release_version text, schema_version uuid, tokens set<text>",
      "peer, peer_port", none);
  add("system", "size_estimates", "per-table primary range size estimates",
      "keyspace_name text, table_name text, range_start text, range_end text, mean_partition_size "
      "bigint, "
      "partitions_count bigint",
      "keyspace_name, table_name, range_start, range_end", none);
  add("system", "prepared_statements", "prepared statements",
      "prepared_id blob, logged_keyspace text, query_string text", "prepared_id", none);
  add("system", "IndexInfo", "built column indexes", "table_name text, index_name text, value blob",
      "table_name, index_name", none);
  add("system", "built_views", "built views",
      "keyspace_name text, view_name text, status_replicated boolean", "keyspace_name, view_name",
      none);
  add("system", "view_builds_in_progress", "views builds current progress",
      "keyspace_name text, view_name text, start_token text, end_token text, keys_built bigint, "
      "last_token text",
      "keyspace_name, view_name, start_token, end_token", none);

  make("system_schema", "keyspaces",
       "keyspace_name text, durable_writes boolean, replication frozen<map<text, text>>",
       "keyspace_name", [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, false, [&](const Keyspace& keyspace) {
           Cells cells;
           cells["keyspace_name"] = text(keyspace.name);
           cells["durable_writes"] = encode_boolean(keyspace.durable_writes);
           cells["replication"] = text_map(keyspace.replication);
           out.push_back(std::move(cells));
         });
         return out;
       });
  make("system_schema", "tables",
       "keyspace_name text, table_name text, additional_write_policy text, allow_auto_snapshot "
       "boolean, "
       "bloom_filter_fp_chance double, caching frozen<map<text, text>>, cdc boolean, comment text, "
       "compaction frozen<map<text, text>>, compression frozen<map<text, text>>, crc_check_chance "
       "double, "
       "dclocal_read_repair_chance double, default_time_to_live int, extensions frozen<map<text, "
       "blob>>, "
       "flags frozen<set<text>>, gc_grace_seconds int, id uuid, incremental_backups boolean, "
       "max_index_interval int, "
       "memtable text, memtable_flush_period_in_ms int, min_index_interval int, read_repair text, "
       "read_repair_chance double, speculative_retry text",
       "keyspace_name, table_name", [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, false, [&](const Keyspace& keyspace) {
           for (const auto& [name, table] : keyspace.tables) out.push_back(table_cells(*table));
         });
         return out;
       });
  make("system_schema", "columns", kColumnColumns, "keyspace_name, table_name, column_name",
       [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, false, [&](const Keyspace& keyspace) {
           for (const auto& [name, table] : keyspace.tables) {
             for (Cells& cells : column_cells(*table)) out.push_back(std::move(cells));
           }
         });
         return out;
       });
  make("system_schema", "types",
       "keyspace_name text, type_name text, field_names frozen<list<text>>, field_types "
       "frozen<list<text>>",
       "keyspace_name, type_name", [](const Schema& schema) {
         std::vector<Cells> out;
         for (const auto& [keyspace_name, keyspace] : schema.keyspaces) {
           for (const auto& [name, type] : keyspace->types) {
             std::vector<std::string> field_types;
             for (const Type& field : type->type.parts->elements)
               field_types.push_back(to_string(field));
             Cells cells;
             cells["keyspace_name"] = text(keyspace_name);
             cells["type_name"] = text(name);
             cells["field_names"] = text_list(type->type.parts->field_names);
             cells["field_types"] = text_list(field_types);
             out.push_back(std::move(cells));
           }
         }
         return out;
       });
  make("system_schema", "dropped_columns",
       "keyspace_name text, table_name text, column_name text, dropped_time timestamp, kind text, "
       "type text",
       "keyspace_name, table_name, column_name", [](const Schema& schema) {
         std::vector<Cells> out;
         for (const auto& [keyspace_name, keyspace] : schema.keyspaces) {
           for (const auto& [table_name, table] : keyspace->tables) {
             for (const DroppedColumn& dropped : table->dropped) {
               Cells cells;
               cells["keyspace_name"] = text(keyspace_name);
               cells["table_name"] = text(table_name);
               cells["column_name"] = text(dropped.name);
               cells["dropped_time"] = encode_be(dropped.dropped_us / 1000);
               cells["kind"] = text(kind_name(dropped.kind));
               cells["type"] = text(to_string(dropped.type));
               out.push_back(std::move(cells));
             }
           }
         }
         return out;
       });
  add("system_schema", "column_masks", "",
      "keyspace_name text, table_name text, column_name text, function_argument_nulls "
      "frozen<list<boolean>>, "
      "function_argument_types frozen<list<text>>, function_argument_values frozen<list<text>>, "
      "function_keyspace text, "
      "function_name text",
      "keyspace_name, table_name, column_name", none);
  add("system_schema", "triggers", "",
      "keyspace_name text, table_name text, trigger_name text, options frozen<map<text, text>>",
      "keyspace_name, table_name, trigger_name", none);
  add("system_schema", "views", "",
      "keyspace_name text, view_name text, additional_write_policy text, allow_auto_snapshot "
      "boolean, base_table_id uuid, "
      "base_table_name text, bloom_filter_fp_chance double, caching frozen<map<text, text>>, cdc "
      "boolean, comment text, "
      "compaction frozen<map<text, text>>, compression frozen<map<text, text>>, crc_check_chance "
      "double, "
      "dclocal_read_repair_chance double, default_time_to_live int, extensions frozen<map<text, "
      "blob>>, "
      "gc_grace_seconds int, id uuid, include_all_columns boolean, incremental_backups boolean, "
      "max_index_interval int, "
      "memtable text, memtable_flush_period_in_ms int, min_index_interval int, read_repair text, "
      "read_repair_chance double, speculative_retry text, where_clause text",
      "keyspace_name, view_name", none);
  make("system_schema", "indexes",
       "keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, "
       "text>>",
       "keyspace_name, table_name, index_name", [](const Schema& schema) {
         std::vector<Cells> out;
         for (const auto& [keyspace_name, keyspace] : schema.keyspaces) {
           for (const auto& [table_name, table] : keyspace->tables) {
             for (const Index& index : table->indexes) {
               if (!index.is_built) continue;
               Cells cells;
               cells["keyspace_name"] = text(keyspace_name);
               cells["table_name"] = text(table_name);
               cells["index_name"] = text(index.name);
               cells["kind"] = text(index.kind);
               cells["options"] = text_map(index.options);
               out.push_back(std::move(cells));
             }
           }
         }
         return out;
       });
  add("system_schema", "functions", "",
      "keyspace_name text, function_name text, argument_types frozen<list<text>>, argument_names "
      "frozen<list<text>>, "
      "body text, called_on_null_input boolean, language text, return_type text",
      "keyspace_name, function_name, argument_types", none);
  add("system_schema", "aggregates", "",
      "keyspace_name text, aggregate_name text, argument_types frozen<list<text>>, final_func "
      "text, initcond text, "
      "return_type text, state_func text, state_type text",
      "keyspace_name, aggregate_name, argument_types", none);

  make("system_virtual_schema", "keyspaces", "keyspace_name text", "keyspace_name",
       [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, true, [&](const Keyspace& keyspace) {
           Cells cells;
           cells["keyspace_name"] = text(keyspace.name);
           out.push_back(std::move(cells));
         });
         return out;
       });
  make("system_virtual_schema", "tables", "keyspace_name text, table_name text, comment text",
       "keyspace_name, table_name", [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, true, [&](const Keyspace& keyspace) {
           for (const auto& [name, table] : keyspace.tables) {
             Cells cells;
             cells["keyspace_name"] = text(keyspace.name);
             cells["table_name"] = text(name);
             cells["comment"] = text("");
             out.push_back(std::move(cells));
           }
         });
         return out;
       });
  make("system_virtual_schema", "columns", kColumnColumns, "keyspace_name, table_name, column_name",
       [for_keyspaces](const Schema& schema) {
         std::vector<Cells> out;
         for_keyspaces(schema, true, [&](const Keyspace& keyspace) {
           for (const auto& [name, table] : keyspace.tables) {
             for (Cells& cells : column_cells(*table)) out.push_back(std::move(cells));
           }
         });
         return out;
       });
  make("system_views", "settings", "name text, value text", "name", [this](const Schema&) {
    std::vector<Cells> out;
    for (const auto& [name, value] :
         OptionMap{{"cluster_name", node.cluster_name},
                   {"native_transport_port", std::to_string(node.port)},
                   {"partitioner", "org.apache.cassandra.dht.Murmur3Partitioner"}}) {
      Cells cells;
      cells["name"] = text(name);
      cells["value"] = text(value);
      out.push_back(std::move(cells));
    }
    return out;
  });
  add("system_views", "clients", "currently connected clients",
      "address inet, port int, connection_stage text, driver_name text, driver_version text, "
      "hostname text, "
      "protocol_version int, request_count bigint, ssl_cipher_suite text, ssl_enabled boolean, "
      "ssl_protocol text, "
      "username text",
      "address, port", none);

  make("system_traces", "sessions",
       "session_id uuid, client inet, command text, coordinator inet, coordinator_port int, "
       "duration int, "
       "parameters map<text, text>, request text, started_at timestamp",
       "session_id", [this](const Schema&) {
         std::vector<Cells> out;
         for (const TraceSession& session : traces.sessions()) {
           Cells cells;
           cells["session_id"] = uuid(session.id);
           cells["client"] = address(node.address);
           cells["command"] = text(session.command);
           cells["coordinator"] = address(node.address);
           cells["coordinator_port"] = number(7000);
           cells["duration"] = number(static_cast<std::int32_t>(session.duration_us));
           cells["parameters"] = text_map(session.parameters);
           cells["request"] = text(session.request);
           cells["started_at"] = encode_be(session.started_ms);
           out.push_back(std::move(cells));
         }
         return out;
       });
  make("system_traces", "events",
       "session_id uuid, event_id timeuuid, activity text, source inet, source_elapsed int, "
       "source_port int, thread text",
       "session_id, event_id", [this](const Schema&) {
         std::vector<Cells> out;
         for (const TraceSession& session : traces.sessions()) {
           for (const TraceEvent& event : session.events) {
             Cells cells;
             cells["session_id"] = uuid(session.id);
             cells["event_id"] = uuid(event.id);
             cells["activity"] = text(event.activity);
             cells["source"] = address(node.address);
             cells["source_elapsed"] = number(static_cast<std::int32_t>(event.elapsed_us));
             cells["source_port"] = number(7000);
             cells["thread"] = text("blocking");
             out.push_back(std::move(cells));
           }
         }
         return out;
       });
  // Nothing is shown of passwords: what is kept of them is worth an attack.
  make(
      "system_auth", "roles",
      "role text, can_login boolean, is_superuser boolean, member_of set<text>, salted_hash text",
      "role",
      [this](const Schema&) {
        std::vector<Cells> out;
        for (const auto& [name, user] : roles()) {
          Cells cells;
          cells["role"] = text(name);
          cells["can_login"] = encode_boolean(user.can_login);
          cells["is_superuser"] = encode_boolean(user.is_superuser);
          if (!user.member_of.empty())
            cells["member_of"] = text_list({user.member_of.begin(), user.member_of.end()});
          out.push_back(std::move(cells));
        }
        return out;
      },
      "role definitions");
  make(
      "system_auth", "role_members", "role text, member text", "role, member",
      [this](const Schema&) {
        std::set<std::pair<std::string, std::string>> members;
        for (const auto& [name, user] : roles()) {
          for (const std::string& role : user.member_of) members.emplace(role, name);
        }
        std::vector<Cells> out;
        for (const auto& [role, member] : members) {
          Cells cells;
          cells["role"] = text(role);
          cells["member"] = text(member);
          out.push_back(std::move(cells));
        }
        return out;
      },
      "role memberships lookup table");
  make(
      "system_auth", "role_permissions", "role text, resource text, permissions set<text>",
      "role, resource",
      [this](const Schema&) {
        std::vector<Cells> out;
        for (const auto& [name, user] : roles()) {
          for (const auto& [resource, permissions] : user.permissions) {
            std::vector<std::string> names;
            for (const auto permission : permissions.list())
              names.emplace_back(security::name_of(permission));
            std::ranges::sort(names);
            Cells cells;
            cells["role"] = text(name);
            cells["resource"] = text(resource);
            cells["permissions"] = text_list(names);
            out.push_back(std::move(cells));
          }
        }
        return out;
      },
      "permissions granted to db roles");
  add("system_distributed", "repair_history", "Repair history",
      "keyspace_name text, columnfamily_name text, id timeuuid, coordinator inet, status text",
      "keyspace_name, columnfamily_name, id", none);
  add("system_distributed", "view_build_status", "Materialized View build status",
      "keyspace_name text, view_name text, host_id uuid, status text",
      "keyspace_name, view_name, host_id", none);
}

}  // namespace tidemill::tables::statements
