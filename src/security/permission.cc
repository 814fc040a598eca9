// SPDX-License-Identifier: Apache-2.0
#include "security/permission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tidemill::security {
namespace {

using enum Permission;

constexpr std::array<std::string_view, 10> kNames = {
    "CREATE",    "ALTER",    "DROP",    "SELECT", "MODIFY",
    "AUTHORIZE", "DESCRIBE", "EXECUTE", "UNMASK", "SELECT_MASKED"};

constexpr std::string_view kData = "data/";
constexpr std::string_view kRoles = "roles/";
constexpr std::string_view kFunctions = "functions/";

}  // namespace

std::string_view name_of(Permission permission) {
  return kNames[static_cast<std::size_t>(permission)];
}

std::optional<Permission> permission_of(std::string_view name) {
  const auto same = [](char a, char b) {
    return a == static_cast<char>(std::toupper(static_cast<unsigned char>(b)));
  };
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (std::ranges::equal(kNames[i], name, same)) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

std::vector<Permission> PermissionSet::list() const {
  std::vector<Permission> out;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (contains(static_cast<Permission>(i))) out.push_back(static_cast<Permission>(i));
  }
  return out;
}

Resource::Resource(Kind kind, std::string_view keyspace, std::string_view own_name)
    : kind_(kind), keyspace_(keyspace), own_name_(own_name) {
  switch (kind) {
    case Kind::Table:
      chain_.push_back(fmt::format("data/{}/{}", keyspace, own_name));
      [[fallthrough]];
    case Kind::AllTables:
      chain_.push_back(fmt::format("data/{}/*", keyspace));
      [[fallthrough]];
    case Kind::Keyspace:
      chain_.push_back(fmt::format("data/{}", keyspace));
      [[fallthrough]];
    case Kind::AllKeyspaces:
      chain_.emplace_back("data");
      return;
    case Kind::Role:
      chain_.push_back(fmt::format("roles/{}", own_name));
      [[fallthrough]];
    case Kind::AllRoles:
      chain_.emplace_back("roles");
      return;
    case Kind::FunctionsIn:
      chain_.push_back(fmt::format("functions/{}", keyspace));
      [[fallthrough]];
    case Kind::AllFunctions:
      chain_.emplace_back("functions");
      return;
    case Kind::AllMBeans:
      chain_.emplace_back("mbean");
      return;
  }
}

Resource Resource::all_keyspaces() {
  return {Kind::AllKeyspaces, {}, {}};
}
Resource Resource::keyspace(std::string_view keyspace) {
  return {Kind::Keyspace, keyspace, {}};
}
Resource Resource::all_tables(std::string_view keyspace) {
  return {Kind::AllTables, keyspace, {}};
}
Resource Resource::table(std::string_view keyspace, std::string_view table) {
  return {Kind::Table, keyspace, table};
}
Resource Resource::all_roles() {
  return {Kind::AllRoles, {}, {}};
}
Resource Resource::role(std::string_view role) {
  return {Kind::Role, {}, role};
}
Resource Resource::all_functions() {
  return {Kind::AllFunctions, {}, {}};
}
Resource Resource::all_functions_in(std::string_view keyspace) {
  return {Kind::FunctionsIn, keyspace, {}};
}
Resource Resource::all_mbeans() {
  return {Kind::AllMBeans, {}, {}};
}

std::optional<Resource> Resource::of_name(std::string_view name) {
  if (name == "data") return all_keyspaces();
  if (name == "roles") return all_roles();
  if (name == "functions") return all_functions();
  if (name == "mbean") return all_mbeans();
  if (name.starts_with(kRoles)) return role(name.substr(kRoles.size()));
  if (name.starts_with(kFunctions)) {
    const std::string_view keyspace = name.substr(kFunctions.size());
    if (keyspace.empty() || keyspace.contains('/')) return std::nullopt;
    return all_functions_in(keyspace);
  }
  if (!name.starts_with(kData)) return std::nullopt;
  const std::string_view rest = name.substr(kData.size());
  const std::size_t slash = rest.find('/');
  const std::string_view keyspace_name = rest.substr(0, slash);
  if (keyspace_name.empty()) return std::nullopt;
  if (slash == std::string_view::npos) return keyspace(keyspace_name);
  const std::string_view table_name = rest.substr(slash + 1);
  if (table_name.empty() || table_name.contains('/')) return std::nullopt;
  return table_name == "*" ? all_tables(keyspace_name) : table(keyspace_name, table_name);
}

std::string Resource::shown() const {
  switch (kind_) {
    case Kind::AllKeyspaces:
      return "<all keyspaces>";
    case Kind::Keyspace:
      return fmt::format("<keyspace {}>", keyspace_);
    case Kind::AllTables:
      return fmt::format("<all tables in {}>", keyspace_);
    case Kind::Table:
      return fmt::format("<table {}.{}>", keyspace_, own_name_);
    case Kind::AllRoles:
      return "<all roles>";
    case Kind::Role:
      return fmt::format("<role {}>", own_name_);
    case Kind::AllFunctions:
      return "<all functions>";
    case Kind::FunctionsIn:
      return fmt::format("<all functions in {}>", keyspace_);
    case Kind::AllMBeans:
      return "<all mbeans>";
  }
  return {};
}

PermissionSet Resource::applicable() const {
  switch (kind_) {
    case Kind::AllKeyspaces:
    case Kind::Keyspace:
    case Kind::AllTables:
      return {Create, Alter, Drop, Select, Modify, Authorize, Unmask, SelectMasked};
    case Kind::Table:
      return {Alter, Drop, Select, Modify, Authorize, Unmask, SelectMasked};
    case Kind::AllRoles:
      return {Create, Alter, Drop, Authorize, Describe};
    case Kind::Role:
      return {Alter, Drop, Authorize, Describe};
    case Kind::AllFunctions:
    case Kind::FunctionsIn:
      return {Create, Alter, Drop, Authorize, Execute};
    case Kind::AllMBeans:
      return {Select, Modify, Authorize, Describe, Execute};
  }
  return {};
}

bool Resource::is_data() const {
  return kind_ <= Kind::Table;
}
bool Resource::is_role() const {
  return kind_ == Kind::Role;
}

}  // namespace tidemill::security
