// SPDX-License-Identifier: Apache-2.0
// CREATE TYPE [IF NOT EXISTS] name (fields)
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

Outcome<StatementResult> create(const CreateTypeStatement& syntax, const std::string& keyspace_name,
                                const Preparation& with) {
  const auto schema = with.environment.store.schema();
  const auto keyspace = schema->find_keyspace(keyspace_name);
  if (!keyspace) return invalid(fmt::format("Keyspace '{}' doesn't exist", keyspace_name));
  if (keyspace->types.contains(syntax.type.name)) {
    if (syntax.if_not_exists) return StatementResult{};
    return invalid(fmt::format("A user type with name '{}' already exists", syntax.type.name));
  }
  Compilation types(schema, keyspace_name, nullptr, {});
  std::vector<std::string> names;
  std::vector<Type> fields;
  for (const auto& [name, raw] : syntax.fields) {
    if (std::ranges::find(names, name) != names.end()) {
      return invalid(fmt::format("Duplicate field name '{}' in type '{}'", name, syntax.type.name));
    }
    Type type = TRY(types.resolve(raw));
    if (type.kind == Kind::Counter) return invalid("A user type cannot contain counters");
    if (type.kind == Kind::Udt && !type.frozen) {
      return invalid("A user type cannot contain non-frozen UDTs");
    }
    names.push_back(name);
    fields.push_back(std::move(type));
  }
  UserType type{Type::udt(keyspace_name, syntax.type.name, std::move(names), std::move(fields))};
  TRY(with.environment.store.create_type(type));
  using wire::cql::SchemaChange;
  return changed(SchemaChange::Kind::Created, SchemaChange::Target::Type, keyspace_name,
                 syntax.type.name);
}

}  // namespace

Outcome<StatementPtr> prepare_create_type(const CreateTypeStatement& syntax,
                                          const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.type, with));
  auto access =
      TRY(access_to_change(security::Permission::Create, security::Resource::all_tables(keyspace)));
  return schema_statement(std::move(access),
                          [syntax, keyspace, with] { return create(syntax, keyspace, with); });
}

}  // namespace tidemill::tables::statements
