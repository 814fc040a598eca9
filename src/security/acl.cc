// SPDX-License-Identifier: Apache-2.0
#include "security/acl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace tidemill::security {
namespace {

constexpr std::size_t kTextBytesMax = 4096;

template <class Value>
using Names = std::pair<Value, std::string_view>;

constexpr std::array<Names<AclResource>, 6> kResources{{
    {AclResource::Topic, "TOPIC"},
    {AclResource::Group, "GROUP"},
    {AclResource::Cluster, "CLUSTER"},
    {AclResource::TransactionalId, "TRANSACTIONAL_ID"},
    {AclResource::DelegationToken, "DELEGATION_TOKEN"},
    {AclResource::User, "USER"},
}};
constexpr std::array<Names<AclPattern>, 2> kPatterns{{
    {AclPattern::Literal, "LITERAL"},
    {AclPattern::Prefixed, "PREFIXED"},
}};
constexpr std::array<Names<AclOperation>, 14> kOperations{{
    {AclOperation::All, "ALL"},
    {AclOperation::Read, "READ"},
    {AclOperation::Write, "WRITE"},
    {AclOperation::Create, "CREATE"},
    {AclOperation::Delete, "DELETE"},
    {AclOperation::Alter, "ALTER"},
    {AclOperation::Describe, "DESCRIBE"},
    {AclOperation::ClusterAction, "CLUSTER_ACTION"},
    {AclOperation::DescribeConfigs, "DESCRIBE_CONFIGS"},
    {AclOperation::AlterConfigs, "ALTER_CONFIGS"},
    {AclOperation::IdempotentWrite, "IDEMPOTENT_WRITE"},
    {AclOperation::CreateTokens, "CREATE_TOKENS"},
    {AclOperation::DescribeTokens, "DESCRIBE_TOKENS"},
    {AclOperation::TwoPhaseCommit, "TWO_PHASE_COMMIT"},
}};
constexpr std::array<Names<AclPermission>, 2> kPermissions{{
    {AclPermission::Deny, "DENY"},
    {AclPermission::Allow, "ALLOW"},
}};
constexpr std::array<Names<AclFilter::Pattern>, 4> kPatternFilters{{
    {AclFilter::Pattern::Any, "ANY"},
    {AclFilter::Pattern::Match, "MATCH"},
    {AclFilter::Pattern::Literal, "LITERAL"},
    {AclFilter::Pattern::Prefixed, "PREFIXED"},
}};

// "TransactionalId", "transactional-id" and "TRANSACTIONAL_ID" are the same.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_' && c != '-') {
      out.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
  }
  return out;
}

template <class Value, std::size_t size>
std::optional<Value> find(const std::array<Names<Value>, size>& all, std::string_view name) {
  const std::string wanted = plain(name);
  for (const auto& [value, known] : all) {
    if (plain(known) == wanted) return value;
  }
  return std::nullopt;
}

template <class Value, std::size_t size>
std::optional<Value> find(const std::array<Names<Value>, size>& all, std::int8_t number) {
  for (const auto& [value, known] : all) {
    if (static_cast<std::int8_t>(value) == number) return value;
  }
  return std::nullopt;
}

template <class Value, std::size_t size>
std::string_view name_in(const std::array<Names<Value>, size>& all, Value wanted) {
  for (const auto& [value, known] : all) {
    if (value == wanted) return known;
  }
  return "UNKNOWN";
}

Result<> check_text(std::string_view what, std::string_view text) {
  if (text.empty() || text.size() > kTextBytesMax || !is_utf8(text)) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("the {} of an ACL has 1 to {} bytes of UTF-8, this one has {}", what,
                             kTextBytesMax, text.size()));
  }
  return {};
}

}  // namespace

std::string_view name_of(AclResource resource) {
  return name_in(kResources, resource);
}
std::string_view name_of(AclPattern pattern) {
  return name_in(kPatterns, pattern);
}
std::string_view name_of(AclOperation operation) {
  return name_in(kOperations, operation);
}
std::string_view name_of(AclPermission permission) {
  return name_in(kPermissions, permission);
}
std::optional<AclResource> acl_resource_of(std::string_view name) {
  return find(kResources, name);
}
std::optional<AclPattern> acl_pattern_of(std::string_view name) {
  return find(kPatterns, name);
}
std::optional<AclOperation> acl_operation_of(std::string_view name) {
  return find(kOperations, name);
}
std::optional<AclPermission> acl_permission_of(std::string_view name) {
  return find(kPermissions, name);
}
std::optional<AclResource> acl_resource_of(std::int8_t number) {
  return find(kResources, number);
}
std::optional<AclPattern> acl_pattern_of(std::int8_t number) {
  return find(kPatterns, number);
}
std::optional<AclOperation> acl_operation_of(std::int8_t number) {
  return find(kOperations, number);
}
std::optional<AclPermission> acl_permission_of(std::int8_t number) {
  return find(kPermissions, number);
}
std::optional<AclFilter::Pattern> acl_pattern_filter_of(std::string_view name) {
  return find(kPatternFilters, name);
}

std::string to_string(const Acl& acl) {
  return fmt::format("{} {} from {} to {} on {} {} '{}'", name_of(acl.permission), acl.principal,
                     acl.host, name_of(acl.operation), name_of(acl.resource), name_of(acl.pattern),
                     acl.name);
}

Result<> check_principal(std::string_view principal) {
  const std::size_t colon = principal.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == principal.size()) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("expected a string in format principalType:principalName but got {}",
                             principal));
  }
  return {};
}

Result<> check_acl(const Acl& acl) {
  // Kafka's words; tools look for them.
  if (acl.name.empty()) return error(ErrorCode::InvalidArgument, "Invalid empty resource name");
  if (acl.resource == AclResource::Cluster && acl.name != kClusterName) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("The only valid name for the CLUSTER resource is {}", kClusterName));
  }
  TRY(check_text("resource name", acl.name));
  TRY(check_text("principal", acl.principal));
  TRY(check_text("host", acl.host));
  return check_principal(acl.principal);
}

bool AclFilter::matches(const Acl& acl) const {
  if (resource && *resource != acl.resource) return false;
  if (principal && *principal != acl.principal) return false;
  if (host && *host != acl.host) return false;
  if (operation && *operation != acl.operation) return false;
  if (permission && *permission != acl.permission) return false;
  const bool of_that_kind =
      pattern == Pattern::Any || pattern == Pattern::Match ||
      static_cast<std::int8_t>(pattern) == static_cast<std::int8_t>(acl.pattern);
  if (!of_that_kind) return false;
  if (!name || *name == acl.name) return true;
  if (pattern != Pattern::Match) return false;
  return acl.pattern == AclPattern::Prefixed ? name->starts_with(acl.name) : acl.name == kEveryName;
}

}  // namespace tidemill::security
