// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/create_acls.h"

#include <fmt/format.h>

#include "broker/api/acl_requests.h"
#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::Acl;
using wire::kafka::CreateAclsRequest;
using wire::kafka::CreateAclsResponse;
using wire::kafka::KafkaError;

namespace {

Error invalid(std::string_view what, int number) {
  return error(ErrorCode::InvalidArgument, fmt::format("Invalid {} {}", what, number));
}

// Kafka's checks, in its order.
Result<Acl> acl_of(const CreateAclsRequest::Creation& wanted) {
  const auto resource = security::acl_resource_of(wanted.resource_type);
  const auto pattern = security::acl_pattern_of(wanted.resource_pattern_type);
  const auto operation = security::acl_operation_of(wanted.operation);
  const auto permission = security::acl_permission_of(wanted.permission_type);
  if (!resource) return invalid("resourceType", wanted.resource_type);
  if (!pattern) return invalid("patternType", wanted.resource_pattern_type);
  if (!operation) return invalid("operation", wanted.operation);
  if (!permission) return invalid("permissionType", wanted.permission_type);
  Acl acl{.resource = *resource,
          .name = wanted.resource_name,
          .pattern = *pattern,
          .principal = wanted.principal,
          .host = wanted.host,
          .operation = *operation,
          .permission = *permission};
  TRY(check_acl(acl));
  return acl;
}

void settle(CreateAclsResponse& response, KafkaError code, const std::string& message) {
  for (auto& result : response.results) {
    if (result.error_code == KafkaError::None) result = {code, message};
  }
}

}  // namespace

// What is wrong with one keeps no other out.
Task<CreateAclsResponse> create_acls(RequestContext& context, CreateAclsRequest request) {
  CreateAclsResponse response;
  response.results.resize(request.creations.size());
  if (!context.rights().cluster(security::AclOperation::Alter)) {
    settle(response, KafkaError::ClusterAuthorizationFailed, kClusterDenied);
    co_return response;
  }
  if (context.services.authorizer == nullptr) {
    settle(response, KafkaError::SecurityDisabled, kNoAuthorizer);
    co_return response;
  }
  std::vector<Acl> acls;
  for (std::size_t i = 0; i < request.creations.size(); ++i) {
    auto acl = acl_of(request.creations[i]);
    if (acl.ok()) {
      acls.push_back(*std::move(acl));
    } else {
      response.results[i] = {KafkaError::InvalidRequest, acl.error().message};
    }
  }
  if (acls.empty()) co_return response;
  auto add = [store = &context.services.authorizer->acls(), acls = std::move(acls)] {
    return store->add(acls);
  };
  const Result<> added = co_await run_blocking(context.services.blocking, std::move(add));
  if (!added.ok()) settle(response, kafka_error_of(added.error()), added.error().message);
  co_return response;
}

}  // namespace tidemill::broker::api
