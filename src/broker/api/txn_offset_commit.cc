// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/txn_offset_commit.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::OffsetCommit;
using security::AclOperation;
using wire::kafka::KafkaError;
using wire::kafka::TxnOffsetCommitRequest;
using wire::kafka::TxnOffsetCommitResponse;

namespace {

constexpr std::int16_t kMembershipFrom = 3;
constexpr std::int16_t kImplicitGroupFrom = 5;  // KIP-890

void settle(TxnOffsetCommitResponse& response, KafkaError code) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == KafkaError::None) partition.error_code = code;
    }
  }
}

void refuse(TxnOffsetCommitResponse& response, KafkaError code) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) partition.error_code = code;
  }
}

std::vector<OffsetCommit> pick(RequestContext& context, const security::Rights& rights,
                               const TxnOffsetCommitRequest& request,
                               TxnOffsetCommitResponse& response) {
  std::vector<OffsetCommit> commits;
  for (const auto& topic : request.topics) {
    auto& shown = response.topics.emplace_back();
    shown.name = topic.name;
    const bool allowed = rights.topic(AclOperation::Read, topic.name);
    for (const auto& partition : topic.partitions) {
      auto& one = shown.partitions.emplace_back();
      one.index = partition.index;
      const std::string metadata = partition.committed_metadata.value_or("");
      if (!allowed) {
        one.error_code = KafkaError::TopicAuthorizationFailed;
      } else if (!context.broker().find_partition(topic.name, partition.index)) {
        one.error_code = KafkaError::UnknownTopicOrPartition;
      } else if (metadata.size() > context.services.options.offset_metadata_bytes_max) {
        one.error_code = KafkaError::OffsetMetadataTooLarge;
      } else {
        commits.push_back({.source = {topic.name, partition.index},
                           .offset = partition.committed_offset,
                           .leader_epoch = partition.committed_leader_epoch,
                           .metadata = metadata});
      }
    }
  }
  return commits;
}

}  // namespace

Task<TxnOffsetCommitResponse> txn_offset_commit(RequestContext& context,
                                                TxnOffsetCommitRequest request) {
  TxnOffsetCommitResponse response;
  const security::Rights rights = context.rights();
  std::vector<OffsetCommit> commits = pick(context, rights, request, response);
  if (!rights.transactional_id(AclOperation::Write, request.transactional_id)) {
    refuse(response, KafkaError::TransactionalIdAuthorizationFailed);
    co_return response;
  }
  if (!rights.group(AclOperation::Read, request.group_id)) {
    refuse(response, KafkaError::GroupAuthorizationFailed);
    co_return response;
  }
  if (context.version() >= kMembershipFrom) {
    const KafkaError allowed =
        context.services.groups.check_commit({.group = request.group_id,
                                              .member_id = request.member_id,
                                              .instance_id = request.group_instance_id,
                                              .generation = request.generation_id,
                                              .in_transaction = true});
    if (allowed != KafkaError::None) {
      settle(response, allowed);
      co_return response;
    }
  }
  if (commits.empty()) co_return response;
  const auto version = context.version() >= kImplicitGroupFrom ? embedded::TransactionVersion::V2
                                                               : embedded::TransactionVersion::V1;
  auto start = [&](Completion<Result<>> done) {
    context.broker().transactions().commit_offsets(
        request.transactional_id, {request.producer_id, request.producer_epoch}, request.group_id,
        std::move(commits), version, std::move(done));
  };
  const Result<> outcome = co_await completion_of<Result<>>(std::move(start));
  if (!outcome.ok()) settle(response, kafka_error_of(outcome.error()));
  co_return response;
}

}  // namespace tidemill::broker::api
