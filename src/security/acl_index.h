// SPDX-License-Identifier: Apache-2.0
// All ACLs as they are at one moment, found by what they are about.
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "security/acl.h"

namespace tidemill::security {

using Acls = std::set<Acl>;

// Immutable. A question costs one lookup for the name, one for each length that a prefix has, and a
// look at the entries found there.
class AclIndex {
 public:
  // What the ACLs of a resource say: Kafka's StandardAuthorizer. A denial beats every allowance;
  // read, write, delete and alter allow to describe, too, and do not deny it.
  enum class Verdict { Allowed, Denied, NoAcl };

  // Who asks.
  struct Asker {
    std::string_view principal;
    std::string_view host;
  };

  AclIndex() = default;
  explicit AclIndex(Acls acls);
  // The indexes below point into the set.
  AclIndex(const AclIndex&) = delete;
  AclIndex& operator=(const AclIndex&) = delete;

  const Acls& all() const { return acls_; }

  // NoAcl only where no ACL is about the resource, whoever it is for.
  Verdict judge(const Asker& asker, AclOperation operation, AclResource resource,
                std::string_view name) const;
  // Whether there may be a resource of the kind on which it is allowed: an allowance that no denial
  // covers (KIP-679).
  bool allows_some(const Asker& asker, AclOperation operation, AclResource resource) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Entries = std::vector<const Acl*>;
  using ByName = std::unordered_map<std::string, Entries, Hash, std::equal_to<>>;
  struct OfKind {
    ByName literal;
    ByName prefixed;
    std::set<std::size_t> prefix_lengths;
  };

  const OfKind& of_kind(AclResource resource) const {
    return kinds_[static_cast<std::size_t>(resource)];
  }

  Acls acls_;
  std::array<OfKind, 8> kinds_;  // by the number of the resource
};

}  // namespace tidemill::security
