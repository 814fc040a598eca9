// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/incremental_alter_configs.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "broker/api/config_resources.h"
#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using embedded::TopicConfigs;
using wire::kafka::IncrementalAlterConfigsRequest;
using wire::kafka::IncrementalAlterConfigsResponse;
using wire::kafka::KafkaError;
using Change = IncrementalAlterConfigsRequest::Resource::Config;

namespace {

enum class Operation : std::int8_t { Set = 0, Delete = 1, Append = 2, Subtract = 3 };

Error refusal(KafkaError code, std::string message) {
  Error failure = error(ErrorCode::InvalidArgument, std::move(message));
  failure.detail = static_cast<int>(code);
  return failure;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> elements;
  std::size_t from = 0;
  while (from <= list.size()) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    if (comma > from) elements.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return elements;
}

std::string join(const std::vector<std::string>& elements) {
  std::string list;
  for (const std::string& element : elements) list += (list.empty() ? "" : ",") + element;
  return list;
}

// The list of which the topic has no override yet is the default's.
Result<std::vector<std::string>> present_list(const TopicConfigs& overrides,
                                              const std::string& name) {
  const auto* const spec = embedded::find_topic_config(name);
  if (spec == nullptr) {
    return refusal(KafkaError::InvalidConfig, fmt::format("Unknown topic config name: {}", name));
  }
  if (spec->type != embedded::ConfigType::List) {
    return refusal(KafkaError::InvalidConfig,
                   fmt::format("configuration {} is not a list, it cannot be appended to or "
                               "subtracted from",
                               name));
  }
  const auto at = overrides.find(name);
  return split(at == overrides.end() ? std::string(spec->default_value) : at->second);
}

Result<> apply(const Change& change, TopicConfigs& overrides) {
  const auto operation = static_cast<Operation>(change.config_operation);
  if (operation == Operation::Delete) {
    if (embedded::find_topic_config(change.name) == nullptr) {
      return refusal(KafkaError::InvalidConfig,
                     fmt::format("Unknown topic config name: {}", change.name));
    }
    overrides.erase(change.name);
    return {};
  }
  if (!change.value) {
    return refusal(KafkaError::InvalidConfig,
                   fmt::format("configuration {} is set to null", change.name));
  }
  if (operation == Operation::Set) {
    overrides[change.name] = *change.value;
    return {};
  }
  if (operation != Operation::Append && operation != Operation::Subtract) {
    return refusal(KafkaError::InvalidRequest,
                   fmt::format("configuration {} has unknown operation {}", change.name,
                               change.config_operation));
  }
  std::vector<std::string> list = TRY(present_list(overrides, change.name));
  for (const std::string& element : split(*change.value)) {
    std::erase(list, element);
    if (operation == Operation::Append) list.push_back(element);
  }
  overrides[change.name] = join(list);
  return {};
}

Result<TopicConfigs> changed(const RequestContext& context, const security::Rights& rights,
                             const IncrementalAlterConfigsRequest::Resource& resource) {
  TRY(check_config_rights(rights, security::AclOperation::AlterConfigs, resource.resource_type,
                          resource.resource_name));
  TopicConfigs overrides =
      TRY(alterable_configs(context, resource.resource_type, resource.resource_name));
  std::set<std::string> named;
  for (const Change& change : resource.configs) {
    if (!named.insert(change.name).second) {
      return refusal(KafkaError::InvalidRequest,
                     fmt::format("configuration {} is named twice", change.name));
    }
    TRY(apply(change, overrides));
  }
  return overrides;
}

}  // namespace

Task<IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext& context, IncrementalAlterConfigsRequest request) {
  IncrementalAlterConfigsResponse response;
  const security::Rights rights = context.rights();
  for (const auto& resource : request.resources) {
    Result<TopicConfigs> overrides = changed(context, rights, resource);
    Result<> outcome = overrides.ok() ? Result<>{} : Result<>(overrides.error());
    if (outcome.ok()) {
      outcome = co_await apply_configs(context, resource.resource_name, *std::move(overrides),
                                       request.validate_only);
    }
    IncrementalAlterConfigsResponse::Resource shown;
    shown.resource_type = resource.resource_type;
    shown.resource_name = resource.resource_name;
    if (!outcome.ok()) {
      shown.error_code = config_error_of(outcome.error());
      shown.error_message = outcome.error().message;
    }
    response.resources.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
