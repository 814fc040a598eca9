// SPDX-License-Identifier: Apache-2.0
// CREATE [CUSTOM] INDEX [IF NOT EXISTS] [name] ON table (target) [USING 'class'] [WITH OPTIONS = m]
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/indexes.h"
#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

using Target = Index::Target;
using Modifier = CreateIndexStatement::Modifier;

bool is_storage_attached(const std::string& name) {
  return name == "sai" || name == "StorageAttachedIndex" ||
         name == "org.apache.cassandra.index.sai.StorageAttachedIndex";
}

// What of the column goes into the index; refuses what Cassandra refuses, in its words.
Outcome<Target> target_of(const Column& column, Modifier modifier) {
  const Type& type = column.type;
  const std::string name = wire::cql::quoted_name(column.name);
  if (type.is_collection() && type.frozen) {
    if (modifier == Modifier::Full) return Target::Value;
    const std::string_view kind = modifier == Modifier::Keys      ? "keys"
                                  : modifier == Modifier::Entries ? "entries"
                                                                  : "values";
    return invalid(fmt::format(
        "Cannot create {}() index on frozen column {}. Frozen collections are immutable and must "
        "be fully indexed by using the 'full({})' modifier",
        kind, name, name));
  }
  if (modifier == Modifier::Full)
    return invalid("full() indexes can only be created on frozen collections");
  if (!type.is_collection()) {
    if (modifier == Modifier::None) return Target::Value;
    const std::string_view kind = modifier == Modifier::Keys      ? "keys"
                                  : modifier == Modifier::Entries ? "entries"
                                                                  : "values";
    return invalid(fmt::format(
        "Cannot create {}() index on {}. Non-collection columns only support simple indexes", kind,
        name));
  }
  if (modifier == Modifier::None || modifier == Modifier::Values) return Target::Values;
  if (type.kind != Kind::Map) {
    return invalid(fmt::format("Cannot create index on {} of column {} with non-map type",
                               modifier == Modifier::Keys ? "keys" : "entries", name));
  }
  return modifier == Modifier::Keys ? Target::Keys : Target::Entries;
}

Outcome<> check_column(const Table& table, const Column& column) {
  if (table.is_counter()) return invalid("Secondary indexes are not supported on counter tables");
  if (column.type.kind == Kind::Duration)
    return invalid("Secondary indexes are not supported on duration columns");
  if (column.type.kind == Kind::Vector) {
    return invalid("indexes on vector columns are not supported by Tidemill");
  }
  if (column.type.kind == Kind::Udt && !column.type.frozen) {
    return invalid(fmt::format("Cannot create index on non-frozen UDT column {}", column.name));
  }
  if (column.kind == ColumnKind::PartitionKey && table.partition_columns == 1) {
    return invalid(fmt::format("Cannot create secondary index on the only partition key column {}",
                               column.name));
  }
  return {};
}

