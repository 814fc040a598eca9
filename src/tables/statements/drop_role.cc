// SPDX-License-Identifier: Apache-2.0
// DROP ROLE | USER [IF EXISTS] name
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class DropRole final : public RoleStatement {
 public:
  DropRole(DropRoleStatement syntax, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)) {}

 private:
  Outcome<> authorize(const Standing& standing) const override {
    TRY(standing.need_on_role(Permission::Drop, Resource::role(syntax_.role)));
    if (security::Grants(standing.roles(), syntax_.role).is_superuser() &&
        !standing.is_superuser()) {
      return wire::cql::unauthorized("Only superusers can drop a role with superuser status");
    }
    return {};
  }

  Outcome<> validate(const Standing& standing) const override {
    TRY(standing.need_login());
    if (!syntax_.if_exists && !standing.has_role(syntax_.role))
      return invalid(fmt::format("{} doesn't exist", syntax_.role));
    if (!standing.name().empty() && standing.name() == syntax_.role)
      return invalid("Cannot DROP primary role for current login");
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    if (!standing.has_role(syntax_.role)) return StatementResult{};
    TRY(users().change([&](security::Users& all) -> Result<> {
      security::erase_role(all, syntax_.role);
      return {};
    }));
    return StatementResult{};
  }

  const DropRoleStatement syntax_;
};

}  // namespace

Outcome<StatementPtr> prepare_drop_role(const DropRoleStatement& syntax, const Preparation& with) {
  return StatementPtr(std::make_shared<const DropRole>(syntax, with.environment));
}

}  // namespace tidemill::tables::statements
