// SPDX-License-Identifier: Apache-2.0
// Users as CQL's roles: who is a member of whom, and what follows from that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "security/permission.h"
#include "security/scram.h"

namespace tidemill::security {

using Credentials = std::map<ScramMechanism, ScramCredential>;

// A user of the Kafka port and a role of CQL are the same thing.
struct User {
  std::string name = {};
  Credentials credentials = {};  // empty: cannot log in, whatever can_login says
  bool can_login = true;
  bool is_superuser = false;
  std::set<std::string> member_of = {};
  std::map<std::string, PermissionSet> permissions = {};  // by the resource's name

  bool operator==(const User&) const = default;
};
using Users = std::map<std::string, User>;

// What a role may do, with all that it inherits.
class Grants {
 public:
  Grants() = default;
  Grants(const Users& users, const std::string& role);

  bool is_superuser() const { return superuser_; }
  // On the resource or one of its parents. Looks up at most four names.
  bool allow(Permission permission, const Resource& resource) const;

 private:
  bool superuser_ = false;
  std::unordered_map<std::string, PermissionSet> permissions_;
};

// The role itself and the roles granted to it, directly or by others; empty when there is none.
enum class Inherited : bool { No, Yes };
std::set<std::string> roles_of(const Users& users, const std::string& role, Inherited inherited);

// Also what others were granted on it, and its memberships.
void erase_role(Users& users, const std::string& role);
// Whether something would be lost with it besides a login.
bool is_more_than_a_login(const Users& users, const User& user);

// `role` and `member` exist. InvalidArgument in Cassandra's words.
Result<> grant_role(Users& users, const std::string& role, const std::string& member);
Result<> revoke_role(Users& users, const std::string& role, const std::string& member);

// Those that changed something. The role exists.
PermissionSet grant(Users& users, const std::string& role, PermissionSet permissions,
                    const Resource& resource);
PermissionSet revoke(Users& users, const std::string& role, PermissionSet permissions,
                     const Resource& resource);
// Nobody keeps a permission on the keyspace or table, nor on anything in it.
void revoke_all_on(Users& users, const Resource& dropped);

}  // namespace tidemill::security
