// SPDX-License-Identifier: Apache-2.0
// Heartbeat (key 12): keeps a classic group member alive and tells it of a rebalance.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct HeartbeatRequest {
  static constexpr MessageSpec kSpec{ApiKey::Heartbeat, "HeartbeatRequest", 0, 4, 4};
  std::string group_id = {};
  std::int32_t generation_id = 0;
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("generation_id", self.generation_id);
    visit.field("member_id", self.member_id);
    visit.field("group_instance_id", self.group_instance_id, since(3));
  }
  bool operator==(const HeartbeatRequest&) const = default;
};

struct HeartbeatResponse {
  static constexpr MessageSpec kSpec{ApiKey::Heartbeat, "HeartbeatResponse", 0, 4, 4};
  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("error_code", self.error_code);
  }
  bool operator==(const HeartbeatResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
