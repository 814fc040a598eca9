// SPDX-License-Identifier: Apache-2.0
#include "security/authorizer.h"

#include <algorithm>

namespace tidemill::security {

using Verdict = AclIndex::Verdict;

bool Rights::allow(AclOperation operation, AclResource resource, std::string_view name) const {
  if (is_all()) return true;
  const Verdict verdict = index_->judge({principal_, host_}, operation, resource, name);
  return verdict == Verdict::NoAcl ? without_acl_ : verdict == Verdict::Allowed;
}

bool Rights::some_topic(AclOperation operation) const {
  if (is_all()) return true;
  // Kafka asks for a topic that hardly has an ACL of its own first: what is so without one counts.
  return topic(operation, "hardcode") ||
         index_->allows_some({principal_, host_}, operation, AclResource::Topic);
}

std::int32_t Rights::allowed_of(std::int32_t operations, AclResource resource,
                                std::string_view name) const {
  if (is_all()) return operations;
  std::int32_t allowed = 0;
  for (int number = 0; number < 31; ++number) {
    const std::int32_t bit = std::int32_t{1} << number;
    if ((operations & bit) != 0 && allow(static_cast<AclOperation>(number), resource, name)) {
      allowed |= bit;
    }
  }
  return allowed;
}

Rights Authorizer::rights_of(std::string_view user, std::string_view host) const {
  Rights rights;
  rights.principal_ = user.empty() ? std::string(kAnonymous) : "User:" + std::string(user);
  if (options_.super_users.contains(rights.principal_)) return Rights::all();
  rights.host_ = host;
  rights.without_acl_ = options_.allow_everyone_if_no_acl_found;
  rights.index_ = acls_.snapshot();
  return rights;
}

Result<std::set<std::string, std::less<>>> super_users_of(std::string_view text) {
  std::set<std::string, std::less<>> users;
  while (!text.empty()) {
    std::string_view one = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty()) continue;
    TRY(check_principal(one));
    users.emplace(one);
  }
  return users;
}

}  // namespace tidemill::security
