// SPDX-License-Identifier: Apache-2.0
#include "security/acl_index.h"

#include <algorithm>

namespace tidemill::security {
namespace {

bool is_for(const Acl& acl, const AclIndex::Asker& asker) {
  return (acl.principal == asker.principal || acl.principal == kEveryUser) &&
         (acl.host == kEveryHost || acl.host == asker.host);
}

bool implies_describe(AclOperation operation) {
  return operation == AclOperation::Describe || operation == AclOperation::Read ||
         operation == AclOperation::Write || operation == AclOperation::Delete ||
         operation == AclOperation::Alter;
}

bool covers(const Acl& acl, AclOperation wanted) {
  if (acl.operation == AclOperation::All || acl.operation == wanted) return true;
  if (acl.permission == AclPermission::Deny) return false;
  if (wanted == AclOperation::Describe) return implies_describe(acl.operation);
  return wanted == AclOperation::DescribeConfigs && acl.operation == AclOperation::AlterConfigs;
}

}  // namespace

AclIndex::AclIndex(Acls acls) : acls_(std::move(acls)) {
  for (const Acl& acl : acls_) {
    OfKind& kind = kinds_[static_cast<std::size_t>(acl.resource)];
    if (acl.pattern == AclPattern::Prefixed) {
      kind.prefixed[acl.name].push_back(&acl);
      kind.prefix_lengths.insert(acl.name.size());
    } else {
      kind.literal[acl.name].push_back(&acl);
    }
  }
}

AclIndex::Verdict AclIndex::judge(const Asker& asker, AclOperation operation, AclResource resource,
                                  std::string_view name) const {
  const OfKind& kind = of_kind(resource);
  bool concerned = false;
  bool allowed = false;
  // False once it is denied.
  const auto ask = [&](const ByName& entries, std::string_view key) {
    const auto at = entries.find(key);
    if (at == entries.end()) return true;
    concerned = true;
    for (const Acl* acl : at->second) {
      if (!is_for(*acl, asker) || !covers(*acl, operation)) continue;
      if (acl->permission == AclPermission::Deny) return false;
      allowed = true;
    }
    return true;
  };
  if (!ask(kind.literal, name)) return Verdict::Denied;
  if (name != kEveryName && !ask(kind.literal, kEveryName)) return Verdict::Denied;
  for (const std::size_t length : kind.prefix_lengths) {
    if (length > name.size()) break;
    if (!ask(kind.prefixed, name.substr(0, length))) return Verdict::Denied;
  }
  if (allowed) return Verdict::Allowed;
  return concerned ? Verdict::Denied : Verdict::NoAcl;
}

bool AclIndex::allows_some(const Asker& asker, AclOperation operation, AclResource resource) const {
  const OfKind& kind = of_kind(resource);
  // Unlike above, nothing is implied.
  const auto says = [&](const Entries& entries, AclPermission permission) {
    return std::ranges::any_of(entries, [&](const Acl* acl) {
      return acl->permission == permission && is_for(*acl, asker) &&
             (acl->operation == operation || acl->operation == AclOperation::All);
    });
  };
  const auto denies = [&](const ByName& entries, std::string_view key) {
    const auto at = entries.find(key);
    return at != entries.end() && says(at->second, AclPermission::Deny);
  };
  if (denies(kind.literal, kEveryName)) return false;
  const auto prefix_denies = [&](std::string_view name) {
    return std::ranges::any_of(kind.prefix_lengths, [&](std::size_t length) {
      return length <= name.size() && denies(kind.prefixed, name.substr(0, length));
    });
  };
  for (const auto& [name, entries] : kind.literal) {
    if (!says(entries, AclPermission::Allow)) continue;
    if (name == kEveryName) return true;
    if (!says(entries, AclPermission::Deny) && !prefix_denies(name)) return true;
  }
  return std::ranges::any_of(kind.prefixed, [&](const auto& each) {
    return says(each.second, AclPermission::Allow) && !prefix_denies(each.first);
  });
}

}  // namespace tidemill::security
