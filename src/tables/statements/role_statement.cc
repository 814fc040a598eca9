// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/role_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

Standing::Standing(const AccessControl& control, const Performer* performer)
    : control_(control), performer_(performer), roles_(control.users->snapshot()) {
  if (performer == nullptr) return;
  name_ = performer->name();
  if (performer->is_anonymous()) return;
  own_roles_ = security::roles_of(*roles_, name_, security::Inherited::Yes);
  grants_ = security::Grants(*roles_, name_);
}

bool Standing::may(Permission permission, const Resource& resource) const {
  return performer_ == nullptr || !control_.authorizes || grants_.allow(permission, resource);
}

Outcome<> Standing::need(Permission permission, const Resource& resource) const {
  if (may(permission, resource)) return {};
  return lacks(name_, {permission, resource});
}

Outcome<> Standing::need_on_role(Permission permission, const Resource& role) const {
  if (may(permission, role)) return {};
  return wire::cql::unauthorized(fmt::format(
      "User {} does not have sufficient privileges to perform the requested operation", name_));
}

Outcome<> Standing::need_login() const {
  if (performer_ == nullptr || !performer_->is_anonymous()) return {};
  return wire::cql::unauthorized(
      "You have to be logged in and not anonymous to perform this request");
}

Outcome<StatementResult> RoleStatement::execute(const Parameters& parameters) const {
  if (environment_.access.users == nullptr) return invalid("this server keeps no roles");
  const Standing standing(environment_.access, parameters.performer);
  TRY(authorize(standing));
  TRY(validate(standing));
  return act(standing);
}

Outcome<> check_options(const RoleOptions& options, const Environment& environment) {
  const auto unsupported = [](std::string_view option) {
    return invalid(
        fmt::format("org.apache.cassandra.auth.CassandraRoleManager doesn't support {}", option));
  };
  if (options.options) return unsupported("OPTIONS");
  if (options.password && !environment.access.authenticates) return unsupported("PASSWORD");
  if (options.hashed_password) {
    if (!environment.access.authenticates) return unsupported("HASHED_PASSWORD");
    return invalid("HASHED PASSWORD is not supported by Tidemill: it keeps no bcrypt hashes");
  }
  // What is left of the two lets everybody in from everywhere.
  const auto& data_centers = options.datacenters;
  const std::string& own = environment.system.node.data_center;
  if (data_centers) {
    std::set<std::string> unknown(data_centers->begin(), data_centers->end());
    unknown.erase(own);
    if (!unknown.empty()) {
      return invalid(fmt::format(
          "Invalid value(s) for DATACENTERS '[{}]',All values must be valid datacenters",
          fmt::join(unknown, ", ")));
    }
  }
  if (options.cidr_groups && !options.cidr_groups->empty()) {
    return invalid(fmt::format("Invalid CIDR group(s): [{}]. Available CIDR Groups are: []",
                               fmt::join(*options.cidr_groups, ", ")));
  }
  return {};
}

Result<security::User*> role_in(security::Users& users, const std::string& name) {
  const auto at = users.find(name);
  if (at != users.end()) return &at->second;
  return error(ErrorCode::InvalidArgument, fmt::format("{} doesn't exist", name));
}

bool exists(const Resource& resource, const Environment& environment, const Standing& standing) {
  if (resource.is_role()) return standing.has_role(resource.own_name());
  const std::string& keyspace = resource.keyspace();
  if (keyspace.empty()) return true;
  const auto schema = environment.store.schema();
  if (resource.is_table()) {
    return schema->find_table(keyspace, resource.own_name()) ||
           environment.system.find(keyspace, resource.own_name()) != nullptr;
  }
  return schema->find_keyspace(keyspace) || environment.system.has_keyspace(keyspace);
}

Outcome<Resource> find_resource(const NamedResource& named, const Preparation& with) {
  if (named.what != NamedResource::What::Table) return resource_of(named, "");
  return resource_of(named, TRY(keyspace_of(named.name, with)));
}

MadeRows::MadeRows(std::string_view table,
                   std::span<const std::pair<std::string_view, wire::cql::Type>> columns) {
  wire::cql::Metadata metadata;
  for (const auto& [name, type] : columns) {
    metadata.columns.push_back({"system_auth", std::string(table), std::string(name), type});
  }
  rows_.metadata = std::make_shared<const wire::cql::Metadata>(std::move(metadata));
}

MadeRows& MadeRows::cell(BytesView value) {
  wire::cql::append_cell(rows_.cells, value);
  return *this;
}

StatementResult MadeRows::finish() && {
  StatementResult result;
  if (rows_.row_count > 0) result.kind = std::move(rows_);
  return result;
}

}  // namespace tidemill::tables::statements
