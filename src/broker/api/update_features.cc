// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/update_features.h"

#include <fmt/core.h>

#include <algorithm>

#include "broker/api/features.h"
#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::KafkaError;
using wire::kafka::UpdateFeaturesRequest;
using wire::kafka::UpdateFeaturesResponse;

namespace {

UpdateFeaturesResponse::Outcome judge(const UpdateFeaturesRequest::Update& update) {
  UpdateFeaturesResponse::Outcome outcome;
  outcome.feature = update.feature;
  outcome.error_message.reset();
  const auto known = std::ranges::find(kFeatures, update.feature, &Feature::name);
  if (known != kFeatures.end() && known->level == update.max_version_level) return outcome;
  outcome.error_code = KafkaError::InvalidUpdateVersion;
  outcome.error_message =
      known == kFeatures.end()
          ? fmt::format("Feature '{}' is not supported.", update.feature)
          : fmt::format("Level {} of feature '{}' cannot be set: it is {}, as this program has it.",
                        update.max_version_level, update.feature, known->level);
  return outcome;
}

}  // namespace

// All or nothing; before version 2 each feature has an outcome of its own, from then on the first
// failure is the answer's.
Task<UpdateFeaturesResponse> update_features(RequestContext& context,
                                             UpdateFeaturesRequest request) {
  constexpr std::int16_t kOneOutcomeFrom = 2;
  UpdateFeaturesResponse response;
  response.error_message.reset();
  if (!context.rights().cluster(security::AclOperation::Alter)) {
    response.error_code = KafkaError::ClusterAuthorizationFailed;
    response.error_message = "Cluster authorization failed.";
    co_return response;
  }
  if (request.feature_updates.empty()) {
    response.error_code = KafkaError::InvalidRequest;
    response.error_message = "Can not provide empty FeatureUpdates in the request.";
    co_return response;
  }
  for (const auto& update : request.feature_updates) {
    auto outcome = judge(update);
    if (context.version() < kOneOutcomeFrom) {
      response.results.push_back(std::move(outcome));
    } else if (response.error_code == KafkaError::None) {
      response.error_code = outcome.error_code;
      response.error_message = std::move(outcome.error_message);
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
