// SPDX-License-Identifier: Apache-2.0
// CREATE, ALTER and DROP ROLE and USER, GRANT, REVOKE and LIST.
#include "tables/statements/grammar.h"

namespace tidemill::tables::statements {

using security::PermissionSet;
using What = NamedResource::What;

Outcome<std::string> Grammar::role_name(Named as) {
  const Token& token = peek();
  if (token.kind == Token::Kind::String) return tokens_[at_++].text;
  if (is_symbol("?")) return wire::cql::syntax("Bind variables cannot be used for role names");
  if (as == Named::User && token.kind == Token::Kind::QuotedName) {
    return wire::cql::syntax(
        "Quoted strings are are not supported for user names and USER is deprecated, please use "
        "ROLE");
  }
  return name();
}

Outcome<bool> Grammar::boolean() {
  if (take_word("true")) return true;
  if (take_word("false")) return false;
  return unexpected();
}

Outcome<std::string> Grammar::role_password() {
  if (peek().kind != Token::Kind::String) return unexpected();
  return tokens_[at_++].text;
}

Outcome<std::vector<std::string>> Grammar::texts_in_braces() {
  std::vector<std::string> out;
  TRY(expect_symbol("{"));
  do {
    out.push_back(TRY(role_password()));
  } while (take_symbol(","));
  TRY(expect_symbol("}"));
  return out;
}

Outcome<> Grammar::role_access(RoleOptions& options) {
  const bool to = take_word("to");
  if (!to) TRY(expect_word("from"));
  const std::string_view what = to ? "datacenters" : "cidrs";
  auto& names = to ? options.datacenters : options.cidr_groups;
  if (names) {
    return wire::cql::syntax("Multiple definition for property '" +
                             std::string(to ? "DATACENTERS" : "CIDRS") + "'");
  }
  if (take_word("all")) {
    TRY(expect_word(what));
    names.emplace();
    return {};
  }
  TRY(expect_word(what));
  names = TRY(texts_in_braces());
  return {};
}

Outcome<> Grammar::role_option(RoleOptions& options) {
  const auto once = [](std::string_view name, bool seen) -> Outcome<> {
    if (!seen) return {};
    return wire::cql::syntax("Multiple definition for property '" + std::string(name) + "'");
  };
  if (take_word("access")) return role_access(options);
  if (take_words("hashed", "password")) {
    TRY(expect_symbol("="));
    TRY(role_password());
    TRY(once("HASHED_PASSWORD", options.hashed_password));
    options.hashed_password = true;
  } else if (take_word("password")) {
    TRY(expect_symbol("="));
    std::string password = TRY(role_password());
    TRY(once("PASSWORD", options.password.has_value()));
    options.password = std::move(password);
  } else if (take_word("login")) {
    TRY(expect_symbol("="));
    const bool value = TRY(boolean());
    TRY(once("LOGIN", options.login.has_value()));
    options.login = value;
  } else if (take_word("superuser")) {
    TRY(expect_symbol("="));
    const bool value = TRY(boolean());
    TRY(once("SUPERUSER", options.superuser.has_value()));
    options.superuser = value;
  } else if (is_word("options")) {
    const Property property = TRY(this->property());
    if (std::holds_alternative<std::string>(property.value)) return unexpected();
    TRY(once("OPTIONS", options.options));
    options.options = true;
  } else {
    return unexpected();
  }
  return {};
}

Outcome<RoleOptions> Grammar::role_options() {
  RoleOptions out;
  if (!take_word("with")) return out;
  do {
    TRY(role_option(out));
  } while (take_word("and"));
  if (out.password && out.hashed_password) {
    return wire::cql::syntax("Options 'password' and 'hashed password' are mutually exclusive");
  }
  return out;
}

Outcome<RoleOptions> Grammar::user_options() {
  RoleOptions out;
  if (take_word("with")) {
    out.hashed_password = take_word("hashed");
    TRY(expect_word("password"));
    std::string password = TRY(role_password());
    if (!out.hashed_password) out.password = std::move(password);
  }
  if (take_word("superuser")) {
    out.superuser = true;
  } else if (take_word("nosuperuser")) {
    out.superuser = false;
  }
  return out;
}

Outcome<StatementSyntax> Grammar::create_role(Named as) {
  CreateRoleStatement out;
  out.if_not_exists = TRY(if_not_exists());
  out.role = TRY(role_name(as));
  out.options = as == Named::Role ? TRY(role_options()) : TRY(user_options());
  if (!out.options.login) out.options.login = as == Named::User;
  if (!out.options.superuser) out.options.superuser = false;
  return StatementSyntax(std::move(out));
}

Outcome<StatementSyntax> Grammar::alter_role(Named as) {
  AlterRoleStatement out;
  out.if_exists = TRY(if_exists());
  out.role = TRY(role_name(as));
  out.options = as == Named::Role ? TRY(role_options()) : TRY(user_options());
  return StatementSyntax(std::move(out));
}

Outcome<StatementSyntax> Grammar::drop_role(Named as) {
  DropRoleStatement out;
  out.if_exists = TRY(if_exists());
  out.role = TRY(role_name(as));
  return StatementSyntax(std::move(out));
}

security::Resource resource_of(const NamedResource& named, std::string_view keyspace_in_use) {
  using security::Resource;
  const auto& [keyspace, name] = named.name;
  switch (named.what) {
    case What::AllKeyspaces:
      return Resource::all_keyspaces();
    case What::Keyspace:
      return Resource::keyspace(keyspace);
    case What::AllTables:
      return Resource::all_tables(keyspace);
    case What::Table:
      return Resource::table(keyspace.empty() ? keyspace_in_use : keyspace, name);
    case What::AllRoles:
      return Resource::all_roles();
    case What::Role:
      return Resource::role(name);
    case What::AllFunctions:
      return Resource::all_functions();
    case What::AllFunctionsIn:
      return Resource::all_functions_in(keyspace);
    case What::AllMBeans:
      return Resource::all_mbeans();
  }
  return Resource::all_keyspaces();
}

// Several names of permissions are no reserved words, and could be those of roles.
bool Grammar::at_permissions() const {
  if (is_word("all")) return true;
  if (peek().kind != Token::Kind::Identifier || !security::permission_of(peek().text)) return false;
  return is_word("on", 1) || is_word("permission", 1) || is_word("of", 1) || is_symbol(",", 1) ||
         is_symbol(";", 1) || is_word("norecursive", 1) || peek(1).kind == Token::Kind::End;
}

Outcome<PermissionSet> Grammar::permissions() {
  if (take_word("all")) {
    take_word("permissions");
    return PermissionSet::all();
  }
  PermissionSet out;
  do {
    const Token& token = peek();
    const auto permission =
        token.kind == Token::Kind::Identifier ? security::permission_of(token.text) : std::nullopt;
    if (!permission) return unexpected();
    ++at_;
    take_word("permission");
    out = out | PermissionSet{*permission};
  } while (take_symbol(","));
  return out;
}

Outcome<NamedResource> Grammar::resource() {
  if (take_word("all")) {
    if (take_word("keyspaces")) return NamedResource{What::AllKeyspaces};
    if (take_word("roles")) return NamedResource{What::AllRoles};
    if (take_word("mbeans")) return NamedResource{What::AllMBeans};
    if (take_word("tables")) {
      TRY(expect_word("in"));
      TRY(expect_word("keyspace"));
      return NamedResource{What::AllTables, {.keyspace = TRY(name())}};
    }
    TRY(expect_word("functions"));
    if (!take_words("in", "keyspace")) return NamedResource{What::AllFunctions};
    return NamedResource{What::AllFunctionsIn, {.keyspace = TRY(name())}};
  }
  if (take_word("keyspace")) return NamedResource{What::Keyspace, {.keyspace = TRY(name())}};
  if (take_word("role")) return NamedResource{What::Role, {.name = TRY(role_name(Named::Role))}};
  if (!take_word("table")) take_word("columnfamily");
  return NamedResource{What::Table, TRY(qualified_name())};
}

Outcome<StatementSyntax> Grammar::grant(bool revokes) {
  const std::string_view preposition = revokes ? "from" : "to";
  if (!at_permissions()) {
    GrantRoleStatement out{.revokes = revokes};
    out.role = TRY(role_name(Named::Role));
    TRY(expect_word(preposition));
    out.member = TRY(role_name(Named::Role));
    return StatementSyntax(std::move(out));
  }
  GrantPermissionsStatement out{.revokes = revokes};
  out.permissions = TRY(permissions());
  TRY(expect_word("on"));
  if (is_word("function") || is_word("mbean") || (is_word("mbeans") && !is_symbol(".", 1))) {
    return unsupported("GRANT and REVOKE ON FUNCTION or MBEAN");
  }
  out.resource = TRY(resource());
  const auto asked = out.permissions;
  out.permissions = asked & resource_of(out.resource, "").applicable();
  if (out.permissions.empty()) {
    const bool role = out.resource.what == What::AllRoles || out.resource.what == What::Role;
    const bool function =
        out.resource.what == What::AllFunctions || out.resource.what == What::AllFunctionsIn;
    return wire::cql::syntax(std::string("Resource type ") +
                             (role                                   ? "RoleResource"
                              : function                             ? "FunctionResource"
                              : out.resource.what == What::AllMBeans ? "JMXResource"
                                                                     : "DataResource") +
                             " does not support any of the requested permissions");
  }
  TRY(expect_word(preposition));
  out.role = TRY(role_name(Named::Role));
  return StatementSyntax(std::move(out));
}

Outcome<StatementSyntax> Grammar::list() {
  if (take_word("users")) return StatementSyntax(ListRolesStatement{.users = true});
  if (take_word("roles")) {
    ListRolesStatement out;
    if (take_word("of")) out.of = TRY(role_name(Named::Role));
    out.recursive = !take_word("norecursive");
    return StatementSyntax(std::move(out));
  }
  ListPermissionsStatement out;
  out.permissions = TRY(permissions());
  if (take_word("on")) out.resource = TRY(resource());
  if (take_word("of")) out.of = TRY(role_name(Named::Role));
  out.recursive = !take_word("norecursive");
  return StatementSyntax(std::move(out));
}

}  // namespace tidemill::tables::statements
