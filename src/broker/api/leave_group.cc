// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/leave_group.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::LeaveGroupRequest;
using wire::kafka::LeaveGroupResponse;

Task<LeaveGroupResponse> leave_group(RequestContext& context, LeaveGroupRequest request) {
  if (!context.rights().group(security::AclOperation::Read, request.group_id)) {
    LeaveGroupResponse response;
    response.error_code = wire::kafka::KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  co_return context.services.groups.leave(request, context.version());
}

}  // namespace tidemill::broker::api
