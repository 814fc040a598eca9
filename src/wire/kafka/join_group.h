// SPDX-License-Identifier: Apache-2.0
// JoinGroup (key 11): enters a classic group and waits for its next generation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct JoinGroupRequest {
  static constexpr MessageSpec kSpec{ApiKey::JoinGroup, "JoinGroupRequest", 0, 9, 6};

  struct Protocol {
    std::string name = {};
    Bytes metadata = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("metadata", self.metadata);
    }
    bool operator==(const Protocol&) const = default;
  };

  std::string group_id = {};
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::string protocol_type = {};
  std::vector<Protocol> protocols = {};
  std::optional<std::string> reason = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("session_timeout_ms", self.session_timeout_ms);
    visit.field("rebalance_timeout_ms", self.rebalance_timeout_ms, since(1));
    visit.field("member_id", self.member_id);
    visit.field("group_instance_id", self.group_instance_id, since(5));
    visit.field("protocol_type", self.protocol_type);
    visit.field("protocols", self.protocols);
    visit.field("reason", self.reason, since(8));
  }
  bool operator==(const JoinGroupRequest&) const = default;
};

struct JoinGroupResponse {
  static constexpr MessageSpec kSpec{ApiKey::JoinGroup, "JoinGroupResponse", 0, 9, 6};

  struct Member {
    std::string member_id = {};
    std::optional<std::string> group_instance_id = {};
    Bytes metadata = {};

    static void fields(auto& self, auto& visit) {
      visit.field("member_id", self.member_id);
      visit.field("group_instance_id", self.group_instance_id, since(5));
      visit.field("metadata", self.metadata);
    }
    bool operator==(const Member&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::int32_t generation_id = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol_name = {};
  std::string leader = {};
  bool skip_assignment = false;
  std::string member_id = {};
  std::vector<Member> members = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(2));
    visit.field("error_code", self.error_code);
    visit.field("generation_id", self.generation_id);
    visit.field("protocol_type", self.protocol_type, since(7));
    visit.field("protocol_name", self.protocol_name, Versions{}.nullable_since(7));
    visit.field("leader", self.leader);
    visit.field("skip_assignment", self.skip_assignment, since(9));
    visit.field("member_id", self.member_id);
    visit.field("members", self.members);
  }
  bool operator==(const JoinGroupResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
