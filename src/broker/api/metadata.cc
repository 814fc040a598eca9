// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/metadata.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using security::AclOperation;
using security::AclResource;
using wire::kafka::KafkaError;
using wire::kafka::MetadataRequest;
using wire::kafka::MetadataResponse;

namespace {

MetadataResponse::Topic describe(const embedded::Topic& topic, std::int32_t node) {
  MetadataResponse::Topic shown;
  shown.name = topic.name;
  shown.topic_id = topic.id;
  shown.is_internal = topic.internal;
  shown.partitions.reserve(topic.partitions.size());
  for (const auto& partition : topic.partitions) {
    const bool healthy = partition->health().ok();
    MetadataResponse::Topic::Partition one;
    one.index = partition->index();
    one.replica_nodes = {node};
    if (healthy) {
      one.leader_id = node;
      one.leader_epoch = partition->leader_epoch();
      one.isr_nodes = {node};
    } else {
      one.error_code = KafkaError::LeaderNotAvailable;
      one.leader_id = -1;
      one.offline_replicas = {node};
    }
    shown.partitions.push_back(std::move(one));
  }
  return shown;
}

MetadataResponse::Topic missing(std::string name, KafkaError code) {
  MetadataResponse::Topic shown;
  shown.name = std::move(name);
  shown.error_code = code;
  return shown;
}

// What one may not describe is refused whether it exists or not.
Task<MetadataResponse::Topic> find_or_create(RequestContext& context, security::Rights rights,
                                             std::string name, bool may_create) {
  if (!rights.topic(AclOperation::Describe, name)) {
    co_return missing(name, KafkaError::TopicAuthorizationFailed);
  }
  const auto known = context.broker().find_topic(name);
  const std::int32_t node = context.services.options.node_id;
  if (known) co_return describe(*known, node);
  may_create = may_create && context.services.options.auto_create_topics;
  if (may_create && !rights.cluster(AclOperation::Create) &&
      !rights.topic(AclOperation::Create, name)) {
    co_return missing(name, KafkaError::TopicAuthorizationFailed);
  }
  if (!is_topic_name(name)) co_return missing(name, KafkaError::InvalidTopicException);
  if (!may_create) {
    co_return missing(name, KafkaError::UnknownTopicOrPartition);
  }
  auto create = [broker = &context.broker(), name] {
    NewTopic topic;
    topic.name = name;
    return broker->create_topic(topic);
  };
  const auto created = co_await run_blocking(context.services.blocking, std::move(create));
  // Another client may have been faster.
  if (!created.ok() && created.error().code != ErrorCode::AlreadyExists) {
    co_return missing(name, kafka_error_of(created.error()));
  }
  // It is there now, but this answer says that it was not, as Kafka's does: a client that only
  // looks must see that the topic was missing. The others ask again at once.
  co_return missing(name, KafkaError::UnknownTopicOrPartition);
}

// An id is no secret, the name behind it is.
MetadataResponse::Topic find_by_id(RequestContext& context, const security::Rights& rights,
                                   const Uuid& id) {
  const auto topic = context.broker().find_topic(id);
  const bool allowed = topic && rights.topic(AclOperation::Describe, topic->name);
  if (allowed) return describe(*topic, context.services.options.node_id);
  MetadataResponse::Topic refused;
  refused.topic_id = id;
  refused.error_code = topic ? KafkaError::TopicAuthorizationFailed : KafkaError::UnknownTopicId;
  return refused;
}

void show_operations(const MetadataRequest& request, const security::Rights& rights,
                     MetadataResponse& response) {
  if (request.include_topic_authorized_operations) {
    for (auto& topic : response.topics) {
      if (!topic.name || topic.error_code == KafkaError::TopicAuthorizationFailed) continue;
      topic.topic_authorized_operations =
          rights.allowed_of(kTopicOperations, AclResource::Topic, *topic.name);
    }
  }
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = cluster_operations(rights);
  }
}

}  // namespace

Task<MetadataResponse> metadata(RequestContext& context, MetadataRequest request) {
  const security::Rights rights = context.rights();
  const std::int32_t node = context.services.options.node_id;
  MetadataResponse response;
  response.brokers.push_back(
      {.node_id = node, .host = context.advertised_host, .port = context.advertised_port});
  response.cluster_id = to_kafka_text(context.broker().cluster_id());
  response.controller_id = node;
  // Version 0 cannot say null: an empty list asks for all topics.
  const bool all = !request.topics || (context.version() == 0 && request.topics->empty());
  if (all) {
    for (const auto& topic : context.broker().topics()) {
      if (rights.topic(AclOperation::Describe, topic->name)) {
        response.topics.push_back(describe(*topic, node));
      }
    }
  } else {
    for (auto& asked : *request.topics) {
      // Java clients that ask by id send an empty name along.
      if (asked.name && asked.topic_id.is_nil()) {
        response.topics.push_back(CO_TRY(co_await find_or_create(
            context, rights, std::move(*asked.name), request.allow_auto_topic_creation)));
        continue;
      }
      response.topics.push_back(find_by_id(context, rights, asked.topic_id));
    }
  }
  show_operations(request, rights, response);
  co_return response;
}

}  // namespace tidemill::broker::api
