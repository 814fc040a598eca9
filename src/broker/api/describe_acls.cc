// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_acls.h"

#include "broker/api/acl_requests.h"
#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using security::Acl;
using wire::kafka::DescribeAclsRequest;
using wire::kafka::DescribeAclsResponse;
using wire::kafka::KafkaError;

namespace {

DescribeAclsResponse refused(KafkaError code, std::string message) {
  DescribeAclsResponse response;
  response.error_code = code;
  response.error_message = std::move(message);
  return response;
}

}  // namespace

Task<DescribeAclsResponse> describe_acls(RequestContext& context, DescribeAclsRequest request) {
  if (!context.rights().cluster(security::AclOperation::Describe)) {
    co_return refused(KafkaError::ClusterAuthorizationFailed, kClusterDenied);
  }
  if (context.services.authorizer == nullptr) {
    co_return refused(KafkaError::SecurityDisabled, "No Authorizer is configured on the broker");
  }
  const auto filter = acl_filter_of(request);
  if (!filter.ok()) co_return refused(KafkaError::InvalidRequest, filter.error().message);
  DescribeAclsResponse response;
  // They are sorted by resource.
  for (const Acl& acl : context.services.authorizer->acls().list(*filter)) {
    const auto type = static_cast<std::int8_t>(acl.resource);
    const auto pattern = static_cast<std::int8_t>(acl.pattern);
    const bool same = !response.resources.empty() &&
                      response.resources.back().resource_type == type &&
                      response.resources.back().resource_name == acl.name &&
                      response.resources.back().pattern_type == pattern;
    if (!same) {
      response.resources.push_back(
          {.resource_type = type, .resource_name = acl.name, .pattern_type = pattern, .acls = {}});
    }
    response.resources.back().acls.push_back(
        {.principal = acl.principal,
         .host = acl.host,
         .operation = static_cast<std::int8_t>(acl.operation),
         .permission_type = static_cast<std::int8_t>(acl.permission)});
  }
  co_return response;
}

}  // namespace tidemill::broker::api
