// SPDX-License-Identifier: Apache-2.0
// One node coordinates everything.
#include "wire/kafka/find_coordinator.h"

#include <fmt/core.h>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::FindCoordinatorRequest;
using wire::kafka::FindCoordinatorResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kSeveralKeysFrom = 4;
constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransaction = 1;

KafkaError check(const security::Rights& rights, std::int8_t type, const std::string& key) {
  switch (type) {
    case kGroup:
      return rights.group(AclOperation::Describe, key) ? KafkaError::None
                                                       : KafkaError::GroupAuthorizationFailed;
    case kTransaction:
      return rights.transactional_id(AclOperation::Describe, key)
                 ? KafkaError::None
                 : KafkaError::TransactionalIdAuthorizationFailed;
    default:
      return KafkaError::InvalidRequest;
  }
}

std::string reason(KafkaError code, std::int8_t type) {
  switch (code) {
    case KafkaError::GroupAuthorizationFailed:
      return "Group authorization failed.";
    case KafkaError::TransactionalIdAuthorizationFailed:
      return "Transactional Id authorization failed.";
    default:
      return fmt::format("coordinators of type {} are not served", type);
  }
}

}  // namespace

Task<FindCoordinatorResponse> find_coordinator(RequestContext& context,
                                               FindCoordinatorRequest request) {
  FindCoordinatorResponse response;
  const security::Rights rights = context.rights();
  // The two places of the response have the same fields.
  const auto fill = [&](auto& one, const std::string& key) {
    one.error_code = check(rights, request.key_type, key);
    const bool found = one.error_code == KafkaError::None;
    if (!found) one.error_message = reason(one.error_code, request.key_type);
    one.node_id = found ? context.services.options.node_id : -1;
    one.host = found ? context.advertised_host : "";
    one.port = found ? context.advertised_port : -1;
  };
  if (context.version() < kSeveralKeysFrom) {
    fill(response, request.key);
    co_return response;
  }
  for (auto& key : request.coordinator_keys) {
    FindCoordinatorResponse::Coordinator one;
    fill(one, key);
    one.key = std::move(key);
    response.coordinators.push_back(std::move(one));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
