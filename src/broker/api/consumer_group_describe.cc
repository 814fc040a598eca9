// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_group_describe.h"

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::ConsumerGroupDescribeRequest;
using wire::kafka::ConsumerGroupDescribeResponse;
using wire::kafka::KafkaError;

namespace {

using Group = ConsumerGroupDescribeResponse::Group;

Group refused(const std::string& id, KafkaError code, std::string message) {
  Group group;
  group.group_id = id;
  group.error_code = code;
  group.error_message = std::move(message);
  return group;
}

bool may_see_topics(const security::Rights& rights, const Group& group) {
  if (rights.is_all()) return true;
  const auto sees = [&](const std::string& name) {
    return rights.topic(AclOperation::Describe, name);
  };
  const auto sees_all = [&](const ConsumerGroupDescribeResponse::Assignment& assignment) {
    return std::ranges::all_of(assignment.topic_partitions, sees,
                               &ConsumerGroupDescribeResponse::Topic::topic_name);
  };
  return std::ranges::all_of(group.members, [&](const Group::Member& member) {
    return std::ranges::all_of(member.subscribed_topic_names, sees) &&
           sees_all(member.assignment) && sees_all(member.target_assignment);
  });
}

}  // namespace

Task<ConsumerGroupDescribeResponse> consumer_group_describe(RequestContext& context,
                                                            ConsumerGroupDescribeRequest request) {
  ConsumerGroupDescribeResponse response;
  const security::Rights rights = context.rights();
  for (const std::string& id : request.group_ids) {
    if (!rights.group(AclOperation::Describe, id)) {
      response.groups.push_back(
          refused(id, KafkaError::GroupAuthorizationFailed, "Group authorization failed."));
      continue;
    }
    auto group = context.services.groups.describe_consumer(id);
    if (!may_see_topics(rights, group)) {
      group = refused(id, KafkaError::TopicAuthorizationFailed,
                      "The group has described topic(s) that the client is not authorized to "
                      "describe.");
    }
    if (request.include_authorized_operations && group.error_code == KafkaError::None) {
      group.authorized_operations =
          rights.allowed_of(kGroupOperations, security::AclResource::Group, id);
    }
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
