// SPDX-License-Identifier: Apache-2.0
// DROP INDEX [IF EXISTS] name
#include <fmt/format.h>

#include "tables/statements/indexes.h"
#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_drop_index(const DropIndexStatement& syntax,
                                         const Preparation& with) {
  const std::string keyspace = TRY(keyspace_of(syntax.index, with));
  TRY(check_modifiable(keyspace));
  // An index that is not there takes nothing: its table is unknown.
  const auto holder = with.environment.store.schema()->find_keyspace(keyspace);
  const FoundIndex index = holder ? find_index(*holder, syntax.index.name) : FoundIndex{};
  std::vector<Access> access;
  if (index.index != nullptr) {
    access.push_back(
        {security::Permission::Alter, security::Resource::table(keyspace, index.table->name)});
  }
  return schema_statement(
      std::move(access),
      [syntax, keyspace, environment = with.environment]() -> Outcome<StatementResult> {
        const auto in = environment.store.schema()->find_keyspace(keyspace);
        const FoundIndex found = in ? find_index(*in, syntax.index.name) : FoundIndex{};
        if (found.index == nullptr) {
          if (syntax.if_exists) return StatementResult{};
          // The quote at the end is Cassandra's.
          return invalid(fmt::format("Index '{}.{}' doesn't exist'", keyspace, syntax.index.name));
        }
        TRY(environment.store.drop_index(keyspace, found.table->name, syntax.index.name));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Updated, SchemaChange::Target::Table, keyspace,
                       found.table->name);
      });
}

}  // namespace tidemill::tables::statements
