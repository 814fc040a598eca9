// SPDX-License-Identifier: Apache-2.0
// Who may do what on the Kafka port: the ACLs, super users, and what is so without an ACL.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "security/acl_store.h"

namespace tidemill::security {

// What one client may do, as it is at one moment: taken anew for each request.
class Rights {
 public:
  static Rights all() { return {}; }

  bool allow(AclOperation operation, AclResource resource, std::string_view name) const;
  bool topic(AclOperation operation, std::string_view name) const {
    return allow(operation, AclResource::Topic, name);
  }
  bool group(AclOperation operation, std::string_view name) const {
    return allow(operation, AclResource::Group, name);
  }
  bool transactional_id(AclOperation operation, std::string_view name) const {
    return allow(operation, AclResource::TransactionalId, name);
  }
  bool cluster(AclOperation operation) const {
    return allow(operation, AclResource::Cluster, kClusterName);
  }
  // On a topic, whichever.
  bool some_topic(AclOperation operation) const;
  // Those of the operations, given and answered as bits by their numbers.
  std::int32_t allowed_of(std::int32_t operations, AclResource resource,
                          std::string_view name) const;
  // Nothing is asked.
  bool is_all() const { return index_ == nullptr; }

 private:
  friend class Authorizer;
  Rights() = default;

  std::shared_ptr<const AclIndex> index_ = nullptr;  // null: everything is allowed
  std::string principal_ = {};
  std::string host_ = {};
  bool without_acl_ = true;
};

struct AuthorizerOptions {
  std::set<std::string, std::less<>> super_users = {};  // "User:alice": ACLs do not bind them
  // What is allowed on a resource that no ACL is about: everything, instead of nothing.
  bool allow_everyone_if_no_acl_found = false;
};

// Thread: any. Lifetime: the store outlives it.
class Authorizer {
 public:
  Authorizer(AclStore& acls, AuthorizerOptions options)
      : acls_(acls), options_(std::move(options)) {}

  // `user` is empty for a client that did not log in.
  Rights rights_of(std::string_view user, std::string_view host) const;
  AclStore& acls() const { return acls_; }

 private:
  AclStore& acls_;
  const AuthorizerOptions options_;
};

// "User:alice;User:bob", as Kafka's super.users.
Result<std::set<std::string, std::less<>>> super_users_of(std::string_view text);

}  // namespace tidemill::security
