// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/join_group.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::JoinGroupRequest;
using wire::kafka::JoinGroupResponse;

Task<JoinGroupResponse> join_group(RequestContext& context, JoinGroupRequest request) {
  if (!context.rights().group(security::AclOperation::Read, request.group_id)) {
    JoinGroupResponse response;
    response.error_code = wire::kafka::KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  auto start = [&context,
                request = std::move(request)](Completion<JoinGroupResponse> done) mutable {
    context.services.groups.join(std::move(request), context.caller(), std::move(done));
  };
  co_return co_await completion_of<JoinGroupResponse>(std::move(start));
}

}  // namespace tidemill::broker::api
