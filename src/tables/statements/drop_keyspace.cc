// SPDX-License-Identifier: Apache-2.0
// DROP KEYSPACE [IF EXISTS] name
#include <fmt/format.h>

#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_drop_keyspace(const DropKeyspaceStatement& syntax,
                                            const Preparation& with) {
  auto access = TRY(
      access_to_change(security::Permission::Drop, security::Resource::keyspace(syntax.keyspace)));
  return schema_statement(
      std::move(access), [syntax, environment = with.environment]() -> Outcome<StatementResult> {
        if (!environment.store.schema()->find_keyspace(syntax.keyspace)) {
          if (syntax.if_exists) return StatementResult{};
          return invalid(fmt::format("Keyspace '{}' doesn't exist", syntax.keyspace));
        }
        TRY(environment.store.drop_keyspace(syntax.keyspace));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Dropped, SchemaChange::Target::Keyspace,
                       syntax.keyspace);
      });
}

}  // namespace tidemill::tables::statements
