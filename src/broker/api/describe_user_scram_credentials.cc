// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_user_scram_credentials.h"

#include <fmt/format.h>

#include <map>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeUserScramCredentialsRequest;
using wire::kafka::DescribeUserScramCredentialsResponse;
using wire::kafka::KafkaError;

namespace {

using UserResult = DescribeUserScramCredentialsResponse::Result;

UserResult describe(const security::User& user) {
  UserResult result{.user = user.name};
  for (const auto& [mechanism, credential] : user.credentials) {
    result.credential_infos.push_back(
        {.mechanism = static_cast<std::int8_t>(mechanism), .iterations = credential.iterations});
  }
  return result;
}

UserResult failed(const std::string& user, KafkaError code, std::string message) {
  return {.user = user, .error_code = code, .error_message = std::move(message)};
}

}  // namespace

Task<DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    RequestContext& context, DescribeUserScramCredentialsRequest request) {
  DescribeUserScramCredentialsResponse response;
  if (!context.rights().cluster(security::AclOperation::Describe)) {
    response.error_code = KafkaError::ClusterAuthorizationFailed;
    response.error_message = "Cluster authorization failed.";
    co_return response;
  }
  const security::UserStore* const users = context.services.users;
  if (users == nullptr) {
    response.error_code = KafkaError::SecurityDisabled;
    response.error_message = "this server keeps no users";
    co_return response;
  }
  if (!request.users || request.users->empty()) {
    for (const security::User& user : users->list()) {
      // A role of CQL without a password.
      if (!user.credentials.empty()) response.results.push_back(describe(user));
    }
    co_return response;
  }
  std::map<std::string, int> asked;
  for (const auto& each : *request.users) ++asked[each.name];
  for (const auto& [name, times] : asked) {
    const auto user = users->find(name);
    if (times > 1) {
      response.results.push_back(
          failed(name, KafkaError::DuplicateResource,
                 fmt::format("Cannot describe SCRAM credentials for the same user twice in a "
                             "single request: {}",
                             name)));
    } else if (!user || user->credentials.empty()) {
      response.results.push_back(failed(
          name, KafkaError::ResourceNotFound,
          fmt::format("Attempt to describe a user credential that does not exist: {}", name)));
    } else {
      response.results.push_back(describe(*user));
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
