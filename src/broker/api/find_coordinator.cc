// SPDX-License-Identifier: Apache-2.0
// One node coordinates everything.
#include "wire/kafka/find_coordinator.h"

#include <fmt/core.h>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::FindCoordinatorRequest;
using wire::kafka::FindCoordinatorResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kSeveralKeysFrom = 4;
constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransaction = 1;

}  // namespace

Task<FindCoordinatorResponse> find_coordinator(RequestContext& context,
                                               FindCoordinatorRequest request) {
  FindCoordinatorResponse response;
  const bool known = request.key_type == kGroup || request.key_type == kTransaction;
  const std::string refusal =
      known ? "" : fmt::format("coordinators of type {} are not served", request.key_type);
  if (context.version() < kSeveralKeysFrom) {
    response.error_code = known ? KafkaError::None : KafkaError::InvalidRequest;
    if (!known) response.error_message = refusal;
    response.node_id = known ? context.services.options.node_id : -1;
    response.host = known ? context.advertised_host : "";
    response.port = known ? context.advertised_port : -1;
    co_return response;
  }
  for (auto& key : request.coordinator_keys) {
    FindCoordinatorResponse::Coordinator one;
    one.key = std::move(key);
    one.error_code = known ? KafkaError::None : KafkaError::InvalidRequest;
    if (!known) one.error_message = refusal;
    one.node_id = known ? context.services.options.node_id : -1;
    one.host = known ? context.advertised_host : "";
    one.port = known ? context.advertised_port : -1;
    response.coordinators.push_back(std::move(one));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
