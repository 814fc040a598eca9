// SPDX-License-Identifier: Apache-2.0
// CREATE KEYSPACE [IF NOT EXISTS] name WITH replication = {...} [AND durable_writes = ...]
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/options.h"
#include "tables/statements/schema_statement.h"
#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {

Outcome<StatementPtr> prepare_create_keyspace(const CreateKeyspaceStatement& syntax,
                                              const Preparation& with) {
  constexpr std::size_t kNameMax = 48;
  const std::string& name = syntax.keyspace;
  const bool word =
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!word) return invalid(fmt::format("\"{}\" is not a valid keyspace name", name));
  if (name.size() > kNameMax) {
    return invalid(fmt::format(
        "Keyspace name must not be more than {} characters long (got {} characters for \"{}\")",
        kNameMax, name.size(), name));
  }
  TRY(check_modifiable(name));
  const KeyspaceOptions options =
      TRY(keyspace_options(syntax.properties, with.environment.system.node.data_center));
  std::vector<Access> access{{security::Permission::Create, security::Resource::all_keyspaces()}};
  return schema_statement(
      std::move(access),
      [syntax, options, environment = with.environment]() -> Outcome<StatementResult> {
        if (environment.store.schema()->find_keyspace(syntax.keyspace)) {
          if (syntax.if_not_exists) return StatementResult{};
          return already_exists(fmt::format("Cannot add existing keyspace \"{}\"", syntax.keyspace),
                                syntax.keyspace, "");
        }
        if (!options.replication) return invalid("Missing mandatory option 'replication'");
        Keyspace keyspace;
        keyspace.name = syntax.keyspace;
        keyspace.replication = *options.replication;
        keyspace.durable_writes = options.durable_writes.value_or(true);
        TRY(environment.store.create_keyspace(keyspace));
        using wire::cql::SchemaChange;
        return changed(SchemaChange::Kind::Created, SchemaChange::Target::Keyspace,
                       syntax.keyspace);
      });
}

}  // namespace tidemill::tables::statements
