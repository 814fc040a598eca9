// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_group_heartbeat.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using embedded::EmbeddedBroker;
using embedded::Topic;
using groups::GroupTopic;
using security::AclOperation;
using wire::kafka::ConsumerGroupHeartbeatRequest;
using wire::kafka::ConsumerGroupHeartbeatResponse;
using wire::kafka::KafkaError;

namespace {

using Names = std::vector<std::string>;

GroupTopic shown(const Topic& topic) {
  return {topic.name, topic.id, static_cast<std::int32_t>(topic.partitions.size())};
}

class BrokersTopics final : public groups::TopicDirectory {
 public:
  explicit BrokersTopics(const EmbeddedBroker& broker) : broker_(broker) {}

  std::optional<GroupTopic> find(std::string_view name) const override {
    const auto topic = broker_.find_topic(name);
    if (topic == nullptr) return std::nullopt;
    return shown(*topic);
  }
  std::vector<GroupTopic> all() const override {
    std::vector<GroupTopic> found;
    for (const auto& topic : broker_.topics()) found.push_back(shown(*topic));
    return found;
  }

 private:
  const EmbeddedBroker& broker_;
};

}  // namespace

Task<ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext& context, ConsumerGroupHeartbeatRequest request) {
  const security::Rights rights = context.rights();
  const auto refuse = [](KafkaError code, std::string message) {
    ConsumerGroupHeartbeatResponse response;
    response.error_code = code;
    response.error_message = std::move(message);
    return response;
  };
  if (!rights.group(AclOperation::Read, request.group_id)) {
    co_return refuse(KafkaError::GroupAuthorizationFailed, "Group authorization failed.");
  }
  for (const std::string& topic : request.subscribed_topic_names.value_or(Names{})) {
    if (!rights.topic(AclOperation::Describe, topic)) {
      co_return refuse(KafkaError::TopicAuthorizationFailed, "Topic authorization failed.");
    }
  }
  groups::Caller caller = context.caller();
  if (!rights.is_all()) {
    caller.sees = [rights](std::string_view topic) {
      return rights.topic(AclOperation::Describe, topic);
    };
  }
  co_return context.services.groups.consumer_heartbeat(request, caller,
                                                       BrokersTopics(context.broker()));
}

}  // namespace tidemill::broker::api
