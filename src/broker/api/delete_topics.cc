// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/delete_topics.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using wire::kafka::DeleteTopicsRequest;
using wire::kafka::DeleteTopicsResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kTopicIdsFrom = 6;

Task<DeleteTopicsResponse::Topic> remove(RequestContext& context,
                                         DeleteTopicsRequest::Topic wanted) {
  DeleteTopicsResponse::Topic shown;
  shown.name = wanted.name;
  shown.topic_id = wanted.topic_id;
  const auto topic = wanted.name ? context.broker().find_topic(*wanted.name)
                                 : context.broker().find_topic(wanted.topic_id);
  if (!topic) {
    shown.error_code =
        wanted.name ? KafkaError::UnknownTopicOrPartition : KafkaError::UnknownTopicId;
    shown.error_message = "This server does not host this topic-partition.";
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
  for (auto& topic : request.topics) {
    response.topics.push_back(CO_TRY(co_await remove(context, std::move(topic))));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
