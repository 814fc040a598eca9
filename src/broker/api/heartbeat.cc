// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/heartbeat.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::HeartbeatRequest;
using wire::kafka::HeartbeatResponse;

Task<HeartbeatResponse> heartbeat(RequestContext& context, HeartbeatRequest request) {
  HeartbeatResponse response;
  response.error_code = context.rights().group(security::AclOperation::Read, request.group_id)
                            ? context.services.groups.heartbeat(request)
                            : wire::kafka::KafkaError::GroupAuthorizationFailed;
  co_return response;
}

}  // namespace tidemill::broker::api
