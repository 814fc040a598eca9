// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/access.h"

#include <fmt/format.h>

#include "runtime/log.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

Outcome<> Performer::check(const security::UserStore& users, std::span<const Access> wanted) {
  if (wanted.empty()) return {};
  // Read before the snapshot: a change between the two is seen again at the next check.
  const std::uint64_t generation = users.generation();
  if (generation != generation_) {
    grants_ = anonymous_ ? security::Grants() : security::Grants(*users.snapshot(), name_);
    generation_ = generation;
  }
  for (const Access& access : wanted) {
    if (!grants_.allow(access.permission, access.resource)) return lacks(name_, access);
  }
  return {};
}

wire::cql::CqlError lacks(std::string_view user, const Access& access) {
  return wire::cql::unauthorized(
      fmt::format("User {} has no {} permission on {} or any of its parents", user,
                  name_of(access.permission), access.resource.shown()));
}

Outcome<std::vector<Access>> access_to_change(Permission permission, Resource resource) {
  const std::string& keyspace = resource.keyspace();
  if (keyspace == "system_auth" || keyspace == "system_distributed" ||
      keyspace == "system_traces") {
    return wire::cql::unauthorized(
        fmt::format("Cannot {} {}", name_of(permission), resource.shown()));
  }
  if (keyspace == "system" || keyspace == "system_schema" || keyspace == "system_views" ||
      keyspace == "system_virtual_schema") {
    return wire::cql::unauthorized(fmt::format("{} keyspace is not user-modifiable.", keyspace));
  }
  return std::vector<Access>{{permission, std::move(resource)}};
}

bool is_readable_by_all(std::string_view keyspace, std::string_view table) {
  if (keyspace == "system_schema" || keyspace == "system_virtual_schema") return true;
  if (keyspace == "system_traces") return true;
  return keyspace == "system" && (table == "local" || table == "peers" || table == "peers_v2" ||
                                  table == "size_estimates" || table == "table_estimates");
}

std::optional<std::string> keep_permissions(const AccessControl& control,
                                            const wire::cql::SchemaChange& change,
                                            const Performer* performer) {
  using Change = wire::cql::SchemaChange;
  const bool created = change.kind == Change::Kind::Created;
  if (control.users == nullptr || change.target == Change::Target::Type) return std::nullopt;
  if (!created && change.kind != Change::Kind::Dropped) return std::nullopt;
  const bool whole = change.target == Change::Target::Keyspace;
  const Resource resource =
      whole ? Resource::keyspace(change.keyspace) : Resource::table(change.keyspace, change.name);
  const bool grants =
      created && control.authorizes && performer != nullptr && !performer->is_anonymous();
  const auto kept = control.users->change([&](security::Users& users) -> Result<> {
    // Also of what was created: a crash may have come between a drop and this.
    security::revoke_all_on(users, resource);
    if (!grants || !users.contains(performer->name())) return {};
    security::grant(users, performer->name(), resource.applicable(), resource);
    if (!whole) return {};
    const Resource functions = Resource::all_functions_in(change.keyspace);
    security::grant(users, performer->name(), functions.applicable(), functions);
    return {};
  });
  if (kept.ok()) return std::nullopt;
  std::string problem = fmt::format("permissions on {} could not be kept: {}", resource.shown(),
                                    kept.error().message);
  log_error("tables", "{}", problem);
  return problem;
}

}  // namespace tidemill::tables::statements
