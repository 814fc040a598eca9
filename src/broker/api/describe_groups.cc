// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_groups.h"

#include <fmt/core.h>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeGroupsRequest;
using wire::kafka::DescribeGroupsResponse;
using wire::kafka::KafkaError;

Task<DescribeGroupsResponse> describe_groups(RequestContext& context,
                                             DescribeGroupsRequest request) {
  // Before, a group that does not exist is shown in state Dead without an error (KIP-1043).
  constexpr std::int16_t kNotFoundFrom = 6;
  DescribeGroupsResponse response;
  const security::Rights rights = context.rights();
  for (const std::string& id : request.groups) {
    if (!rights.group(security::AclOperation::Describe, id)) {
      auto& refused = response.groups.emplace_back();
      refused.group_id = id;
      refused.error_code = KafkaError::GroupAuthorizationFailed;
      continue;
    }
    DescribeGroupsResponse::Group group = context.services.groups.describe_kafka(id);
    if (group.group_state == "Dead" && context.version() >= kNotFoundFrom) {
      group.error_code = KafkaError::GroupIdNotFound;
      group.error_message = fmt::format("Group {} not found.", id);
    } else if (request.include_authorized_operations) {
      group.authorized_operations =
          rights.allowed_of(kGroupOperations, security::AclResource::Group, id);
    }
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
