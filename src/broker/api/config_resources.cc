// SPDX-License-Identifier: Apache-2.0
#include "broker/api/config_resources.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::ConfigType;
using wire::kafka::KafkaError;

namespace {

Error refusal(KafkaError code, std::string message) {
  Error failure = error(ErrorCode::InvalidArgument, std::move(message));
  failure.detail = static_cast<int>(code);
  return failure;
}

std::string yes(bool value) {
  return value ? "true" : "false";
}

}  // namespace

std::vector<BrokerConfig> broker_configs(const RequestContext& context) {
  const ApiOptions& api = context.services.options;
  const embedded::EmbeddedOptions& broker = context.broker().options();
  const std::string listener =
      fmt::format("PLAINTEXT://{}:{}", context.advertised_host, context.advertised_port);
  std::vector<BrokerConfig> all{
      {"advertised.listeners", listener, ConfigType::String, "Address that clients are told."},
      {"auto.create.topics.enable", yes(api.auto_create_topics), ConfigType::Boolean,
       "Whether a topic is created when a client asks for its metadata."},
      {"broker.id", fmt::format("{}", api.node_id), ConfigType::Int, "Id of this node."},
      {"default.replication.factor", "1", ConfigType::Int,
       "Replicas of a new topic; one node has one."},
      {"delete.topic.enable", "true", ConfigType::Boolean, "Whether topics can be deleted."},
      {"fetch.max.bytes", fmt::format("{}", api.fetch_bytes_max), ConfigType::Int,
       "Largest fetch response."},
      {"listeners", listener, ConfigType::String, "Address this node listens on."},
      {"log.cleaner.backoff.ms", fmt::format("{}", broker.compaction_interval.count()),
       ConfigType::Long, "How often compacted topics are looked at."},
      {"log.cleaner.dedupe.buffer.size", fmt::format("{}", broker.compaction_bytes_max),
       ConfigType::Long, "Memory for the keys of one pass of compaction."},
      {"log.cleaner.enable", "true", ConfigType::Boolean,
       "Whether topics with cleanup.policy=compact are compacted."},
      {"log.dirs", broker.folder, ConfigType::String, "Folder of the logs."},
      {"node.id", fmt::format("{}", api.node_id), ConfigType::Int, "Id of this node."},
      {"num.partitions", fmt::format("{}", broker.default_partitions), ConfigType::Int,
       "Partitions of a topic that is created without a number."},
      {"offset.metadata.max.bytes", fmt::format("{}", api.offset_metadata_bytes_max),
       ConfigType::Int, "Longest text that may be stored with a committed offset."},
      {"process.roles", "broker,controller", ConfigType::List, "What this node is."},
      {"socket.request.max.bytes", fmt::format("{}", api.request_bytes_max), ConfigType::Int,
       "Largest request; a larger one closes the connection."},
      {"transaction.max.timeout.ms", fmt::format("{}", broker.transaction_timeout_max.count()),
       ConfigType::Int, "Longest timeout a transactional producer may ask for."},
  };
  // The broker's side of the topic configurations: what a topic without an override has.
  for (const auto& spec : embedded::topic_config_specs()) {
    if (spec.broker_synonym.empty()) continue;
    const std::string name(spec.broker_synonym);
    if (std::ranges::any_of(all, [&](const auto& config) { return config.name == name; })) continue;
    const auto set = broker.topic_defaults.find(std::string(spec.name));
    const bool is_default = set == broker.topic_defaults.end();
    all.push_back({name, is_default ? std::string(spec.default_value) : set->second, spec.type,
                   std::string(spec.help), is_default});
  }
  std::ranges::sort(all, {}, &BrokerConfig::name);
  return all;
}

Result<> check_config_rights(const security::Rights& rights, security::AclOperation operation,
                             std::int8_t resource_type, const std::string& resource_name) {
  switch (static_cast<ResourceType>(resource_type)) {
    case ResourceType::Topic:
      if (rights.topic(operation, resource_name)) return {};
      return refusal(KafkaError::TopicAuthorizationFailed, "Topic authorization failed.");
    case ResourceType::Group:
      if (rights.group(operation, resource_name)) return {};
      return refusal(KafkaError::GroupAuthorizationFailed, "Group authorization failed.");
    case ResourceType::Broker:
    case ResourceType::BrokerLogger:
    case ResourceType::ClientMetrics:
      break;
  }
  if (rights.cluster(operation)) return {};
  return refusal(KafkaError::ClusterAuthorizationFailed, "Cluster authorization failed.");
}

Result<embedded::TopicConfigs> alterable_configs(const RequestContext& context,
                                                 std::int8_t resource_type,
                                                 const std::string& resource_name) {
  switch (static_cast<ResourceType>(resource_type)) {
    case ResourceType::Topic: {
      if (!is_topic_name(resource_name)) {
        return refusal(KafkaError::InvalidTopicException,
                       fmt::format("'{}' is not a topic name", resource_name));
      }
      const auto topic = context.broker().find_topic(resource_name);
      if (topic) return topic->configs;
      return refusal(KafkaError::UnknownTopicOrPartition,
                     fmt::format("topic '{}' does not exist", resource_name));
    }
    case ResourceType::Broker:
      return refusal(KafkaError::InvalidRequest,
                     "configurations of the broker are set in tidemill.yaml, not at run time");
    case ResourceType::BrokerLogger:
    case ResourceType::ClientMetrics:
    case ResourceType::Group:
      break;
  }
  return refusal(KafkaError::InvalidRequest,
                 fmt::format("configurations of resource type {} are not kept", resource_type));
}

Task<> apply_configs(RequestContext& context, std::string topic, embedded::TopicConfigs overrides,
                     bool validate_only) {
  const auto parsed = embedded::parse_topic_settings(overrides);
  if (!parsed.ok()) co_return parsed.error();
  if (validate_only) co_return Result<>{};
  auto act = [broker = &context.broker(), topic = std::move(topic),
              overrides = std::move(overrides)] {
    return broker->set_topic_configs(topic, overrides);
  };
  co_return co_await run_blocking(context.services.blocking, std::move(act));
}

KafkaError config_error_of(const Error& failure) {
  const bool plain = failure.code == ErrorCode::InvalidArgument && failure.detail == 0;
  return plain ? KafkaError::InvalidConfig : kafka_error_of(failure);
}

}  // namespace tidemill::broker::api
