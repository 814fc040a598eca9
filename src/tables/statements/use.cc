// SPDX-License-Identifier: Apache-2.0
// USE keyspace
#include <fmt/format.h>

#include "tables/statements/schema_statement.h"
#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_use(const UseStatement& syntax, const Preparation& with) {
  return schema_statement(
      {}, [syntax, environment = with.environment]() -> Outcome<StatementResult> {
        if (!environment.store.schema()->find_keyspace(syntax.keyspace) &&
            !environment.system.has_keyspace(syntax.keyspace)) {
          return invalid(fmt::format("Keyspace '{}' does not exist", syntax.keyspace));
        }
        StatementResult result;
        result.kind = SetKeyspace{syntax.keyspace};
        return result;
      });
}

}  // namespace tidemill::tables::statements
