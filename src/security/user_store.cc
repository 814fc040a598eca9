// SPDX-License-Identifier: Apache-2.0
// The file: docs/dev/formats/users.md.
#include "security/user_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tidemill::security {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kFileBytesMax = 64 << 20;
constexpr int kFileVersion = 1;
constexpr std::size_t kSaltBytes = 24;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kPasswordBytesMax = 1024;

Error wrong_login(const std::string& name) {
  return error(ErrorCode::Denied,
               fmt::format("Provided username {} and/or password are incorrect", name));
}

Json to_json(const ScramCredential& credential) {
  return {{"iterations", credential.iterations},
          {"salt", to_base64(credential.salt)},
          {"stored_key", to_base64(credential.stored_key)},
          {"server_key", to_base64(credential.server_key)}};
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

Result<std::map<std::string, User>> parse(std::string_view text) {
  std::map<std::string, User> users;
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != kFileVersion) {
      return error(ErrorCode::Unsupported,
                   fmt::format("version {}, this program reads version {}",
                               json.at("version").get<int>(), kFileVersion));
    }
    for (const auto& each : json.at("users")) {
      User user{.name = each.at("name").get<std::string>(), .credentials = {}};
      for (const ScramMechanism mechanism : kScramMechanisms) {
        const auto at = each.find(name_of(mechanism));
        if (at != each.end()) user.credentials[mechanism] = TRY(credential_of(*at));
      }
      users[user.name] = std::move(user);
    }
  } catch (const std::exception& thrown) {
    return error(ErrorCode::Corrupt, thrown.what());
  }
  return users;
}

}  // namespace

Result<> check_user_name(std::string_view name) {
  const bool printable =
      std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (name.empty() || name.size() > kNameBytesMax || !printable || !is_utf8(name)) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("a user's name has 1 to {} bytes of printable UTF-8, this one has {}",
                             kNameBytesMax, name.size()));
  }
  return {};
}

Result<std::unique_ptr<UserStore>> UserStore::open(Disk& disk, Random& random, std::string path) {
  std::unique_ptr<UserStore> store(new UserStore(disk, random, std::move(path)));
  if (!disk.exists(store->path_)) return store;
  const Bytes text = TRY(read_file(disk, store->path_, kFileBytesMax));
  auto users = parse(as_text(text));
  if (!users.ok()) {
    return std::move(users).error().context(fmt::format("in file of users '{}'", store->path_));
  }
  const MutexLock lock(store->mutex_);
  store->users_ = std::make_shared<const Users>(*std::move(users));
  return store;
}

std::shared_ptr<const UserStore::Users> UserStore::users() const {
  const MutexLock lock(mutex_);
  return users_;
}

bool UserStore::empty() const {
  return users()->empty();
}

std::vector<User> UserStore::list() const {
  std::vector<User> out;
  for (const auto& [name, user] : *users()) out.push_back(user);
  return out;
}

std::optional<User> UserStore::find(const std::string& name) const {
  const auto all = users();
  const auto at = all->find(name);
  return at == all->end() ? std::nullopt : std::optional(at->second);
}

std::optional<ScramCredential> UserStore::find_credential(const std::string& name,
                                                          ScramMechanism mechanism) const {
  const auto user = find(name);
  if (!user) return std::nullopt;
  const auto at = user->credentials.find(mechanism);
  return at == user->credentials.end() ? std::nullopt : std::optional(at->second);
}

Result<> UserStore::check_password(const std::string& name, std::string_view password) const {
  const auto user = find(name);
  if (!user || user->credentials.empty() || password.size() > kPasswordBytesMax) {
    // The work of a check, so that its time does not tell who exists.
    (void)make_credential(ScramMechanism::Sha256, "", Bytes(kSaltBytes), kScramIterationsDefault);
    return wrong_login(name);
  }
  const auto& [mechanism, credential] = *user->credentials.begin();
  if (!is_password(mechanism, credential, password)) return wrong_login(name);
  return {};
}

std::unique_ptr<ScramExchange> UserStore::begin_exchange(ScramMechanism mechanism) const {
  auto find = [this, mechanism](const std::string& user) {
    return find_credential(user, mechanism);
  };
  return std::make_unique<ScramExchange>(mechanism, std::move(find), strangers_key_, random_);
}

Result<> UserStore::set_password(const std::string& name, std::string_view password) {
  TRY(check_user_name(name));
  if (password.empty() || password.size() > kPasswordBytesMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("a password has 1 to {} bytes, that of user '{}' has {}",
                             kPasswordBytesMax, name, password.size()));
  }
  User user{.name = name, .credentials = {}};
  for (const ScramMechanism mechanism : kScramMechanisms) {
    user.credentials[mechanism] = make_credential(
        mechanism, password, random_bytes(random_, kSaltBytes), kScramIterationsDefault);
  }
  const MutexLock changing(changing_);
  Users next = *users();
  next[name] = std::move(user);
  return replace(std::move(next));
}

Result<> UserStore::set_credential(const std::string& name, ScramMechanism mechanism,
                                   ScramCredential credential) {
  TRY(check_user_name(name));
  const MutexLock changing(changing_);
  Users next = *users();
  User& user = next[name];
  user.name = name;
  user.credentials[mechanism] = std::move(credential);
  return replace(std::move(next));
}

Result<> UserStore::remove(const std::string& name) {
  const MutexLock changing(changing_);
  Users next = *users();
  if (next.erase(name) == 0) {
    return error(ErrorCode::NotFound, fmt::format("user '{}' does not exist", name));
  }
  return replace(std::move(next));
}

Result<> UserStore::remove_credential(const std::string& name, ScramMechanism mechanism) {
  const MutexLock changing(changing_);
  Users next = *users();
  const auto at = next.find(name);
  if (at == next.end() || at->second.credentials.erase(mechanism) == 0) {
    return error(ErrorCode::NotFound,
                 fmt::format("user '{}' has no credential of {}", name, name_of(mechanism)));
  }
  if (at->second.credentials.empty()) next.erase(at);
  return replace(std::move(next));
}

Result<> UserStore::replace(Users users) {
  Json list = Json::array();
  for (const auto& [name, user] : users) {
    Json each{{"name", name}};
    for (const auto& [mechanism, credential] : user.credentials) {
      each[std::string(name_of(mechanism))] = to_json(credential);
    }
    list.push_back(std::move(each));
  }
  const Json file{{"version", kFileVersion}, {"users", std::move(list)}};
  TRY(replace_file(disk_, path_, as_bytes(file.dump(1) + "\n")));
  const MutexLock lock(mutex_);
  users_ = std::make_shared<const Users>(std::move(users));
  return {};
}

}  // namespace tidemill::security
