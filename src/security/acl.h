// SPDX-License-Identifier: Apache-2.0
// One access control entry of the Kafka port, and filters over them: Kafka's words and numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill::security {

// The numbers are those of Kafka's protocol, in which 0 is unknown and 1 any.
enum class AclResource : std::int8_t {
  Topic = 2,
  Group = 3,
  Cluster = 4,
  TransactionalId = 5,
  DelegationToken = 6,
  User = 7,
};
enum class AclPattern : std::int8_t { Literal = 3, Prefixed = 4 };
enum class AclOperation : std::int8_t {
  All = 2,
  Read = 3,
  Write = 4,
  Create = 5,
  Delete = 6,
  Alter = 7,
  Describe = 8,
  ClusterAction = 9,
  DescribeConfigs = 10,
  AlterConfigs = 11,
  IdempotentWrite = 12,
  CreateTokens = 13,
  DescribeTokens = 14,
  TwoPhaseCommit = 15,
};
enum class AclPermission : std::int8_t { Deny = 2, Allow = 3 };

// "TRANSACTIONAL_ID"; the other way round in any case of letters, with or without '_' and '-'.
std::string_view name_of(AclResource resource);
std::string_view name_of(AclPattern pattern);
std::string_view name_of(AclOperation operation);
std::string_view name_of(AclPermission permission);
std::optional<AclResource> acl_resource_of(std::string_view name);
std::optional<AclPattern> acl_pattern_of(std::string_view name);
std::optional<AclOperation> acl_operation_of(std::string_view name);
std::optional<AclPermission> acl_permission_of(std::string_view name);
// By number; none for one that an entry cannot have.
std::optional<AclResource> acl_resource_of(std::int8_t number);
std::optional<AclPattern> acl_pattern_of(std::int8_t number);
std::optional<AclOperation> acl_operation_of(std::int8_t number);
std::optional<AclPermission> acl_permission_of(std::int8_t number);

inline constexpr std::string_view kClusterName = "kafka-cluster";
inline constexpr std::string_view kEveryName = "*";  // a literal of this name is for every resource
inline constexpr std::string_view kEveryHost = "*";
inline constexpr std::string_view kEveryUser = "User:*";
inline constexpr std::string_view kAnonymous = "User:ANONYMOUS";  // who did not log in

// Sorted as they are listed.
struct Acl {
  AclResource resource = AclResource::Topic;
  std::string name = {};
  AclPattern pattern = AclPattern::Literal;
  std::string principal = {};  // "User:alice"
  std::string host = {};       // an address, or "*"
  AclOperation operation = AclOperation::All;
  AclPermission permission = AclPermission::Allow;

  auto operator<=>(const Acl&) const = default;
};

// "ALLOW User:alice from * to READ on TOPIC LITERAL 'orders'"
std::string to_string(const Acl& acl);

// InvalidArgument says what Kafka would not take either.
Result<> check_acl(const Acl& acl);
// "type:name", both not empty.
Result<> check_principal(std::string_view principal);

// What is not set matches everything. Match: what takes part in deciding about a resource of that
// name, that is also prefixes of it and "*" (KIP-290).
struct AclFilter {
  enum class Pattern : std::int8_t { Any = 1, Match = 2, Literal = 3, Prefixed = 4 };

  std::optional<AclResource> resource = {};
  std::optional<std::string> name = {};
  Pattern pattern = Pattern::Any;
  std::optional<std::string> principal = {};
  std::optional<std::string> host = {};
  std::optional<AclOperation> operation = {};
  std::optional<AclPermission> permission = {};

  bool matches(const Acl& acl) const;
};

// "ANY", "MATCH", "LITERAL", "PREFIXED".
std::optional<AclFilter::Pattern> acl_pattern_filter_of(std::string_view name);

}  // namespace tidemill::security
