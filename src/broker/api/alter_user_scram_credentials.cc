// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/alter_user_scram_credentials.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using security::ScramMechanism;
using wire::kafka::AlterUserScramCredentialsRequest;
using wire::kafka::AlterUserScramCredentialsResponse;
using wire::kafka::KafkaError;

namespace {

using UserResult = AlterUserScramCredentialsResponse::Result;
using Upsertion = AlterUserScramCredentialsRequest::Upsertion;

// What one user's credential is to become; no upsertion: it goes.
struct Change {
  std::string user;
  std::int8_t mechanism;
  const Upsertion* upsertion = nullptr;
};

UserResult failed(const Change& change, KafkaError code, std::string message) {
  return {.user = change.user, .error_code = code, .error_message = std::move(message)};
}

std::optional<ScramMechanism> mechanism_of(std::int8_t number) {
  for (const ScramMechanism known : security::kScramMechanisms) {
    if (static_cast<std::int8_t>(known) == number) return known;
  }
  return std::nullopt;
}

// Why Kafka would not take the credential; empty when it would.
std::string unacceptable(const Upsertion& upsertion, ScramMechanism mechanism) {
  const std::size_t key_bytes = mechanism == ScramMechanism::Sha256 ? 32 : 64;
  if (upsertion.iterations < security::kScramIterationsLeast) return "Too few iterations";
  if (upsertion.iterations > security::kScramIterationsMost) return "Too many iterations";
  if (upsertion.salt.empty()) return "The salt is empty";
  if (upsertion.salted_password.size() != key_bytes) {
    return fmt::format("The salted password has {} bytes, {} needs {}",
                       upsertion.salted_password.size(), name_of(mechanism), key_bytes);
  }
  return "";
}

// Blocks: the change is on disk once it returns.
UserResult apply(security::UserStore& users, const Change& change) {
  if (change.user.empty()) {
    return failed(change, KafkaError::UnacceptableCredential, "Username must not be empty");
  }
  const auto mechanism = mechanism_of(change.mechanism);
  if (!mechanism) {
    return failed(change, KafkaError::UnsupportedSaslMechanism, "Unknown SCRAM mechanism");
  }
  Result<> outcome;
  if (change.upsertion == nullptr) {
    outcome = users.remove_credential(change.user, *mechanism);
  } else {
    if (auto why = unacceptable(*change.upsertion, *mechanism); !why.empty()) {
      return failed(change, KafkaError::UnacceptableCredential, std::move(why));
    }
    const Upsertion& wanted = *change.upsertion;
    outcome =
        users.set_credential(change.user, *mechanism,
                             security::credential_of_salted(*mechanism, wanted.salted_password,
                                                            wanted.salt, wanted.iterations));
  }
  if (outcome.ok()) return {.user = change.user};
  switch (outcome.error().code) {
    case ErrorCode::NotFound:
      return failed(change, KafkaError::ResourceNotFound,
                    "Attempt to delete a user credential that does not exist");
    case ErrorCode::InvalidArgument:
      return failed(change, KafkaError::UnacceptableCredential, outcome.error().message);
    default:
      return failed(change, KafkaError::KafkaStorageError, outcome.error().message);
  }
}

AlterUserScramCredentialsResponse apply_all(security::UserStore& users,
                                            const AlterUserScramCredentialsRequest& request) {
  // One answer for each user, whatever was asked of it.
  std::map<std::string, std::vector<Change>> changes;
  for (const auto& deletion : request.deletions) {
    changes[deletion.name].push_back({.user = deletion.name, .mechanism = deletion.mechanism});
  }
  for (const auto& upsertion : request.upsertions) {
    changes[upsertion.name].push_back(
        {.user = upsertion.name, .mechanism = upsertion.mechanism, .upsertion = &upsertion});
  }
  AlterUserScramCredentialsResponse response;
  for (const auto& [user, asked] : changes) {
    std::map<std::int8_t, int> times;
    bool twice = false;
    for (const Change& change : asked) twice = ++times[change.mechanism] > 1 || twice;
    if (twice) {
      response.results.push_back(
          failed(asked[0], KafkaError::DuplicateResource,
                 "A user credential cannot be altered twice in the same request"));
      continue;
    }
    UserResult result;
    for (const Change& change : asked) {
      result = apply(users, change);
      if (result.error_code != KafkaError::None) break;
    }
    response.results.push_back(std::move(result));
  }
  return response;
}

AlterUserScramCredentialsResponse refuse_all(const AlterUserScramCredentialsRequest& request,
                                             KafkaError code, const std::string& message) {
  std::set<std::string> names;
  for (const auto& each : request.deletions) names.insert(each.name);
  for (const auto& each : request.upsertions) names.insert(each.name);
  AlterUserScramCredentialsResponse response;
  for (const std::string& name : names) {
    response.results.push_back({.user = name, .error_code = code, .error_message = message});
  }
  return response;
}

}  // namespace

Task<AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    RequestContext& context, AlterUserScramCredentialsRequest request) {
  if (!context.rights().cluster(security::AclOperation::Alter)) {
    co_return refuse_all(request, KafkaError::ClusterAuthorizationFailed,
                         "Cluster authorization failed.");
  }
  security::UserStore* const users = context.services.users;
  if (users == nullptr) {
    co_return refuse_all(request, KafkaError::SecurityDisabled, "this server keeps no users");
  }
  auto work = [users, request = std::move(request)] { return apply_all(*users, request); };
  co_return co_await run_blocking(context.services.blocking, std::move(work));
}

}  // namespace tidemill::broker::api
