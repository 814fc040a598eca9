// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/create_topics.h"

#include <fmt/core.h>

#include <map>
#include <set>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::CreateTopicsRequest;
using wire::kafka::CreateTopicsResponse;
using wire::kafka::KafkaError;
using WantedTopic = CreateTopicsRequest::Topic;

namespace {

constexpr std::int8_t kDynamicTopicConfig = 1;
constexpr std::int8_t kDefaultConfig = 5;

Error refusal(KafkaError code, std::string message) {
  Error failure = error(ErrorCode::InvalidArgument, std::move(message));
  failure.detail = static_cast<int>(code);
  return failure;
}

// Manual assignments: partitions 0, 1, 2, ... each on this node.
Result<std::int32_t> assigned_partitions(const WantedTopic& wanted, std::int32_t node) {
  if (wanted.num_partitions != -1 || wanted.replication_factor != -1) {
    return refusal(KafkaError::InvalidRequest,
                   fmt::format("topic '{}' has both assignments and a partition or replica count",
                               wanted.name));
  }
  std::set<std::int32_t> indexes;
  for (const auto& assignment : wanted.assignments) {
    if (assignment.broker_ids != std::vector<std::int32_t>{node}) {
      return refusal(KafkaError::InvalidReplicaAssignment,
                     fmt::format("partition {} of topic '{}' can only be on node {}",
                                 assignment.index, wanted.name, node));
    }
    indexes.insert(assignment.index);
  }
  const auto count = static_cast<std::int32_t>(wanted.assignments.size());
  if (indexes.size() != wanted.assignments.size() || *indexes.begin() != 0 ||
      *indexes.rbegin() != count - 1) {
    return refusal(KafkaError::InvalidReplicaAssignment,
                   fmt::format("assignments of topic '{}' do not number its partitions from 0 on",
                               wanted.name));
  }
  return count;
}

Result<NewTopic> to_new_topic(const WantedTopic& wanted, std::int32_t node) {
  NewTopic topic;
  topic.name = wanted.name;
  if (!is_topic_name(wanted.name)) {
    return refusal(KafkaError::InvalidTopicException,
                   fmt::format("'{}' is not a topic name: 1 to 249 letters, digits, '.', '_', '-'",
                               wanted.name));
  }
  if (!wanted.assignments.empty()) {
    topic.partitions = TRY(assigned_partitions(wanted, node));
  } else {
    if (wanted.num_partitions == 0 || wanted.num_partitions < -1) {
      return refusal(KafkaError::InvalidPartitions, "Number of partitions must be larger than 0.");
    }
    // More replicas than this one node are accepted and reported as one: tools written for a
    // cluster work unchanged.
    if (wanted.replication_factor == 0 || wanted.replication_factor < -1) {
      return refusal(KafkaError::InvalidReplicationFactor,
                     "Replication factor must be larger than 0.");
    }
    topic.partitions = wanted.num_partitions;
  }
  for (const auto& config : wanted.configs) {
    if (!config.value) {
      return refusal(
          KafkaError::InvalidConfig,
          fmt::format("configuration {} of topic '{}' is null", config.name, topic.name));
    }
    topic.configs[config.name] = *config.value;
  }
  return topic;
}

void show_configs(const embedded::TopicConfigs& overrides, CreateTopicsResponse::Topic& shown) {
  auto& configs = shown.configs.emplace();
  for (const ConfigValue& config : embedded::describe_topic_configs(overrides)) {
    configs.push_back(
        {.name = config.name,
         .value = config.value,
         .config_source = overrides.contains(config.name) ? kDynamicTopicConfig : kDefaultConfig});
  }
}

KafkaError code_of(const Error& failure) {
  // Without a code of its own an invalid argument is about the configuration: the rest was checked.
  if (failure.code == ErrorCode::InvalidArgument && failure.detail == 0) {
    return KafkaError::InvalidConfig;
  }
  return kafka_error_of(failure);
}

Task<CreateTopicsResponse::Topic> create(RequestContext& context, security::Rights rights,
                                         WantedTopic wanted, bool validate_only) {
  CreateTopicsResponse::Topic shown;
  shown.name = wanted.name;
  if (!rights.cluster(AclOperation::Create) && !rights.topic(AclOperation::Create, wanted.name)) {
    shown.error_code = KafkaError::TopicAuthorizationFailed;
    shown.error_message = "Authorization failed.";
    co_return shown;
  }
  Result<NewTopic> topic = to_new_topic(wanted, context.services.options.node_id);
  Result<> outcome;
  if (!topic.ok()) {
    outcome = topic.error();
  } else {
    auto act = [broker = &context.broker(), topic = *topic, validate_only]() -> Result<> {
      if (validate_only) return broker->check_topic(topic);
      TRY(broker->create_topic(topic));
      return {};
    };
    outcome = co_await run_blocking(context.services.blocking, std::move(act));
  }
  if (!outcome.ok()) {
    shown.error_code = code_of(outcome.error());
    // Tools look for Kafka's words.
    shown.error_message = shown.error_code == KafkaError::TopicAlreadyExists
                              ? fmt::format("Topic '{}' already exists.", wanted.name)
                              : outcome.error().message;
    co_return shown;
  }
  const auto created = context.broker().find_topic(wanted.name);
  if (created) shown.topic_id = created->id;
  // Whoever may create a topic may not know what became of it (KIP-525).
  if (!rights.topic(AclOperation::DescribeConfigs, wanted.name)) {
    shown.topic_config_error_code = static_cast<std::int16_t>(KafkaError::TopicAuthorizationFailed);
    co_return shown;
  }
  if (created) {
    shown.num_partitions = static_cast<std::int32_t>(created->partitions.size());
  } else {
    shown.num_partitions =
        topic->partitions == -1 ? context.broker().options().default_partitions : topic->partitions;
  }
  shown.replication_factor = 1;
  show_configs(topic->configs, shown);
  co_return shown;
}

}  // namespace

Task<CreateTopicsResponse> create_topics(RequestContext& context, CreateTopicsRequest request) {
  CreateTopicsResponse response;
  const security::Rights rights = context.rights();
  std::map<std::string, int> named;
  for (const auto& topic : request.topics) ++named[topic.name];
  for (const auto& [name, times] : named) {
    if (times == 1) continue;
    CreateTopicsResponse::Topic twice;
    twice.name = name;
    twice.error_code = KafkaError::InvalidRequest;
    twice.error_message = "Duplicate topic name.";
    response.topics.push_back(std::move(twice));
  }
  for (auto& topic : request.topics) {
    if (named[topic.name] > 1) continue;
    response.topics.push_back(
        CO_TRY(co_await create(context, rights, std::move(topic), request.validate_only)));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
