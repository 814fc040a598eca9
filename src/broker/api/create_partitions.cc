// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/create_partitions.h"

#include <fmt/core.h>

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using wire::kafka::CreatePartitionsRequest;
using wire::kafka::CreatePartitionsResponse;
using wire::kafka::KafkaError;
using WantedTopic = CreatePartitionsRequest::Topic;

namespace {

Error refusal(KafkaError code, std::string message) {
  Error failure = error(ErrorCode::InvalidArgument, std::move(message));
  failure.detail = static_cast<int>(code);
  return failure;
}

Result<> check(const embedded::EmbeddedBroker& broker, const WantedTopic& wanted,
               std::int32_t node) {
  const auto topic = broker.find_topic(wanted.name);
  if (!topic) {
    return refusal(KafkaError::UnknownTopicOrPartition,
                   fmt::format("topic '{}' does not exist", wanted.name));
  }
  const auto present = static_cast<std::int32_t>(topic->partitions.size());
  if (wanted.count <= present) {
    return refusal(KafkaError::InvalidPartitions,
                   fmt::format("The topic {} currently has {} partition(s); {} would not be an "
                               "increase.",
                               wanted.name, present, wanted.count));
  }
  if (wanted.count > broker.options().partitions_max) {
    return refusal(KafkaError::InvalidPartitions,
                   fmt::format("topic '{}' would have {} partitions, this node holds {} at most",
                               wanted.name, wanted.count, broker.options().partitions_max));
  }
  if (!wanted.assignments) return {};
  const bool here = std::ranges::all_of(*wanted.assignments, [node](const auto& assignment) {
    return assignment.broker_ids == std::vector<std::int32_t>{node};
  });
  if (!here || static_cast<std::int32_t>(wanted.assignments->size()) != wanted.count - present) {
    return refusal(KafkaError::InvalidReplicaAssignment,
                   fmt::format("topic '{}' grows by {} partitions, each can only be on node {}",
                               wanted.name, wanted.count - present, node));
  }
  return {};
}

}  // namespace

Task<CreatePartitionsResponse> create_partitions(RequestContext& context,
                                                 CreatePartitionsRequest request) {
  CreatePartitionsResponse response;
  const security::Rights rights = context.rights();
  for (const auto& wanted : request.topics) {
    if (!rights.topic(security::AclOperation::Alter, wanted.name)) {
      auto& refused = response.results.emplace_back();
      refused.name = wanted.name;
      refused.error_code = KafkaError::TopicAuthorizationFailed;
      refused.error_message = "The topic authorization is failed.";
      continue;
    }
    Result<> outcome = check(context.broker(), wanted, context.services.options.node_id);
    if (outcome.ok() && !request.validate_only) {
      auto act = [broker = &context.broker(), name = wanted.name, count = wanted.count] {
        return broker->create_partitions(name, count);
      };
      outcome = co_await run_blocking(context.services.blocking, std::move(act));
    }
    CreatePartitionsResponse::Topic shown;
    shown.name = wanted.name;
    if (!outcome.ok()) {
      shown.error_code = kafka_error_of(outcome.error());
      shown.error_message = outcome.error().message;
    }
    response.results.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
