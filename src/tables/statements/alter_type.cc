// SPDX-License-Identifier: Apache-2.0
// ALTER TYPE [IF EXISTS] name ADD [IF NOT EXISTS] field type | RENAME [IF EXISTS] a TO b [AND ...]
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {
namespace {

// Tables that hold the type in key columns of a kind, as "ks.table".
std::vector<std::string> tables_with_key(const Keyspace& keyspace, const Type& type,
                                         ColumnKind kind) {
  std::vector<std::string> out;
  for (const auto& [name, table] : keyspace.tables) {
    const bool found = std::ranges::any_of(table->columns, [&](const Column& column) {
      return column.kind == kind && uses_type(column.type, type);
    });
    if (found) out.push_back(keyspace.name + "." + name);
  }
  return out;
}

// Tables with an index on a column that holds the type, as "ks.table".
std::vector<std::string> tables_with_index(const Keyspace& keyspace, const Type& type) {
  std::vector<std::string> out;
  for (const auto& [name, table] : keyspace.tables) {
    const bool found = std::ranges::any_of(table->indexes, [&](const Index& index) {
      const Column* column = table->find(index.column);
      return column != nullptr && uses_type(column->type, type);
    });
    if (found) out.push_back(keyspace.name + "." + name);
  }
  return out;
}

class Alteration {
 public:
  Alteration(const AlterTypeStatement& syntax, const Keyspace& keyspace, const Type& old)
      : syntax_(syntax), keyspace_(keyspace), old_(old), full_(keyspace.name + "." + name()) {
    names_ = old.parts->field_names;
    types_ = old.parts->elements;
  }

  // Nothing: it changes nothing.
  Outcome<std::optional<UserType>> run(Compilation& types) {
    if (syntax_.alters_field) return invalid("Altering field types is no longer supported");
    const bool changes = syntax_.add ? TRY(add(types)) : TRY(rename());
    if (!changes) return std::optional<UserType>();
    return std::optional(
        UserType{Type::udt(keyspace_.name, name(), std::move(names_), std::move(types_))});
  }

 private:
  const std::string& name() const { return syntax_.type.name; }
  std::size_t index_of(const std::string& field) const {
    return static_cast<std::size_t>(std::ranges::find(names_, field) - names_.begin());
  }

  Outcome<bool> add(Compilation& types) {
    const auto& [field, raw] = *syntax_.add;
    if (index_of(field) < names_.size()) {
      if (syntax_.field_condition) return false;
      return invalid(
          fmt::format("Cannot add field {} to type {}: a field with name {} already exists", field,
                      full_, field));
    }
    Type type = TRY(types.resolve(raw));
    if (type.kind == Kind::Counter) return invalid("A user type cannot contain counters");
    if (type.kind == Kind::Udt && !type.frozen) {
      return invalid("A user type cannot contain non-frozen UDTs");
    }
    const std::string what = fmt::format("Cannot add new field {} of type {} to user type {}",
                                         field, to_string(type), full_);
    if (uses_type(type, old_)) return invalid(what + " as it would create a circular reference");
    if (auto tables = tables_with_key(keyspace_, old_, ColumnKind::PartitionKey); !tables.empty()) {
      return invalid(
          fmt::format("{} as the type is being used in partition key by the following tables: {}",
                      what, fmt::join(tables, ", ")));
    }
    // Encoded clustering keys hold as many fields as the type had.
    if (auto tables = tables_with_key(keyspace_, old_, ColumnKind::Clustering); !tables.empty()) {
      return invalid(fmt::format(
          "{} as the type is being used in clustering columns by the following tables, which "
          "Tidemill does not support: {}",
          what, fmt::join(tables, ", ")));
    }
    // So do the values that entries hold.
    if (auto tables = tables_with_index(keyspace_, old_); !tables.empty()) {
      return invalid(fmt::format(
          "{} as the type is being used in indexed columns by the following tables, which "
          "Tidemill does not support: {}",
          what, fmt::join(tables, ", ")));
    }
    names_.push_back(field);
    types_.push_back(std::move(type));
    return true;
  }

  Outcome<bool> rename() {
    const std::vector<std::string> before = names_;
    for (const auto& [from, to] : syntax_.rename) {
      const auto at = std::ranges::find(before, from);
      if (at == before.end()) {
        if (syntax_.field_condition) continue;
        return invalid(fmt::format("Unkown field {} in user type {}", from, full_));  // sic
      }
      names_[static_cast<std::size_t>(at - before.begin())] = to;
    }
    for (const std::string& field : names_) {
      if (std::ranges::count(names_, field) > 1) {
        return invalid(fmt::format("Duplicate field name {} in type {}", field, keyspace_.name));
      }
    }
    return names_ != before;
  }

  const AlterTypeStatement& syntax_;
  const Keyspace& keyspace_;
  const Type& old_;
  std::string full_;
  std::vector<std::string> names_;
  std::vector<Type> types_;
};

// Nothing: the schema changed meanwhile, do it again.
Outcome<std::optional<StatementResult>> try_alter(const AlterTypeStatement& syntax,
                                                  const std::string& keyspace_name,
                                                  const Preparation& with) {
  const auto schema = with.environment.store.schema();
  const auto keyspace = schema->find_keyspace(keyspace_name);
  if (!keyspace || !keyspace->types.contains(syntax.type.name)) {
    if (syntax.if_exists) return std::optional(StatementResult{});
    return invalid(fmt::format("Type {}.{} doesn't exist", keyspace_name, syntax.type.name));
  }
  Compilation types(schema, keyspace_name, nullptr, {});
  Alteration alteration(syntax, *keyspace, keyspace->types.at(syntax.type.name)->type);
  const auto type = TRY(alteration.run(types));
  if (!type) return std::optional(StatementResult{});
  auto altered = with.environment.store.alter_type(*type, *schema);
  if (!altered.ok() && altered.error().code == ErrorCode::Conflict) {
    return std::optional<StatementResult>();
  }
  TRY(std::move(altered));
  using wire::cql::SchemaChange;
  return std::optional(changed(SchemaChange::Kind::Updated, SchemaChange::Target::Type,
                               keyspace_name, syntax.type.name));
}

Outcome<StatementResult> alter(const AlterTypeStatement& syntax, const std::string& keyspace_name,
                               const Preparation& with) {
  while (true) {  // each further round is another statement's success
    auto result = TRY(try_alter(syntax, keyspace_name, with));
    if (result) return *std::move(result);
  }
}

}  // namespace

Outcome<StatementPtr> prepare_alter_type(const AlterTypeStatement& syntax,
                                         const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.type, with));
  auto access =
      TRY(access_to_change(security::Permission::Alter, security::Resource::all_tables(keyspace)));
  return schema_statement(std::move(access),
                          [syntax, keyspace, with] { return alter(syntax, keyspace, with); });
}

}  // namespace tidemill::tables::statements
