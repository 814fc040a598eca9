// SPDX-License-Identifier: Apache-2.0
// DROP TYPE [IF EXISTS] name
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

Outcome<> check_unused(const Keyspace& keyspace, const std::string& name) {
  const std::string full = keyspace.name + "." + name;
  const Type& type = keyspace.types.at(name)->type;
  std::vector<std::string> types;
  for (const auto& [other, holder] : keyspace.types) {
    if (other != name && uses_type(holder->type, type)) types.push_back(other);
  }
  if (!types.empty()) {
    return invalid(fmt::format("Cannot drop user type '{}' as it is still used by user types {}",
                               full, fmt::join(types, ", ")));
  }
  std::vector<std::string> tables;
  for (const auto& [other, table] : keyspace.tables) {
    if (std::ranges::any_of(table->columns,
                            [&](const Column& column) { return uses_type(column.type, type); })) {
      tables.push_back(other);
    }
  }
  if (!tables.empty()) {
    return invalid(fmt::format("Cannot drop user type '{}' as it is still used by tables {}", full,
                               fmt::join(tables, ", ")));
  }
  return {};
}

}  // namespace

Outcome<StatementPtr> prepare_drop_type(const DropTypeStatement& syntax, const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.type, with));
  auto access =
      TRY(access_to_change(security::Permission::Drop, security::Resource::all_tables(keyspace)));
  return schema_statement(
      std::move(access),
      [syntax, keyspace, environment = with.environment]() -> Outcome<StatementResult> {
        const auto in = environment.store.schema()->find_keyspace(keyspace);
        if (!in || !in->types.contains(syntax.type.name)) {
          if (syntax.if_exists) return StatementResult{};
          return invalid(fmt::format("Type '{}.{}' doesn't exist", keyspace, syntax.type.name));
        }
        TRY(check_unused(*in, syntax.type.name));
        TRY(environment.store.drop_type(keyspace, syntax.type.name));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Dropped, SchemaChange::Target::Type, keyspace,
                       syntax.type.name);
      });
}

}  // namespace tidemill::tables::statements
