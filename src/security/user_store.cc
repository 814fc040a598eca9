// SPDX-License-Identifier: Apache-2.0
// The file: docs/dev/formats/users.md.
#include "security/user_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "security/user_file.h"

namespace tidemill::security {
namespace {

constexpr std::size_t kSaltBytes = 24;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kPasswordBytesMax = 1024;

Error wrong_login(const std::string& name) {
  return error(ErrorCode::Denied,
               fmt::format("Provided username {} and/or password are incorrect", name));
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
  const Bytes text = TRY(read_file(disk, store->path_, kUserFileBytesMax));
  auto users = parse_users(as_text(text));
  if (!users.ok()) {
    return std::move(users).error().context(fmt::format("in file of users '{}'", store->path_));
  }
  const MutexLock lock(store->mutex_);
  store->users_ = std::make_shared<const Users>(*std::move(users));
  return store;
}

std::shared_ptr<const Users> UserStore::snapshot() const {
  const MutexLock lock(mutex_);
  return users_;
}

bool UserStore::empty() const {
  return snapshot()->empty();
}

std::vector<User> UserStore::list() const {
  std::vector<User> out;
  for (const auto& [name, user] : *snapshot()) out.push_back(user);
  return out;
}

std::optional<User> UserStore::find(const std::string& name) const {
  const auto all = snapshot();
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
  if (!user->can_login) {
    return error(ErrorCode::Denied, fmt::format("{} is not permitted to log in", name));
  }
  return {};
}

std::unique_ptr<ScramExchange> UserStore::begin_exchange(ScramMechanism mechanism) const {
  auto find = [this, mechanism](const std::string& name) -> std::optional<ScramCredential> {
    const auto user = this->find(name);
    if (!user || !user->can_login) return std::nullopt;
    const auto at = user->credentials.find(mechanism);
    return at == user->credentials.end() ? std::nullopt : std::optional(at->second);
  };
  return std::make_unique<ScramExchange>(mechanism, std::move(find), strangers_key_, random_);
}

Result<Credentials> UserStore::credentials_of(const std::string& name,
                                              std::string_view password) const {
  if (password.empty() || password.size() > kPasswordBytesMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("a password has 1 to {} bytes, that of user '{}' has {}",
                             kPasswordBytesMax, name, password.size()));
  }
  Credentials credentials;
  for (const ScramMechanism mechanism : kScramMechanisms) {
    credentials[mechanism] = make_credential(mechanism, password, random_bytes(random_, kSaltBytes),
                                             kScramIterationsDefault);
  }
  return credentials;
}

Result<> UserStore::set_password(const std::string& name, std::string_view password) {
  TRY(check_user_name(name));
  Credentials credentials = TRY(credentials_of(name, password));
  return change([&](Users& users) -> Result<> {
    User& user = users[name];
    user.name = name;
    user.credentials = std::move(credentials);
    return {};
  });
}

Result<> UserStore::set_credential(const std::string& name, ScramMechanism mechanism,
                                   ScramCredential credential) {
  TRY(check_user_name(name));
  return change([&](Users& users) -> Result<> {
    User& user = users[name];
    user.name = name;
    user.credentials[mechanism] = std::move(credential);
    return {};
  });
}

Result<> UserStore::remove(const std::string& name) {
  return change([&](Users& users) -> Result<> {
    if (!users.contains(name)) {
      return error(ErrorCode::NotFound, fmt::format("user '{}' does not exist", name));
    }
    erase_role(users, name);
    return {};
  });
}

Result<> UserStore::remove_credential(const std::string& name, ScramMechanism mechanism) {
  return change([&](Users& users) -> Result<> {
    const auto at = users.find(name);
    if (at == users.end() || at->second.credentials.erase(mechanism) == 0) {
      return error(ErrorCode::NotFound,
                   fmt::format("user '{}' has no credential of {}", name, name_of(mechanism)));
    }
    if (at->second.credentials.empty() && !is_more_than_a_login(users, at->second)) {
      users.erase(at);
    }
    return {};
  });
}

Result<> UserStore::change(const std::function<Result<>(Users& users)>& edit) {
  const MutexLock changing(changing_);
  const auto before = snapshot();
  Users next = *before;
  TRY(edit(next));
  if (next == *before) return {};
  return replace(std::move(next));
}

Result<> UserStore::replace(Users users) {
  const std::string text = render_users(users);
  // What could not be read again is not written.
  if (text.size() > kUserFileBytesMax) {
    return error(ErrorCode::TooLarge,
                 fmt::format("the file of users would have {} bytes, {} are allowed", text.size(),
                             kUserFileBytesMax));
  }
  TRY(replace_file(disk_, path_, as_bytes(text)));
  const MutexLock lock(mutex_);
  users_ = std::make_shared<const Users>(std::move(users));
  generation_.fetch_add(1, std::memory_order_release);
  return {};
}

}  // namespace tidemill::security
