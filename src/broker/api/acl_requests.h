// SPDX-License-Identifier: Apache-2.0
// What DescribeAcls and DeleteAcls share: filters as they travel.
#pragma once

#include "base/result.h"
#include "security/acl.h"

namespace tidemill::broker::api {

inline constexpr std::int8_t kAnyNumber = 1;  // in the place of a resource, operation, permission

// The fields of both requests have the same names. InvalidArgument where a number is unknown.
template <class Wanted>
Result<security::AclFilter> acl_filter_of(const Wanted& wanted) {
  using security::AclFilter;
  AclFilter filter;
  filter.resource = security::acl_resource_of(wanted.resource_type_filter);
  filter.operation = security::acl_operation_of(wanted.operation);
  filter.permission = security::acl_permission_of(wanted.permission_type);
  const bool known = (filter.resource || wanted.resource_type_filter == kAnyNumber) &&
                     (filter.operation || wanted.operation == kAnyNumber) &&
                     (filter.permission || wanted.permission_type == kAnyNumber) &&
                     wanted.pattern_type_filter >= static_cast<int>(AclFilter::Pattern::Any) &&
                     wanted.pattern_type_filter <= static_cast<int>(AclFilter::Pattern::Prefixed);
  if (!known) return error(ErrorCode::InvalidArgument, "Filter contain UNKNOWN elements");
  filter.pattern = static_cast<AclFilter::Pattern>(wanted.pattern_type_filter);
  filter.name = wanted.resource_name_filter;
  filter.principal = wanted.principal_filter;
  filter.host = wanted.host_filter;
  return filter;
}

inline constexpr const char* kNoAuthorizer = "No Authorizer is configured.";
inline constexpr const char* kClusterDenied = "Cluster authorization failed.";

}  // namespace tidemill::broker::api
