// SPDX-License-Identifier: Apache-2.0
// GRANT permissions ON resource TO role, REVOKE permissions ON resource FROM role
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class GrantPermissions final : public RoleStatement {
 public:
  GrantPermissions(GrantPermissionsStatement syntax, Resource resource, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)), resource_(std::move(resource)) {}

 private:
  Outcome<> authorize(const Standing& standing) const override {
    TRY(standing.need(Permission::Authorize, resource_));
    // Nobody passes on what it does not have.
    for (const Permission permission : syntax_.permissions.list())
      TRY(standing.need(permission, resource_));
    return {};
  }

  Outcome<> validate(const Standing& standing) const override {
    TRY(standing.need_login());
    if (!standing.has_role(syntax_.role))
      return invalid(fmt::format("Role {} doesn't exist", syntax_.role));
    if (!exists(resource_, environment_, standing))
      return invalid(fmt::format("Resource {} doesn't exist", resource_.shown()));
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    if (!standing.control().authorizes) {
      // Code and words of Cassandra, Java's among them.
      return wire::cql::CqlError{
          wire::cql::CqlErrorCode::ServerError,
          fmt::format("java.lang.UnsupportedOperationException: {} operation is not supported by "
                      "AllowAllAuthorizer",
                      syntax_.revokes ? "REVOKE" : "GRANT")};
    }
    security::PermissionSet changed;
    TRY(users().change([&](security::Users& all) -> Result<> {
      TRY(role_in(all, syntax_.role));
      changed = syntax_.revokes
                    ? security::revoke(all, syntax_.role, syntax_.permissions, resource_)
                    : security::grant(all, syntax_.role, syntax_.permissions, resource_);
      return {};
    }));
    StatementResult result;
    const auto unchanged = (syntax_.permissions - changed).list();
    if (!unchanged.empty()) {
      std::vector<std::string_view> names;
      for (const Permission permission : unchanged) names.push_back(name_of(permission));
      result.warnings.push_back(fmt::format("Role '{}' was {} granted {} on {}", syntax_.role,
                                            syntax_.revokes ? "not" : "already",
                                            fmt::join(names, ", "), resource_.shown()));
    }
    return result;
  }

  const GrantPermissionsStatement syntax_;
  const Resource resource_;
};

}  // namespace

Outcome<StatementPtr> prepare_grant_permissions(const GrantPermissionsStatement& syntax,
                                                const Preparation& with) {
  Resource resource = TRY(find_resource(syntax.resource, with));
  return StatementPtr(
      std::make_shared<const GrantPermissions>(syntax, std::move(resource), with.environment));
}

}  // namespace tidemill::tables::statements
