// SPDX-License-Identifier: Apache-2.0
#include "security/roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tidemill::security {

Grants::Grants(const Users& users, const std::string& role) {
  for (const std::string& name : roles_of(users, role, Inherited::Yes)) {
    const User& user = users.at(name);
    superuser_ = superuser_ || user.is_superuser;
    for (const auto& [resource, permissions] : user.permissions) {
      PermissionSet& all = permissions_[resource];
      all = all | permissions;
    }
  }
}

bool Grants::allow(Permission permission, const Resource& resource) const {
  if (superuser_) return resource.applicable().contains(permission);
  return std::ranges::any_of(resource.chain(), [&](const std::string& name) {
    const auto at = permissions_.find(name);
    return at != permissions_.end() && at->second.contains(permission);
  });
}

std::set<std::string> roles_of(const Users& users, const std::string& role, Inherited inherited) {
  std::set<std::string> out;
  if (!users.contains(role)) return out;
  out.insert(role);
  std::vector<std::string> left{role};
  while (!left.empty()) {
    const std::string next = std::move(left.back());
    left.pop_back();
    for (const std::string& parent : users.at(next).member_of) {
      if (!users.contains(parent) || !out.insert(parent).second) continue;
      if (inherited == Inherited::Yes) left.push_back(parent);
    }
  }
  return out;
}

void erase_role(Users& users, const std::string& role) {
  users.erase(role);
  const std::string resource = Resource::role(role).name();
  for (auto& [name, user] : users) {
    user.member_of.erase(role);
    user.permissions.erase(resource);
  }
}

bool is_more_than_a_login(const Users& users, const User& user) {
  const bool plain =
      user.can_login && !user.is_superuser && user.member_of.empty() && user.permissions.empty();
  return !plain || std::ranges::any_of(users, [&](const auto& other) {
    return other.second.member_of.contains(user.name);
  });
}

Result<> grant_role(Users& users, const std::string& role, const std::string& member) {
  if (roles_of(users, member, Inherited::Yes).contains(role)) {
    return error(ErrorCode::InvalidArgument, fmt::format("{} is a member of {}", member, role));
  }
  if (roles_of(users, role, Inherited::Yes).contains(member)) {
    return error(ErrorCode::InvalidArgument, fmt::format("{} is a member of {}", role, member));
  }
  users.at(member).member_of.insert(role);
  return {};
}

Result<> revoke_role(Users& users, const std::string& role, const std::string& member) {
  if (users.at(member).member_of.erase(role) == 0) {
    return error(ErrorCode::InvalidArgument, fmt::format("{} is not a member of {}", member, role));
  }
  return {};
}

PermissionSet grant(Users& users, const std::string& role, PermissionSet permissions,
                    const Resource& resource) {
  PermissionSet& held = users.at(role).permissions[resource.name()];
  const PermissionSet added = permissions - held;
  held = held | permissions;
  return added;
}

PermissionSet revoke(Users& users, const std::string& role, PermissionSet permissions,
                     const Resource& resource) {
  auto& all = users.at(role).permissions;
  const auto at = all.find(resource.name());
  if (at == all.end()) return {};
  const PermissionSet removed = at->second & permissions;
  at->second = at->second - permissions;
  if (at->second.empty()) all.erase(at);
  return removed;
}

void revoke_all_on(Users& users, const Resource& dropped) {
  const std::string functions = Resource::all_functions_in(dropped.keyspace()).name();
  const std::string below = dropped.name() + "/";
  for (auto& [name, user] : users) {
    std::erase_if(user.permissions, [&](const auto& entry) {
      const std::string& resource = entry.first;
      return resource == dropped.name() || resource.starts_with(below) ||
             (!dropped.is_table() && resource == functions);
    });
  }
}

}  // namespace tidemill::security
