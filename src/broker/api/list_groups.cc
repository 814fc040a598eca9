// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/list_groups.h"

#include <algorithm>
#include <cctype>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::ListGroupsRequest;
using wire::kafka::ListGroupsResponse;

namespace {

// Filters name states and types in any case; no filter lets everything through.
bool passes(const std::vector<std::string>& filters, const std::string& value) {
  const auto same = [&](const std::string& filter) {
    return std::ranges::equal(filter, value, [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    });
  };
  return filters.empty() || std::ranges::any_of(filters, same);
}

}  // namespace

Task<ListGroupsResponse> list_groups(RequestContext& context, ListGroupsRequest request) {
  ListGroupsResponse response;
  const security::Rights rights = context.rights();
  const bool every = rights.cluster(AclOperation::Describe);
  for (auto& group : context.services.groups.list_kafka()) {
    if (!every && !rights.group(AclOperation::Describe, group.group_id)) continue;
    if (passes(request.states_filter, group.group_state) &&
        passes(request.types_filter, group.group_type)) {
      response.groups.push_back(std::move(group));
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
