// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/api_versions.h"

#include <algorithm>

#include "broker/api/api_table.h"
#include "broker/api/features.h"
#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::ApiVersionsRequest;
using wire::kafka::ApiVersionsResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kNamesSoftwareFrom = 3;
// Before, a feature whose range begins at 0 made Java clients fail (KIP-1022).
constexpr std::int16_t kZeroFeaturesFrom = 4;

// [a-zA-Z0-9] ([a-zA-Z0-9.-]* [a-zA-Z0-9])?, as KIP-511 has it.
bool is_software_text(const std::string& text) {
  const auto inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && inner(text.front()) && inner(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return inner(c) || c == '.' || c == '-'; });
}

}  // namespace

ApiVersionsResponse list_apis(std::int16_t version) {
  ApiVersionsResponse response;
  for (const ApiEntry& entry : api_table()) {
    response.api_keys.push_back({.api_key = static_cast<std::int16_t>(entry.spec.key),
                                 .min_version = entry.advertised_lowest,
                                 .max_version = entry.spec.highest});
  }
  response.finalized_features_epoch = 1;
  for (const Feature& feature : kFeatures) {
    const std::string name(feature.name);
    if (feature.lowest > 0 || version >= kZeroFeaturesFrom) {
      response.supported_features.push_back(
          {.name = name, .min_version = feature.lowest, .max_version = feature.highest});
    }
    response.finalized_features.push_back(
        {.name = name, .max_version_level = feature.level, .min_version_level = feature.level});
  }
  return response;
}

Task<ApiVersionsResponse> api_versions(RequestContext& context, ApiVersionsRequest request) {
  if (context.version() >= kNamesSoftwareFrom &&
      !(is_software_text(request.client_software_name) &&
        is_software_text(request.client_software_version))) {
    ApiVersionsResponse response;
    response.error_code = KafkaError::InvalidRequest;
    co_return response;
  }
  co_return list_apis(context.version());
}

}  // namespace tidemill::broker::api
