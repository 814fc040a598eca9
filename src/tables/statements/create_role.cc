// SPDX-License-Identifier: Apache-2.0
// CREATE ROLE | USER [IF NOT EXISTS] name [WITH options]
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class CreateRole final : public RoleStatement {
 public:
  CreateRole(CreateRoleStatement syntax, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)) {}

 private:
  Outcome<> authorize(const Standing& standing) const override {
    TRY(standing.need_on_role(Permission::Create, Resource::all_roles()));
    if (syntax_.options.superuser == true && !standing.is_superuser()) {
      return wire::cql::unauthorized("Only superusers can create a role with superuser status");
    }
    return {};
  }

  Outcome<> validate(const Standing& standing) const override {
    TRY(check_options(syntax_.options, environment_));
    if (syntax_.role.empty()) return invalid("Role name can't be an empty string");
    TRY(standing.need_login());
    if (!syntax_.if_not_exists && standing.has_role(syntax_.role))
      return invalid(fmt::format("{} already exists", syntax_.role));
    TRY(security::check_user_name(syntax_.role));
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    if (standing.has_role(syntax_.role)) return StatementResult{};
    security::User user{.name = syntax_.role};
    user.can_login = syntax_.options.login.value_or(false);
    user.is_superuser = syntax_.options.superuser.value_or(false);
    if (const auto& password = syntax_.options.password)
      user.credentials = TRY(users().credentials_of(user.name, *password));
    TRY(users().change([&](security::Users& all) -> Result<> {
      if (!all.emplace(user.name, user).second) {
        if (syntax_.if_not_exists) return {};
        return error(ErrorCode::InvalidArgument, fmt::format("{} already exists", user.name));
      }
      if (standing.control().authorizes && all.contains(standing.name())) {
        const Resource role = Resource::role(user.name);
        security::grant(all, standing.name(), role.applicable(), role);
      }
      return {};
    }));
    return StatementResult{};
  }

  const CreateRoleStatement syntax_;
};

}  // namespace

Outcome<StatementPtr> prepare_create_role(const CreateRoleStatement& syntax,
                                          const Preparation& with) {
  return StatementPtr(std::make_shared<const CreateRole>(syntax, with.environment));
}

}  // namespace tidemill::tables::statements
