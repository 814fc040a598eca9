// SPDX-License-Identifier: Apache-2.0
// TRUNCATE [TABLE] name
#include "tables/statements/schema_statement.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_truncate(const TruncateStatement& syntax, const Preparation& with) {
  const auto table = TRY(find_table(syntax.table, with));
  TRY(check_modifiable(table->keyspace));
  std::vector<Access> access{
      {security::Permission::Modify, security::Resource::table(table->keyspace, table->name)}};
  return schema_statement(std::move(access),
                          [keyspace = table->keyspace, name = table->name,
                           environment = with.environment]() -> Outcome<StatementResult> {
                            TRY(environment.store.truncate(keyspace, name));
                            return StatementResult{};
                          });
}

}  // namespace tidemill::tables::statements
