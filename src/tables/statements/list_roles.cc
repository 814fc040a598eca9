// SPDX-License-Identifier: Apache-2.0
// LIST ROLES [OF role] [NORECURSIVE], LIST USERS
#include <fmt/format.h>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class ListRoles final : public RoleStatement {
 public:
  ListRoles(ListRolesStatement syntax, Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)) {}

 private:
  Outcome<> authorize(const Standing&) const override { return {}; }

  Outcome<> validate(const Standing& standing) const override {
    TRY(standing.need_login());
    if (syntax_.of && !standing.has_role(*syntax_.of))
      return invalid(fmt::format("{} doesn't exist", Resource::role(*syntax_.of).shown()));
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    // Who may not see all roles sees its own and those granted to them.
    const bool sees_all = standing.may(Permission::Describe, Resource::all_roles());
    if (syntax_.of && !sees_all && !standing.is_in(*syntax_.of)) {
      return wire::cql::unauthorized(
          fmt::format("You are not authorized to view roles granted to {} ", *syntax_.of));
    }
    std::set<std::string> names;
    if (!syntax_.of && sees_all) {
      for (const auto& [name, role] : standing.roles()) names.insert(name);
    } else {
      names = security::roles_of(
          standing.roles(), syntax_.of ? *syntax_.of : standing.name(),
          syntax_.recursive ? security::Inherited::Yes : security::Inherited::No);
    }
    return syntax_.users ? as_users(standing, names) : as_roles(standing, names);
  }

  static StatementResult as_roles(const Standing& standing, const std::set<std::string>& names) {
    const Type text = Type::of(Kind::Text);
    const Type boolean = Type::of(Kind::Boolean);
    const std::pair<std::string_view, Type> columns[] = {
        {"role", text},
        {"super", boolean},
        {"login", boolean},
        {"options", Type::map(text, text).freeze()},
        {"datacenters", text}};
    MadeRows rows("roles", columns);
    for (const std::string& name : names) {
      const security::User& role = standing.roles().at(name);
      rows.cell(name)
          .cell(wire::cql::encode_boolean(role.is_superuser))
          .cell(wire::cql::encode_boolean(role.can_login))
          .cell(wire::cql::encode_elements(std::span<const Bytes>(), true))
          .cell("ALL")
          .end_row();
    }
    return std::move(rows).finish();
  }

  static StatementResult as_users(const Standing& standing, const std::set<std::string>& names) {
    const Type text = Type::of(Kind::Text);
    const std::pair<std::string_view, Type> columns[] = {
        {"name", text}, {"super", Type::of(Kind::Boolean)}, {"datacenters", text}};
    MadeRows rows("users", columns);
    for (const std::string& name : names) {
      if (!standing.roles().at(name).can_login) continue;
      const bool superuser = security::Grants(standing.roles(), name).is_superuser();
      rows.cell(name).cell(wire::cql::encode_boolean(superuser)).cell("ALL").end_row();
    }
    return std::move(rows).finish();
  }

  const ListRolesStatement syntax_;
};

}  // namespace

Outcome<StatementPtr> prepare_list_roles(const ListRolesStatement& syntax,
                                         const Preparation& with) {
  return StatementPtr(std::make_shared<const ListRoles>(syntax, with.environment));
}

}  // namespace tidemill::tables::statements
