// SPDX-License-Identifier: Apache-2.0
// What DescribeConfigs, AlterConfigs and IncrementalAlterConfigs share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/api/request_context.h"

namespace tidemill::broker::api {

// Kafka's ConfigResource.Type.
enum class ResourceType : std::int8_t {
  Topic = 2,
  Broker = 4,
  BrokerLogger = 8,
  ClientMetrics = 16,
  Group = 32,
};

// Kafka's ConfigSource.
enum class ConfigSource : std::int8_t {
  DynamicTopic = 1,
  StaticBroker = 4,
  Default = 5,
};

// A configuration of the broker itself: shown, and changed in tidemill.yaml only.
struct BrokerConfig {
  std::string name;
  std::string value;
  embedded::ConfigType type;
  std::string help;
  bool is_default = true;
};

// Sorted by name.
std::vector<BrokerConfig> broker_configs(const RequestContext& context);

// What is refused to whom the operation (DescribeConfigs, AlterConfigs) is not allowed.
Result<> check_config_rights(const security::Rights& rights, security::AclOperation operation,
                             std::int8_t resource_type, const std::string& resource_name);

// The topic's overrides; the error names what cannot be altered and carries Kafka's code.
Result<embedded::TopicConfigs> alterable_configs(const RequestContext& context,
                                                 std::int8_t resource_type,
                                                 const std::string& resource_name);

// Writes the topic's new overrides, or only checks them.
Task<> apply_configs(RequestContext& context, std::string topic, embedded::TopicConfigs overrides,
                     bool validate_only);

wire::kafka::KafkaError config_error_of(const Error& failure);

}  // namespace tidemill::broker::api
