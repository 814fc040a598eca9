// SPDX-License-Identifier: Apache-2.0
#include "security/user_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tidemill::security {
namespace {

using Json = nlohmann::ordered_json;

// 1 had names and credentials only: each user could log in.
constexpr int kFileVersion = 2;

Json to_json(const ScramCredential& credential) {
  return {{"iterations", credential.iterations},
          {"salt", to_base64(credential.salt)},
          {"stored_key", to_base64(credential.stored_key)},
          {"server_key", to_base64(credential.server_key)}};
}

Json to_json(const User& user) {
  Json out{{"name", user.name}};
  if (!user.can_login) out["login"] = false;
  if (user.is_superuser) out["superuser"] = true;
  if (!user.member_of.empty()) out["member_of"] = user.member_of;
  for (const auto& [resource, permissions] : user.permissions) {
    Json& names = out["permissions"][resource] = Json::array();
    for (const Permission permission : permissions.list()) names.push_back(name_of(permission));
  }
  for (const auto& [mechanism, credential] : user.credentials) {
    out[std::string(name_of(mechanism))] = to_json(credential);
  }
  return out;
}

Result<ScramCredential> credential_of(const Json& json) {
  ScramCredential credential;
  credential.iterations = json.at("iterations").get<int>();
  credential.salt = TRY(from_base64(json.at("salt").get<std::string>()));
  credential.stored_key = TRY(from_base64(json.at("stored_key").get<std::string>()));
  credential.server_key = TRY(from_base64(json.at("server_key").get<std::string>()));
  if (credential.iterations < 1 || credential.iterations > kScramIterationsMost) {
    return error(ErrorCode::Corrupt, fmt::format("{} iterations", credential.iterations));
  }
  return credential;
}

Result<PermissionSet> permissions_of(const std::string& resource, const Json& names) {
  if (!Resource::of_name(resource)) {
    return error(ErrorCode::Corrupt, fmt::format("unknown resource '{}'", resource));
  }
  PermissionSet out;
  for (const auto& each : names) {
    const auto name = each.get<std::string>();
    const auto permission = permission_of(name);
    if (!permission) return error(ErrorCode::Corrupt, fmt::format("unknown permission '{}'", name));
    out = out | PermissionSet{*permission};
  }
  return out;
}

Result<User> user_of(const Json& json) {
  User user{.name = json.at("name").get<std::string>()};
  user.can_login = json.value("login", true);
  user.is_superuser = json.value("superuser", false);
  user.member_of = json.value("member_of", std::set<std::string>{});
  if (const auto at = json.find("permissions"); at != json.end()) {
    for (const auto& [resource, names] : at->items()) {
      user.permissions[resource] = TRY(permissions_of(resource, names));
    }
  }
  for (const ScramMechanism mechanism : kScramMechanisms) {
    const auto at = json.find(name_of(mechanism));
    if (at != json.end()) user.credentials[mechanism] = TRY(credential_of(*at));
  }
  return user;
}

}  // namespace

std::string render_users(const Users& users) {
  Json list = Json::array();
  for (const auto& [name, user] : users) list.push_back(to_json(user));
  return Json{{"version", kFileVersion}, {"users", std::move(list)}}.dump(1) + "\n";
}

Result<Users> parse_users(std::string_view text) {
  Users users;
  try {
    const Json json = Json::parse(text);
    const int version = json.at("version").get<int>();
    if (version < 1 || version > kFileVersion) {
      return error(
          ErrorCode::Unsupported,
          fmt::format("version {}, this program reads versions 1 to {}", version, kFileVersion));
    }
    for (const auto& each : json.at("users")) {
      User user = TRY(user_of(each));
      users[user.name] = std::move(user);
    }
  } catch (const std::exception& thrown) {
    return error(ErrorCode::Corrupt, thrown.what());
  }
  return users;
}

}  // namespace tidemill::security
