// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_group_heartbeat.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using embedded::EmbeddedBroker;
using embedded::Topic;
using groups::GroupTopic;
using wire::kafka::ConsumerGroupHeartbeatRequest;
using wire::kafka::ConsumerGroupHeartbeatResponse;

namespace {

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
  co_return context.services.groups.consumer_heartbeat(request, context.caller(),
                                                       BrokersTopics(context.broker()));
}

}  // namespace tidemill::broker::api
