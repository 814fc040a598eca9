// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/sync_group.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::SyncGroupRequest;
using wire::kafka::SyncGroupResponse;

Task<SyncGroupResponse> sync_group(RequestContext& context, SyncGroupRequest request) {
  if (!context.rights().group(security::AclOperation::Read, request.group_id)) {
    SyncGroupResponse response;
    response.error_code = wire::kafka::KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  auto start = [&context,
                request = std::move(request)](Completion<SyncGroupResponse> done) mutable {
    context.services.groups.sync(std::move(request), std::move(done));
  };
  co_return co_await completion_of<SyncGroupResponse>(std::move(start));
}

}  // namespace tidemill::broker::api
