// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupHeartbeat (key 68): all that a member of a consumer group says and is told
// (KIP-848).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ConsumerGroupHeartbeatRequest {
  static constexpr MessageSpec kSpec{ApiKey::ConsumerGroupHeartbeat,
                                     "ConsumerGroupHeartbeatRequest", 0, 1, 0};

  struct Topic {
    Uuid topic_id = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_id", self.topic_id);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::string group_id = {};
  std::string member_id = {};
  std::int32_t member_epoch = 0;  // 0 joins, -1 leaves, -2 a static member leaves for a while
  // Absent: as in the heartbeat before.
  std::optional<std::string> instance_id = {};
  std::optional<std::string> rack_id = {};
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names = {};
  std::optional<std::string> subscribed_topic_regex = {};
  std::optional<std::string> server_assignor = {};
  std::optional<std::vector<Topic>> topic_partitions = {};  // owned

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("member_id", self.member_id);
    visit.field("member_epoch", self.member_epoch);
    visit.field("instance_id", self.instance_id);
    visit.field("rack_id", self.rack_id);
    visit.field("rebalance_timeout_ms", self.rebalance_timeout_ms);
    visit.field("subscribed_topic_names", self.subscribed_topic_names);
    visit.field("subscribed_topic_regex", self.subscribed_topic_regex, since(1));
    visit.field("server_assignor", self.server_assignor);
    visit.field("topic_partitions", self.topic_partitions);
  }
  bool operator==(const ConsumerGroupHeartbeatRequest&) const = default;
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr MessageSpec kSpec{ApiKey::ConsumerGroupHeartbeat,
                                     "ConsumerGroupHeartbeatResponse", 0, 1, 0};
  using Topic = ConsumerGroupHeartbeatRequest::Topic;

  struct Assignment {
    std::vector<Topic> topic_partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_partitions", self.topic_partitions);
    }
    bool operator==(const Assignment&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = {};
  std::optional<std::string> member_id = {};
  std::int32_t member_epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment = {};  // absent: as before

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message);
    visit.field("member_id", self.member_id);
    visit.field("member_epoch", self.member_epoch);
    visit.field("heartbeat_interval_ms", self.heartbeat_interval_ms);
    visit.field("assignment", self.assignment);
  }
  bool operator==(const ConsumerGroupHeartbeatResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
