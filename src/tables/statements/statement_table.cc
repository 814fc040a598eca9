// SPDX-License-Identifier: Apache-2.0
// Which file checks and runs which statement, and the look-ups they share.
#include <fmt/format.h>

#include "tables/statements/statement.h"
#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {
namespace {

// One overload per line: a statement without one does not compile.
struct Prepare {
  const Preparation& with;

  auto operator()(const AlterKeyspaceStatement& s) const { return prepare_alter_keyspace(s, with); }
  auto operator()(const AlterRoleStatement& s) const { return prepare_alter_role(s, with); }
  auto operator()(const AlterTableStatement& s) const { return prepare_alter_table(s, with); }
  auto operator()(const AlterTypeStatement& s) const { return prepare_alter_type(s, with); }
  auto operator()(const BatchStatement& s) const { return prepare_batch(s, with); }
  auto operator()(const CreateIndexStatement& s) const { return prepare_create_index(s, with); }
  auto operator()(const CreateKeyspaceStatement& s) const {
    return prepare_create_keyspace(s, with);
  }
  auto operator()(const CreateRoleStatement& s) const { return prepare_create_role(s, with); }
  auto operator()(const CreateTableStatement& s) const { return prepare_create_table(s, with); }
  auto operator()(const CreateTypeStatement& s) const { return prepare_create_type(s, with); }
  auto operator()(const DeleteStatement& s) const { return prepare_delete(s, with); }
  auto operator()(const DescribeStatement& s) const { return prepare_describe(s, with); }
  auto operator()(const DropIndexStatement& s) const { return prepare_drop_index(s, with); }
  auto operator()(const DropKeyspaceStatement& s) const { return prepare_drop_keyspace(s, with); }
  auto operator()(const DropRoleStatement& s) const { return prepare_drop_role(s, with); }
  auto operator()(const DropTableStatement& s) const { return prepare_drop_table(s, with); }
  auto operator()(const DropTypeStatement& s) const { return prepare_drop_type(s, with); }
  auto operator()(const GrantPermissionsStatement& s) const {
    return prepare_grant_permissions(s, with);
  }
  auto operator()(const GrantRoleStatement& s) const { return prepare_grant_role(s, with); }
  auto operator()(const InsertStatement& s) const { return prepare_insert(s, with); }
  auto operator()(const ListPermissionsStatement& s) const {
    return prepare_list_permissions(s, with);
  }
  auto operator()(const ListRolesStatement& s) const { return prepare_list_roles(s, with); }
  auto operator()(const SelectStatement& s) const { return prepare_select(s, with); }
  auto operator()(const TruncateStatement& s) const { return prepare_truncate(s, with); }
  auto operator()(const UnsupportedStatement& s) const { return prepare_unsupported(s, with); }
  auto operator()(const UpdateStatement& s) const { return prepare_update(s, with); }
  auto operator()(const UseStatement& s) const { return prepare_use(s, with); }
};

}  // namespace

Outcome<StatementPtr> prepare_syntax(const StatementSyntax& syntax, const Preparation& with) {
  return std::visit(Prepare{with}, syntax);
}

Outcome<StatementPtr> prepare_unsupported(const UnsupportedStatement& syntax, const Preparation&) {
  return invalid(fmt::format("{} is not supported by Tidemill", syntax.what));
}

Outcome<std::string> keyspace_of(const QualifiedName& name, const Preparation& with) {
  if (!name.keyspace.empty()) return name.keyspace;
  if (!with.keyspace.empty()) return with.keyspace;
  return invalid(
      "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename");
}

Outcome<std::shared_ptr<const Table>> find_table(const QualifiedName& name,
                                                 const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(name, with));
  if (const SystemTable* system = with.environment.system.find(keyspace, name.name))
    return system->table;
  const auto schema = with.environment.store.schema();
  if (!schema->find_keyspace(keyspace) && !with.environment.system.has_keyspace(keyspace)) {
    return invalid(fmt::format("keyspace {} does not exist", keyspace));
  }
  if (auto table = schema->find_table(keyspace, name.name)) return table;
  return invalid(fmt::format("table {} does not exist", name.name));
}

bool is_system_keyspace(std::string_view keyspace) {
  return keyspace == "system" || keyspace == "system_schema" ||
         keyspace == "system_virtual_schema" || keyspace == "system_views" ||
         keyspace == "system_traces" || keyspace == "system_auth" ||
         keyspace == "system_distributed";
}

Outcome<> check_modifiable(std::string_view keyspace) {
  if (is_system_keyspace(keyspace)) {
    return wire::cql::unauthorized(fmt::format("{} keyspace is not user-modifiable.", keyspace));
  }
  return {};
}

}  // namespace tidemill::tables::statements
