// SPDX-License-Identifier: Apache-2.0
// GRANT role TO role, REVOKE role FROM role
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class GrantRole final : public RoleStatement {
 public:
  GrantRole(GrantRoleStatement syntax, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)) {}

 private:
  Outcome<> authorize(const Standing& standing) const override {
    return standing.need_on_role(Permission::Authorize, Resource::role(syntax_.role));
  }

  Outcome<> validate(const Standing& standing) const override {
    TRY(standing.need_login());
    for (const std::string* name : {&syntax_.role, &syntax_.member}) {
      if (!standing.has_role(*name)) return invalid(fmt::format("{} doesn't exist", *name));
    }
    return {};
  }

  Outcome<StatementResult> act(const Standing&) const override {
    TRY(users().change([&](security::Users& all) -> Result<> {
      TRY(role_in(all, syntax_.role));
      TRY(role_in(all, syntax_.member));
      return syntax_.revokes ? security::revoke_role(all, syntax_.role, syntax_.member)
                             : security::grant_role(all, syntax_.role, syntax_.member);
    }));
    return StatementResult{};
  }

  const GrantRoleStatement syntax_;
};

}  // namespace

Outcome<StatementPtr> prepare_grant_role(const GrantRoleStatement& syntax,
                                         const Preparation& with) {
  return StatementPtr(std::make_shared<const GrantRole>(syntax, with.environment));
}

}  // namespace tidemill::tables::statements