std::string free_name(const Keyspace& keyspace, const std::string& table,
                      const std::string& column) {
  std::string base = table + "_";
  std::ranges::copy_if(column, std::back_inserter(base),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  base += "_idx";
  std::string name = base;
  for (int i = 1; find_index(keyspace, name).index != nullptr; ++i)
    name = fmt::format("{}_{}", base, i);
  return name;
}

// COMPOSITES, or CUSTOM with its class; what the class understands.
Outcome<> choose_kind(const CreateIndexStatement& syntax, Index& index) {
  const std::string& name = syntax.class_name;
  if (is_storage_attached(name)) {
    index.kind = "CUSTOM";
    index.options["class_name"] = name;
    for (const auto& [option, value] : syntax.options) {
      const bool known = option == "case_sensitive" || option == "normalize" || option == "ascii" ||
                         option == "similarity_function";
      if (!known) {
        return wire::cql::bad_config(fmt::format(
            "Properties specified [{}] are not understood by StorageAttachedIndex", option));
      }
      // These change what matches; only what changes nothing is taken.
      const bool plain = (option == "case_sensitive" && value == "true") ||
                         ((option == "normalize" || option == "ascii") && value == "false");
      if (!plain) {
        return invalid(
            fmt::format("index option '{}' = '{}' is not supported by Tidemill", option, value));
      }
      index.options[option] = value;
    }
    return {};
  }
  if (syntax.custom || (!name.empty() && name != "legacy_local_table")) {
    return wire::cql::bad_config(fmt::format("Unable to find custom indexer class '{}'",
                                             name.empty() ? "legacy_local_table" : name));
  }
  if (!syntax.options.empty()) return invalid("Cannot specify options for a non-CUSTOM index");
  index.kind = "COMPOSITES";
  return {};
}

Outcome<StatementResult> create(const CreateIndexStatement& syntax,
                                const std::string& keyspace_name, const Preparation& with) {
  const auto schema = with.environment.store.schema();
  const auto keyspace = schema->find_keyspace(keyspace_name);
  if (!keyspace) return invalid(fmt::format("Keyspace '{}' doesn't exist", keyspace_name));
  const auto table = schema->find_table(keyspace_name, syntax.table.name);
  if (!table) return invalid(fmt::format("Table '{}' doesn't exist", syntax.table.name));
  if (!syntax.name.empty() && find_index(*keyspace, syntax.name).index != nullptr) {
    if (syntax.if_not_exists) return StatementResult{};
    return invalid(fmt::format("Index '{}' already exists", syntax.name));
  }
  const Column* column = table->find(syntax.column);
  if (column == nullptr) {
    return invalid(fmt::format("Undefined column name {} in table {}.{}", syntax.column,
                               keyspace_name, table->name));
  }
  TRY(check_column(*table, *column));
  Index index;
  index.column = column->id;
  index.target = TRY(target_of(*column, syntax.modifier));
  index.name = syntax.name.empty() ? free_name(*keyspace, table->name, column->name) : syntax.name;
  index.options["target"] = target_text(*column, index.target);
  TRY(choose_kind(syntax, index));
  for (const Index& other : table->indexes) {
    const bool same = other.column == index.column && other.target == index.target;
    if (!same || other.kind != index.kind) continue;
    if (syntax.if_not_exists) return StatementResult{};
    if (index.kind == "CUSTOM") {
      return invalid(
          fmt::format("Cannot create more than one storage-attached index on the same column: {}",
                      column->name));
    }
    return invalid(
        fmt::format("Index {} is a duplicate of existing index {}", index.name, other.name));
  }
  TRY(with.environment.store.create_index(keyspace_name, table->name, index));
  using wire::cql::SchemaChange;
  return changed(SchemaChange::Kind::Updated, SchemaChange::Target::Table, keyspace_name,
                 table->name);
}

}  // namespace

FoundIndex find_index(const Keyspace& keyspace, const std::string& name) {
  for (const auto& [table_name, table] : keyspace.tables) {
    const auto at = std::ranges::find(table->indexes, name, &Index::name);
    if (at != table->indexes.end()) return {table, &*at};
  }
  return {};
}

std::string target_text(const Column& column, Target target) {
  const std::string name = wire::cql::quoted_name(column.name);
  switch (target) {
    case Target::Value:
      return column.type.is_collection() ? "full(" + name + ")" : name;
    case Target::Keys:
      return "keys(" + name + ")";
    case Target::Values:
      return "values(" + name + ")";
    case Target::Entries:
      return "entries(" + name + ")";
  }
  return name;
}

Outcome<StatementPtr> prepare_create_index(const CreateIndexStatement& syntax,
                                           const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.table, with));
  auto access = TRY(access_to_change(security::Permission::Alter,
                                     security::Resource::table(keyspace, syntax.table.name)));
  return schema_statement(std::move(access),
                          [syntax, keyspace, with] { return create(syntax, keyspace, with); });
}

}  // namespace tidemill::tables::statements
