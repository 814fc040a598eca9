// SPDX-License-Identifier: Apache-2.0
// ALTER ROLE | USER [IF EXISTS] name [WITH options]
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class AlterRole final : public RoleStatement {
 public:
  AlterRole(AlterRoleStatement syntax, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)) {}

 private:
  Outcome<> authorize(const Standing& standing) const override {
    const RoleOptions& options = syntax_.options;
    if (options.superuser && standing.is_in(syntax_.role)) {
      return wire::cql::unauthorized(
          "You aren't allowed to alter your own superuser status or that of a role granted to you");
    }
    if (options.superuser && !standing.is_superuser())
      return wire::cql::unauthorized("Only superusers are allowed to alter superuser status");
    if (standing.is_superuser()) return {};
    if (standing.name() != syntax_.role)
      return standing.need_on_role(Permission::Alter, Resource::role(syntax_.role));
    // Of itself, a role changes its password only.
    if (options.login) return wire::cql::unauthorized("You aren't allowed to alter LOGIN");
    if (options.options) return wire::cql::unauthorized("You aren't allowed to alter OPTIONS");
    return {};
  }

  Outcome<> validate(const Standing& standing) const override {
    TRY(check_options(syntax_.options, environment_));
    if (syntax_.options.empty()) return invalid("ALTER [ROLE|USER] can't be empty");
    TRY(standing.need_login());
    if (!syntax_.if_exists && !standing.has_role(syntax_.role))
      return invalid(fmt::format("Role {} doesn't exist", syntax_.role));
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    if (!standing.has_role(syntax_.role)) return StatementResult{};
    const RoleOptions& options = syntax_.options;
    security::Credentials credentials;
    if (options.password)
      credentials = TRY(users().credentials_of(syntax_.role, *options.password));
    TRY(users().change([&](security::Users& all) -> Result<> {
      security::User& user = *TRY(role_in(all, syntax_.role));
      if (options.password) user.credentials = credentials;
      if (options.login) user.can_login = *options.login;
      if (options.superuser) user.is_superuser = *options.superuser;
      return {};
    }));
    return StatementResult{};
  }

  const AlterRoleStatement syntax_;
};

}  // namespace

Outcome<StatementPtr> prepare_alter_role(const AlterRoleStatement& syntax,
                                         const Preparation& with) {
  return StatementPtr(std::make_shared<const AlterRole>(syntax, with.environment));
}

}  // namespace tidemill::tables::statements
