// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/delete_groups.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::DeleteGroupsRequest;
using wire::kafka::DeleteGroupsResponse;
using wire::kafka::KafkaError;

Task<DeleteGroupsResponse> delete_groups(RequestContext& context, DeleteGroupsRequest request) {
  DeleteGroupsResponse response;
  const security::Rights rights = context.rights();
  for (const std::string& group : request.groups_names) {
    if (!rights.group(security::AclOperation::Delete, group)) {
      response.groups.push_back(
          {.group_id = group, .error_code = KafkaError::GroupAuthorizationFailed});
      continue;
    }
    auto start = [&](Completion<KafkaError> done) {
      context.services.groups.remove_group(group, std::move(done));
    };
    const KafkaError code = co_await completion_of<KafkaError>(std::move(start));
    response.groups.push_back({.group_id = group, .error_code = code});
  }
  co_return response;
}

}  // namespace tidemill::broker::api
