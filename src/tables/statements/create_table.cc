// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE [IF NOT EXISTS] name (columns, PRIMARY KEY (...)) [WITH ...]
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tables/statements/options.h"
#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

Outcome<> check_name(const std::string& keyspace, const std::string& name) {
  constexpr std::size_t kNameMax = 222;
  const bool word = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  if (!word || name.size() > kNameMax) {
    return wire::cql::bad_config(
        fmt::format("{}.{}: Table name must not be empty, more than {} characters long, or contain "
                    "non-alphanumeric-underscore "
                    "characters (got \"{}\")",
                    keyspace, name, kNameMax, name));
  }
  return {};
}

const Ordering* order_of(const CreateTableStatement& syntax, const std::string& column) {
  const auto at = std::ranges::find(syntax.order, column, &Ordering::column);
  return at == syntax.order.end() ? nullptr : &*at;
}

Outcome<> check_keys(const CreateTableStatement& syntax) {
  const std::string& table = syntax.table.name;
  std::set<std::string> names;
  for (const ColumnDefinition& column : syntax.columns) {
    if (!names.insert(column.name).second) {
      return invalid(
          fmt::format("Duplicate column '{}' declaration for table '{}'", column.name, table));
    }
  }
  if (syntax.primary_keys == 0) {
    return invalid(
        fmt::format("No PRIMARY KEY specifed for table '{}' (exactly one required)", table));
  }
  if (syntax.primary_keys > 1) {
    return invalid(
        fmt::format("Multiple PRIMARY KEY specified for table '{}' (exactly one required)", table));
  }
  std::set<std::string> keys;
  for (const auto* part : {&syntax.partition_key, &syntax.clustering}) {
    for (const std::string& key : *part) {
      const auto column = std::ranges::find(syntax.columns, key, &ColumnDefinition::name);
      if (column == syntax.columns.end()) {
        return invalid(fmt::format("Unknown column '{}' referenced in PRIMARY KEY for table '{}'",
                                   key, table));
      }
      if (!keys.insert(key).second) {
        return invalid(
            fmt::format("Duplicate column '{}' in PRIMARY KEY clause for table '{}'", key, table));
      }
      if (column->is_static)
        return invalid(fmt::format("Static column '{}' cannot be part of the PRIMARY KEY", key));
    }
  }
  std::vector<std::string> strangers;
  for (const Ordering& ordering : syntax.order) {
    if (std::ranges::find(syntax.clustering, ordering.column) == syntax.clustering.end()) {
      strangers.push_back(ordering.column);
    }
  }
  if (!strangers.empty()) {
    return invalid(
        fmt::format("Only clustering key columns can be defined in CLUSTERING ORDER directive: "
                    "[{}] are not clustering columns",
                    fmt::join(strangers, ", ")));
  }
  for (std::size_t i = 0; i < syntax.order.size(); ++i) {
    if (i >= syntax.clustering.size() || syntax.order[i].column != syntax.clustering[i]) {
      return invalid(
          "The order of columns in the CLUSTERING ORDER directive must match that of the "
          "clustering columns");
    }
  }
  if (!syntax.order.empty() && syntax.order.size() < syntax.clustering.size()) {
    return invalid(fmt::format("Missing CLUSTERING ORDER for column {}",
                               syntax.clustering[syntax.order.size()]));
  }
  return {};
}

// The draft for the store: keys first, in their order.
Outcome<Table> draft_table(const CreateTableStatement& syntax, const std::string& keyspace,
                           const Preparation& with) {
  Compilation types(with.environment.store.schema(), keyspace, nullptr, {});
  Table table;
  table.keyspace = keyspace;
  table.name = syntax.table.name;
  table.options = TRY(table_options(syntax.properties));
  for (const ColumnDefinition& definition : syntax.columns) TRY(types.resolve(definition.type));
  TRY(check_keys(syntax));
  const auto add = [&](const std::string& name, ColumnKind kind) -> Outcome<> {
    const auto definition = std::ranges::find(syntax.columns, name, &ColumnDefinition::name);
    Column column;
    column.name = name;
    column.type = TRY(types.resolve(definition->type));
    column.kind = kind;
    if (const Ordering* ordering = order_of(syntax, name)) column.descending = ordering->descending;
    table.columns.push_back(std::move(column));
    return {};
  };
  for (const std::string& key : syntax.partition_key) TRY(add(key, ColumnKind::PartitionKey));
  for (const std::string& key : syntax.clustering) TRY(add(key, ColumnKind::Clustering));
  for (const ColumnDefinition& definition : syntax.columns) {
    const bool key =
        std::ranges::find(table.columns, definition.name, &Column::name) != table.columns.end();
    if (!key)
      TRY(add(definition.name, definition.is_static ? ColumnKind::Static : ColumnKind::Regular));
  }
  TRY(finish_table(table));
  return table;
}

}  // namespace

Outcome<StatementPtr> prepare_create_table(const CreateTableStatement& syntax,
                                           const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.table, with));
  auto access =
      TRY(access_to_change(security::Permission::Create, security::Resource::all_tables(keyspace)));
  return schema_statement(
      std::move(access), [syntax, keyspace, with]() -> Outcome<StatementResult> {
        const auto schema = with.environment.store.schema();
        if (!schema->find_keyspace(keyspace))
          return invalid(fmt::format("Keyspace '{}' doesn't exist", keyspace));
        if (schema->find_table(keyspace, syntax.table.name)) {
          if (syntax.if_not_exists) return StatementResult{};
          return already_exists(
              fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"",
                          syntax.table.name, keyspace),
              keyspace, syntax.table.name);
        }
        TRY(check_name(keyspace, syntax.table.name));
        if (syntax.compact_storage) return invalid("COMPACT STORAGE tables are not supported");
        Table draft = TRY(draft_table(syntax, keyspace, with));
        auto created = with.environment.store.create_table(std::move(draft));
        if (!created.ok()) {
          if (created.error().code == ErrorCode::AlreadyExists) {
            return already_exists(
                fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"",
                            syntax.table.name, keyspace),
                keyspace, syntax.table.name);
          }
          return std::move(created).error();
        }
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Created, SchemaChange::Target::Table, keyspace,
                       syntax.table.name);
      });
}

}  // namespace tidemill::tables::statements
