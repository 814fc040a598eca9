// SPDX-License-Identifier: Apache-2.0
// ALTER KEYSPACE [IF EXISTS] name WITH ...
#include <fmt/format.h>

#include "tables/statements/options.h"
#include "tables/statements/schema_statement.h"
#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_alter_keyspace(const AlterKeyspaceStatement& syntax,
                                             const Preparation& with) {
  auto access = TRY(
      access_to_change(security::Permission::Alter, security::Resource::keyspace(syntax.keyspace)));
  const KeyspaceOptions options =
      TRY(keyspace_options(syntax.properties, with.environment.system.node.data_center));
  return schema_statement(
      std::move(access),
      [syntax, options, environment = with.environment]() -> Outcome<StatementResult> {
        const auto keyspace = environment.store.schema()->find_keyspace(syntax.keyspace);
        if (!keyspace) {
          if (syntax.if_exists) return StatementResult{};
          return invalid(fmt::format("Keyspace '{}' doesn't exist", syntax.keyspace));
        }
        TRY(environment.store.alter_keyspace(syntax.keyspace,
                                             options.replication.value_or(keyspace->replication),
                                             options.durable_writes));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Updated, SchemaChange::Target::Keyspace,
                       syntax.keyspace);
      });
}

}  // namespace tidemill::tables::statements
