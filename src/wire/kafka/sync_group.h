// SPDX-License-Identifier: Apache-2.0
// SyncGroup (key 14): hands out the assignment that the leader of a classic group made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct SyncGroupRequest {
  static constexpr MessageSpec kSpec{ApiKey::SyncGroup, "SyncGroupRequest", 0, 5, 4};

  struct Assignment {
    std::string member_id = {};
    Bytes assignment = {};

    static void fields(auto& self, auto& visit) {
      visit.field("member_id", self.member_id);
      visit.field("assignment", self.assignment);
    }
    bool operator==(const Assignment&) const = default;
  };

  std::string group_id = {};
  std::int32_t generation_id = 0;
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol_name = {};
  std::vector<Assignment> assignments = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("generation_id", self.generation_id);
    visit.field("member_id", self.member_id);
    visit.field("group_instance_id", self.group_instance_id, since(3));
    visit.field("protocol_type", self.protocol_type, since(5));
    visit.field("protocol_name", self.protocol_name, since(5));
    visit.field("assignments", self.assignments);
  }
  bool operator==(const SyncGroupRequest&) const = default;
};

struct SyncGroupResponse {
  static constexpr MessageSpec kSpec{ApiKey::SyncGroup, "SyncGroupResponse", 0, 5, 4};
  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol_name = {};
  Bytes assignment = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("error_code", self.error_code);
    visit.field("protocol_type", self.protocol_type, since(5));
    visit.field("protocol_name", self.protocol_name, since(5));
    visit.field("assignment", self.assignment);
  }
  bool operator==(const SyncGroupResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
