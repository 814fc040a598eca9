// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_topic_partitions.h"

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::DescribeTopicPartitionsRequest;
using wire::kafka::DescribeTopicPartitionsResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int32_t kPartitionsMax = 2000;  // max.request.partition.size.limit

// Of all topics, those are left out that one may not describe.
std::vector<std::string> names_of(RequestContext& context, const security::Rights& rights,
                                  const DescribeTopicPartitionsRequest& request) {
  std::vector<std::string> names;
  if (request.topics.empty()) {
    for (const auto& topic : context.broker().topics()) {
      if (rights.topic(AclOperation::Describe, topic->name)) names.push_back(topic->name);
    }
  }
  for (const auto& topic : request.topics) names.push_back(topic.name);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (request.cursor) {
    std::erase_if(names,
                  [&](const std::string& name) { return name < request.cursor->topic_name; });
  }
  return names;
}

DescribeTopicPartitionsResponse::Topic::Partition describe(const embedded::Partition& partition,
                                                           std::int32_t node) {
  DescribeTopicPartitionsResponse::Topic::Partition one;
  const bool healthy = partition.health().ok();
  one.index = partition.index();
  one.error_code = healthy ? KafkaError::None : KafkaError::LeaderNotAvailable;
  one.leader_id = healthy ? node : -1;
  one.leader_epoch = healthy ? partition.leader_epoch() : -1;
  one.replica_nodes = {node};
  if (healthy) one.isr_nodes = {node};
  if (!healthy) one.offline_replicas = {node};
  one.eligible_leader_replicas.emplace();
  one.last_known_elr.emplace();
  return one;
}

}  // namespace

Task<DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext& context, DescribeTopicPartitionsRequest request) {
  DescribeTopicPartitionsResponse response;
  std::int32_t left = std::clamp(request.response_partition_limit, 1, kPartitionsMax);
  const security::Rights rights = context.rights();
  for (const std::string& name : names_of(context, rights, request)) {
    if (!rights.topic(AclOperation::Describe, name)) {
      auto& refused = response.topics.emplace_back();
      refused.name = name;
      refused.error_code = KafkaError::TopicAuthorizationFailed;
      continue;
    }
    const bool resumed = request.cursor && request.cursor->topic_name == name;
    std::int32_t next = resumed ? std::max(request.cursor->index, 0) : 0;
    const auto topic = context.broker().find_topic(name);
    DescribeTopicPartitionsResponse::Topic shown;
    shown.name = name;
    shown.topic_authorized_operations =
        rights.allowed_of(kTopicOperations, security::AclResource::Topic, name);
    if (!topic) {
      shown.error_code = is_topic_name(name) ? KafkaError::UnknownTopicOrPartition
                                             : KafkaError::InvalidTopicException;
      response.topics.push_back(std::move(shown));
      continue;
    }
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    if (left == 0) {
      response.next_cursor = {.topic_name = name, .index = next};
      break;
    }
    shown.topic_id = topic->id;
    shown.is_internal = topic->internal;
    for (; next < count && left > 0; ++next, --left) {
      shown.partitions.push_back(describe(*topic->partitions[static_cast<std::size_t>(next)],
                                          context.services.options.node_id));
    }
    response.topics.push_back(std::move(shown));
    if (next < count) {
      response.next_cursor = {.topic_name = name, .index = next};
      break;
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
