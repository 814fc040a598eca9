// SPDX-License-Identifier: Apache-2.0
// DROP TABLE [IF EXISTS] name
#include <fmt/format.h>

#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_drop_table(const DropTableStatement& syntax,
                                         const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.table, with));
  auto access = TRY(access_to_change(security::Permission::Drop,
                                     security::Resource::table(keyspace, syntax.table.name)));
  return schema_statement(
      std::move(access),
      [syntax, keyspace, environment = with.environment]() -> Outcome<StatementResult> {
        if (!environment.store.schema()->find_table(keyspace, syntax.table.name)) {
          if (syntax.if_exists) return StatementResult{};
          return invalid(fmt::format("Table '{}.{}' doesn't exist", keyspace, syntax.table.name));
        }
        TRY(environment.store.drop_table(keyspace, syntax.table.name));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Dropped, SchemaChange::Target::Table, keyspace,
                       syntax.table.name);
      });
}

}  // namespace tidemill::tables::statements
