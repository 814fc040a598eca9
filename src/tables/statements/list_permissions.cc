// SPDX-License-Identifier: Apache-2.0
// LIST permissions [ON resource] [OF role] [NORECURSIVE]
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/role_statement.h"

namespace tidemill::tables::statements {

using security::Permission;
using security::Resource;

namespace {

class ListPermissions final : public RoleStatement {
 public:
  ListPermissions(ListPermissionsStatement syntax, std::optional<Resource> resource,
                  Environment environment)
      : RoleStatement(environment), syntax_(std::move(syntax)), resource_(std::move(resource)) {}

 private:
  Outcome<> authorize(const Standing&) const override { return {}; }

  Outcome<> validate(const Standing& standing) const override {
    TRY(standing.need_login());
    if (resource_ && !exists(*resource_, environment_, standing))
      return invalid(fmt::format("{} doesn't exist", resource_->shown()));
    if (syntax_.of && !standing.has_role(*syntax_.of))
      return invalid(fmt::format("{} doesn't exist", Resource::role(*syntax_.of).shown()));
    return {};
  }

  Outcome<StatementResult> act(const Standing& standing) const override {
    if (!standing.control().authorizes)
      return invalid("LIST PERMISSIONS operation is not supported by AllowAllAuthorizer");
    if (!standing.is_superuser() && !(syntax_.of && standing.is_in(*syntax_.of))) {
      return wire::cql::unauthorized(fmt::format("You are not authorized to view {}'s permissions",
                                                 syntax_.of.value_or("everyone")));
    }
    std::set<std::string> names;
    if (syntax_.of) {
      names = security::roles_of(standing.roles(), *syntax_.of, security::Inherited::Yes);
    } else {
      for (const auto& [name, role] : standing.roles()) names.insert(name);
    }
    const Type text = Type::of(Kind::Text);
    const std::pair<std::string_view, Type> columns[] = {
        {"role", text}, {"username", text}, {"resource", text}, {"permission", text}};
    MadeRows rows("permissions", columns);
    for (const std::string& name : names) {
      for (const auto& [resource, permissions] : standing.roles().at(name).permissions) {
        if (!is_asked_for(resource)) continue;
        const std::string shown = Resource::of_name(resource)->shown();
        for (const Permission permission : (permissions & syntax_.permissions).list())
          rows.cell(name).cell(name).cell(shown).cell(name_of(permission)).end_row();
      }
    }
    return std::move(rows).finish();
  }

  bool is_asked_for(const std::string& resource) const {
    if (!resource_) return true;
    if (!syntax_.recursive) return resource == resource_->name();
    return std::ranges::find(resource_->chain(), resource) != resource_->chain().end();
  }

  const ListPermissionsStatement syntax_;
  const std::optional<Resource> resource_;
};

}  // namespace

Outcome<StatementPtr> prepare_list_permissions(const ListPermissionsStatement& syntax,
                                               const Preparation& with) {
  std::optional<Resource> resource;
  if (syntax.resource) resource = TRY(find_resource(*syntax.resource, with));
  return StatementPtr(
      std::make_shared<const ListPermissions>(syntax, std::move(resource), with.environment));
}

}  // namespace tidemill::tables::statements
