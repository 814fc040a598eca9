// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/offset_delete.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::KafkaError;
using wire::kafka::OffsetDeleteRequest;
using wire::kafka::OffsetDeleteResponse;

Task<OffsetDeleteResponse> offset_delete(RequestContext& context, OffsetDeleteRequest request) {
  OffsetDeleteResponse response;
  const security::Rights rights = context.rights();
  if (!rights.group(AclOperation::Delete, request.group_id)) {
    response.error_code = KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  std::vector<TopicPartition> forgotten;
  for (const auto& topic : request.topics) {
    KafkaError allowed = context.services.groups.check_offset_delete(request.group_id, topic.name);
    if (allowed == KafkaError::GroupIdNotFound || allowed == KafkaError::NonEmptyGroup) {
      response.topics.clear();
      response.error_code = allowed;
      co_return response;
    }
    if (!rights.topic(AclOperation::Read, topic.name)) {
      allowed = KafkaError::TopicAuthorizationFailed;
    }
    OffsetDeleteResponse::Topic& shown = response.topics.emplace_back();
    shown.name = topic.name;
    for (const auto& partition : topic.partitions) {
      KafkaError code = allowed;
      if (code == KafkaError::None &&
          !context.broker().find_partition(topic.name, partition.index)) {
        code = KafkaError::UnknownTopicOrPartition;
      }
      if (code == KafkaError::None) forgotten.push_back({topic.name, partition.index});
      shown.partitions.push_back({.index = partition.index, .error_code = code});
    }
  }
  if (forgotten.empty()) co_return response;
  auto start = [&](Completion<Result<>> done) {
    context.broker().offset_store().erase(request.group_id, std::move(forgotten), std::move(done));
  };
  const Result<> written = co_await completion_of<Result<>>(std::move(start));
  if (!written.ok()) response.error_code = kafka_error_of(written.error());
  co_return response;
}

}  // namespace tidemill::broker::api
