// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/delete_acls.h"

#include "broker/api/acl_requests.h"
#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::Acl;
using security::AclFilter;
using wire::kafka::DeleteAclsRequest;
using wire::kafka::DeleteAclsResponse;
using wire::kafka::KafkaError;

namespace {

DeleteAclsResponse::MatchingAcl show(const Acl& acl) {
  DeleteAclsResponse::MatchingAcl shown;
  shown.resource_type = static_cast<std::int8_t>(acl.resource);
  shown.resource_name = acl.name;
  shown.pattern_type = static_cast<std::int8_t>(acl.pattern);
  shown.principal = acl.principal;
  shown.host = acl.host;
  shown.operation = static_cast<std::int8_t>(acl.operation);
  shown.permission_type = static_cast<std::int8_t>(acl.permission);
  return shown;
}

void settle(DeleteAclsResponse& response, KafkaError code, const std::string& message) {
  for (auto& result : response.filter_results) {
    if (result.error_code != KafkaError::None) continue;
    result.error_code = code;
    result.error_message = message;
  }
}

}  // namespace

// What is wrong with one filter keeps no other back.
Task<DeleteAclsResponse> delete_acls(RequestContext& context, DeleteAclsRequest request) {
  DeleteAclsResponse response;
  response.filter_results.resize(request.filters.size());
  if (!context.rights().cluster(security::AclOperation::Alter)) {
    settle(response, KafkaError::ClusterAuthorizationFailed, kClusterDenied);
    co_return response;
  }
  if (context.services.authorizer == nullptr) {
    settle(response, KafkaError::SecurityDisabled, kNoAuthorizer);
    co_return response;
  }
  std::vector<AclFilter> filters;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < request.filters.size(); ++i) {
    auto filter = acl_filter_of(request.filters[i]);
    if (!filter.ok()) {
      response.filter_results[i].error_code = KafkaError::InvalidRequest;
      response.filter_results[i].error_message = filter.error().message;
      continue;
    }
    filters.push_back(*std::move(filter));
    places.push_back(i);
  }
  auto remove = [store = &context.services.authorizer->acls(), filters = std::move(filters)] {
    return store->remove(filters);
  };
  const auto gone = co_await run_blocking(context.services.blocking, std::move(remove));
  if (!gone.ok()) {
    settle(response, kafka_error_of(gone.error()), gone.error().message);
    co_return response;
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const Acl& acl : (*gone)[i]) {
      response.filter_results[places[i]].matching_acls.push_back(show(acl));
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
