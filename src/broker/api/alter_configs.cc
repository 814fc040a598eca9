// SPDX-License-Identifier: Apache-2.0
// Replaces all configurations of a resource: what is not named goes back to its default.
#include "wire/kafka/alter_configs.h"

#include "broker/api/config_resources.h"
#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::AlterConfigsRequest;
using wire::kafka::AlterConfigsResponse;

Task<AlterConfigsResponse> alter_configs(RequestContext& context, AlterConfigsRequest request) {
  AlterConfigsResponse response;
  const security::Rights rights = context.rights();
  for (const auto& resource : request.resources) {
    Result<> outcome = check_config_rights(rights, security::AclOperation::AlterConfigs,
                                           resource.resource_type, resource.resource_name);
    if (outcome.ok()) {
      const auto present =
          alterable_configs(context, resource.resource_type, resource.resource_name);
      if (!present.ok()) outcome = present.error();
    }
    embedded::TopicConfigs overrides;
    for (const auto& config : resource.configs) {
      if (config.value) overrides[config.name] = *config.value;
    }
    if (outcome.ok()) {
      outcome = co_await apply_configs(context, resource.resource_name, std::move(overrides),
                                       request.validate_only);
    }
    AlterConfigsResponse::Resource shown;
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
