// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE name ADD | DROP | RENAME | WITH ...
#include <fmt/format.h>

#include "tables/statements/options.h"
#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

Outcome<StatementResult> alter(const AlterTableStatement& syntax, const std::string& keyspace,
                               const Preparation& with) {
  const auto schema = with.environment.store.schema();
  const auto table = schema->find_table(keyspace, syntax.table.name);
  if (!table) {
    if (syntax.if_exists) return StatementResult{};
    return invalid(fmt::format("Table '{}.{}' doesn't exist", keyspace, syntax.table.name));
  }
  if (syntax.alters_type) return invalid("Altering column types is no longer supported");
  Compilation types(schema, keyspace, table, {});
  TableAlteration change;
  for (const ColumnDefinition& definition : syntax.add) {
    if (syntax.add_if_not_exists && table->find(definition.name) != nullptr) continue;
    const Type type = TRY(types.resolve(definition.type));
    if (table->find(definition.name) != nullptr) {
      return invalid(fmt::format("Column with name '{}' already exists", definition.name));
    }
    const bool is_counter = type.kind == Kind::Counter;
    if (is_counter != table->is_counter()) {
      return wire::cql::bad_config(fmt::format(
          "{}.{}: Cannot have a {}counter column (\"{}\") in a {}counter table", keyspace,
          table->name, is_counter ? "" : "non ", definition.name, is_counter ? "non " : ""));
    }
    change.add.push_back({definition.name, type, definition.is_static});
  }
  for (const std::string& name : syntax.drop) {
    if (syntax.drop_if_exists && table->find(name) == nullptr) continue;
    change.drop.push_back(name);
  }
  for (const auto& [from, to] : syntax.rename) {
    const Column* column = table->find(from);
    if (column == nullptr) {
      return invalid(
          fmt::format("Column {} was not found in table '{}.{}'", from, keyspace, table->name));
    }
    change.rename.push_back({from, to});
  }
  change.options = TRY(table_options(syntax.properties));
  if (change.add.empty() && change.drop.empty() && change.rename.empty() &&
      syntax.properties.empty()) {
    return StatementResult{};
  }
  TRY(with.environment.store.alter_table(keyspace, syntax.table.name, change));
  using wire::cql::SchemaChange;
  return changed(SchemaChange::Kind::Updated, SchemaChange::Target::Table, keyspace,
                 syntax.table.name);
}

}  // namespace

Outcome<StatementPtr> prepare_alter_table(const AlterTableStatement& syntax,
                                          const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.table, with));
  auto access = TRY(access_to_change(security::Permission::Alter,
                                     security::Resource::table(keyspace, syntax.table.name)));
  return schema_statement(std::move(access),
                          [syntax, keyspace, with] { return alter(syntax, keyspace, with); });
}

}  // namespace tidemill::tables::statements
