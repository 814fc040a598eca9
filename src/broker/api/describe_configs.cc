// SPDX-License-Identifier: Apache-2.0
// Every configuration is listed, with where its value comes from: tools read all of them, change
// one and write all of them back.
#include "wire/kafka/describe_configs.h"

#include <fmt/core.h>

#include <algorithm>

#include "broker/api/config_resources.h"
#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using embedded::TopicConfigSpec;
using wire::kafka::DescribeConfigsRequest;
using wire::kafka::DescribeConfigsResponse;
using wire::kafka::KafkaError;
using Shown = DescribeConfigsResponse::Resource;

namespace {

bool wanted(const DescribeConfigsRequest::Resource& resource, std::string_view name) {
  return !resource.configuration_keys || std::ranges::find(*resource.configuration_keys, name) !=
                                             resource.configuration_keys->end();
}

std::int8_t number(ConfigSource source) {
  return static_cast<std::int8_t>(source);
}

Shown::Config show_topic_config(const embedded::Topic& topic, const ConfigValue& config,
                                const embedded::TopicConfigs& broker_defaults) {
  const TopicConfigSpec* const spec = embedded::find_topic_config(config.name);
  Shown::Config one;
  one.name = config.name;
  one.value = config.value;
  const auto overridden = topic.configs.find(config.name);
  const auto broker_default = broker_defaults.find(config.name);
  one.config_source = number(overridden != topic.configs.end()         ? ConfigSource::DynamicTopic
                             : broker_default != broker_defaults.end() ? ConfigSource::StaticBroker
                                                                       : ConfigSource::Default);
  // Most specific first, as the value is looked up.
  if (overridden != topic.configs.end()) {
    one.synonyms.push_back(
        {.name = config.name, .value = config.value, .source = number(ConfigSource::DynamicTopic)});
  }
  if (spec == nullptr) return one;
  one.config_type = static_cast<std::int8_t>(spec->type);
  one.documentation = std::string(spec->help);
  const std::string broker_name(spec->broker_synonym);
  if (broker_name.empty()) return one;
  if (broker_default != broker_defaults.end()) {
    one.synonyms.push_back({.name = broker_name,
                            .value = broker_default->second,
                            .source = number(ConfigSource::StaticBroker)});
  }
  one.synonyms.push_back({.name = broker_name,
                          .value = std::string(spec->default_value),
                          .source = number(ConfigSource::Default)});
  return one;
}

void describe_topic(RequestContext& context, const DescribeConfigsRequest::Resource& resource,
                    Shown& shown) {
  if (!is_topic_name(resource.resource_name)) {
    shown.error_code = KafkaError::InvalidTopicException;
    shown.error_message = fmt::format("'{}' is not a topic name", resource.resource_name);
    return;
  }
  const auto topic = context.broker().find_topic(resource.resource_name);
  if (!topic) {
    shown.error_code = KafkaError::UnknownTopicOrPartition;
    shown.error_message = fmt::format("topic '{}' does not exist", resource.resource_name);
    return;
  }
  const embedded::TopicConfigs& defaults = context.broker().options().topic_defaults;
  embedded::TopicConfigs effective = defaults;
  for (const auto& [name, value] : topic->configs) effective[name] = value;
  for (const ConfigValue& config : embedded::describe_topic_configs(effective)) {
    if (wanted(resource, config.name)) {
      shown.configs.push_back(show_topic_config(*topic, config, defaults));
    }
  }
}

void describe_broker(RequestContext& context, const DescribeConfigsRequest::Resource& resource,
                     Shown& shown) {
  // No name asks for what is set dynamically for all brokers: nothing is.
  if (resource.resource_name.empty()) return;
  if (resource.resource_name != fmt::format("{}", context.services.options.node_id)) {
    shown.error_code = KafkaError::InvalidRequest;
    shown.error_message = fmt::format("node '{}' is unknown, this is node {}",
                                      resource.resource_name, context.services.options.node_id);
    return;
  }
  for (BrokerConfig& config : broker_configs(context)) {
    if (!wanted(resource, config.name)) continue;
    Shown::Config one;
    const ConfigSource source =
        config.is_default ? ConfigSource::Default : ConfigSource::StaticBroker;
    one.name = config.name;
    one.value = config.value;
    one.read_only = true;
    one.config_source = number(source);
    one.config_type = static_cast<std::int8_t>(config.type);
    one.documentation = std::move(config.help);
    one.synonyms.push_back(
        {.name = config.name, .value = std::move(config.value), .source = number(source)});
    shown.configs.push_back(std::move(one));
  }
}

}  // namespace

Task<DescribeConfigsResponse> describe_configs(RequestContext& context,
                                               DescribeConfigsRequest request) {
  DescribeConfigsResponse response;
  const security::Rights rights = context.rights();
  for (const auto& resource : request.resources) {
    Shown shown;
    shown.resource_type = resource.resource_type;
    shown.resource_name = resource.resource_name;
    const auto allowed = check_config_rights(rights, security::AclOperation::DescribeConfigs,
                                             resource.resource_type, resource.resource_name);
    if (!allowed.ok()) {
      shown.error_code = config_error_of(allowed.error());
      shown.error_message = allowed.error().message;
      response.resources.push_back(std::move(shown));
      continue;
    }
    switch (static_cast<ResourceType>(resource.resource_type)) {
      case ResourceType::Topic:
        describe_topic(context, resource, shown);
        break;
      case ResourceType::Broker:
        describe_broker(context, resource, shown);
        break;
      case ResourceType::BrokerLogger:
      case ResourceType::ClientMetrics:
      case ResourceType::Group:
      default:
        shown.error_code = KafkaError::InvalidRequest;
        shown.error_message =
            fmt::format("configurations of resource type {} are not kept", resource.resource_type);
        break;
    }
    for (auto& config : shown.configs) {
      if (!request.include_synonyms) config.synonyms.clear();
      if (!request.include_documentation) config.documentation.reset();
    }
    response.resources.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
