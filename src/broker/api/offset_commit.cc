// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/offset_commit.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::OffsetCommit;
using security::AclOperation;
using wire::kafka::KafkaError;
using wire::kafka::OffsetCommitRequest;
using wire::kafka::OffsetCommitResponse;

namespace {

constexpr std::int16_t kTopicIdsFrom = 10;

std::shared_ptr<const embedded::Topic> find_topic(RequestContext& context,
                                                  const OffsetCommitRequest::Topic& topic) {
  return context.version() >= kTopicIdsFrom ? context.broker().find_topic(topic.topic_id)
                                            : context.broker().find_topic(topic.name);
}

// What may be committed; the others get their error here.
std::vector<OffsetCommit> pick(RequestContext& context, const security::Rights& rights,
                               const OffsetCommitRequest& request, OffsetCommitResponse& response) {
  const bool by_id = context.version() >= kTopicIdsFrom;
  std::vector<OffsetCommit> commits;
  for (const auto& topic : request.topics) {
    const auto known = find_topic(context, topic);
    auto& shown = response.topics.emplace_back();
    shown.name = topic.name;
    shown.topic_id = topic.topic_id;
    // An id that is unknown is told so below, there is nothing to hide.
    const bool allowed = by_id ? !known || rights.topic(AclOperation::Read, known->name)
                               : rights.topic(AclOperation::Read, topic.name);
    for (const auto& partition : topic.partitions) {
      auto& one = shown.partitions.emplace_back();
      one.index = partition.index;
      const std::string metadata = partition.committed_metadata.value_or("");
      if (!allowed) {
        one.error_code = KafkaError::TopicAuthorizationFailed;
      } else if (!known) {
        one.error_code = by_id ? KafkaError::UnknownTopicId : KafkaError::UnknownTopicOrPartition;
      } else if (partition.index < 0 ||
                 static_cast<std::size_t>(partition.index) >= known->partitions.size()) {
        one.error_code = KafkaError::UnknownTopicOrPartition;
      } else if (metadata.size() > context.services.options.offset_metadata_bytes_max) {
        one.error_code = KafkaError::OffsetMetadataTooLarge;
      } else {
        commits.push_back({.source = {known->name, partition.index},
                           .offset = partition.committed_offset,
                           .leader_epoch = partition.committed_leader_epoch,
                           .metadata = metadata});
      }
    }
  }
  return commits;
}

void refuse(OffsetCommitResponse& response, KafkaError code) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) partition.error_code = code;
  }
}

void settle(OffsetCommitResponse& response, KafkaError code) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == KafkaError::None) partition.error_code = code;
    }
  }
}

}  // namespace

Task<OffsetCommitResponse> offset_commit(RequestContext& context, OffsetCommitRequest request) {
  OffsetCommitResponse response;
  const security::Rights rights = context.rights();
  std::vector<OffsetCommit> commits = pick(context, rights, request, response);
  if (!rights.group(AclOperation::Read, request.group_id)) {
    refuse(response, KafkaError::GroupAuthorizationFailed);
    co_return response;
  }
  const KafkaError allowed =
      context.services.groups.check_commit({.group = request.group_id,
                                            .member_id = request.member_id,
                                            .instance_id = request.group_instance_id,
                                            .generation = request.generation_id_or_member_epoch});
  if (allowed != KafkaError::None) {
    settle(response, allowed);
    co_return response;
  }
  if (commits.empty()) co_return response;
  auto start = [&](Completion<Result<>> done) {
    context.broker().offset_store().commit(request.group_id, std::move(commits), std::move(done));
  };
  const Result<> written = co_await completion_of<Result<>>(std::move(start));
  if (!written.ok()) settle(response, kafka_error_of(written.error()));
  co_return response;
}

}  // namespace tidemill::broker::api
