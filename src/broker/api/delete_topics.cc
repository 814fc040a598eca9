// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/delete_topics.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::DeleteTopicsRequest;
using wire::kafka::DeleteTopicsResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kTopicIdsFrom = 6;

Task<DeleteTopicsResponse::Topic> remove(RequestContext& context, security::Rights rights,
                                         DeleteTopicsRequest::Topic wanted) {
  DeleteTopicsResponse::Topic shown;
  shown.name = wanted.name;
  shown.topic_id = wanted.topic_id;
  const auto refuse = [&shown] {
    shown.error_code = KafkaError::TopicAuthorizationFailed;
    shown.error_message = "Topic authorization failed.";
  };
  if (wanted.name && !rights.topic(AclOperation::Delete, *wanted.name)) {
    refuse();  // whether it exists or not
    co_return shown;
  }
  const auto topic = wanted.name ? context.broker().find_topic(*wanted.name)
                                 : context.broker().find_topic(wanted.topic_id);
  if (!topic) {
    shown.error_code =
        wanted.name ? KafkaError::UnknownTopicOrPartition : KafkaError::UnknownTopicId;
    shown.error_message = "This server does not host this topic-partition.";
    co_return shown;
  }
  if (!wanted.name && !rights.topic(AclOperation::Delete, topic->name)) {
    refuse();
    // An id is no secret, the name behind it is.
    if (rights.topic(AclOperation::Describe, topic->name)) shown.name = topic->name;
    co_return shown;
  }
  shown.name = topic->name;
  shown.topic_id = topic->id;
  if (topic->internal) {
    shown.error_code = KafkaError::InvalidTopicException;
    shown.error_message = "internal topic '" + topic->name + "' cannot be deleted";
    co_return shown;
  }
  auto act = [broker = &context.broker(), name = topic->name] {
    return broker->delete_topic(name);
  };
  const Result<> outcome = co_await run_blocking(context.services.blocking, std::move(act));
  if (!outcome.ok()) {
    shown.error_code = kafka_error_of(outcome.error());
    shown.error_message = outcome.error().message;
  }
  co_return shown;
}

}  // namespace

Task<DeleteTopicsResponse> delete_topics(RequestContext& context, DeleteTopicsRequest request) {
  DeleteTopicsResponse response;
  if (context.version() < kTopicIdsFrom) {
    for (auto& name : request.topic_names) {
      request.topics.push_back({.name = std::move(name), .topic_id = {}});
    }
  }
  const security::Rights rights = context.rights();
  for (auto& topic : request.topics) {
    response.topics.push_back(CO_TRY(co_await remove(context, rights, std::move(topic))));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
