// SPDX-License-Identifier: Apache-2.0
// LeaveGroup (key 13): removes members from a classic group; several at once from v3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct LeaveGroupRequest {
  static constexpr MessageSpec kSpec{ApiKey::LeaveGroup, "LeaveGroupRequest", 0, 5, 4};

  struct Member {
    std::string member_id = {};
    std::optional<std::string> group_instance_id = {};
    std::optional<std::string> reason = {};

    static void fields(auto& self, auto& visit) {
      visit.field("member_id", self.member_id);
      visit.field("group_instance_id", self.group_instance_id);
      visit.field("reason", self.reason, since(5));
    }
    bool operator==(const Member&) const = default;
  };

  std::string group_id = {};
  std::string member_id = {};
  std::vector<Member> members = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("member_id", self.member_id, until(2));
    visit.field("members", self.members, since(3));
  }
  bool operator==(const LeaveGroupRequest&) const = default;
};

struct LeaveGroupResponse {
  static constexpr MessageSpec kSpec{ApiKey::LeaveGroup, "LeaveGroupResponse", 0, 5, 4};

  struct Member {
    std::string member_id = {};
    std::optional<std::string> group_instance_id = {};
    KafkaError error_code = KafkaError::None;

    static void fields(auto& self, auto& visit) {
      visit.field("member_id", self.member_id);
      visit.field("group_instance_id", self.group_instance_id);
      visit.field("error_code", self.error_code);
    }
    bool operator==(const Member&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::vector<Member> members = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("error_code", self.error_code);
    visit.field("members", self.members, since(3));
  }
  bool operator==(const LeaveGroupResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
