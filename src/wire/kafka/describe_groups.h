// SPDX-License-Identifier: Apache-2.0
// DescribeGroups (key 15): shows state, members and assignments of groups.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeGroupsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeGroups, "DescribeGroupsRequest", 0, 6, 5};
  std::vector<std::string> groups = {};
  bool include_authorized_operations = false;

  static void fields(auto& self, auto& visit) {
    visit.field("groups", self.groups);
    visit.field("include_authorized_operations", self.include_authorized_operations, since(3));
  }
  bool operator==(const DescribeGroupsRequest&) const = default;
};

struct DescribeGroupsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeGroups, "DescribeGroupsResponse", 0, 6, 5};

  struct Group {
    struct Member {
      std::string member_id = {};
      std::optional<std::string> group_instance_id = {};
      std::string client_id = {};
      std::string client_host = {};
      Bytes member_metadata = {};
      Bytes member_assignment = {};

      static void fields(auto& self, auto& visit) {
        visit.field("member_id", self.member_id);
        visit.field("group_instance_id", self.group_instance_id, since(4));
        visit.field("client_id", self.client_id);
        visit.field("client_host", self.client_host);
        visit.field("member_metadata", self.member_metadata);
        visit.field("member_assignment", self.member_assignment);
      }
      bool operator==(const Member&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::string group_id = {};
    std::string group_state = {};
    std::string protocol_type = {};
    std::string protocol_data = {};
    std::vector<Member> members = {};
    std::int32_t authorized_operations = -2147483648;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message, since(6));
      visit.field("group_id", self.group_id);
      visit.field("group_state", self.group_state);
      visit.field("protocol_type", self.protocol_type);
      visit.field("protocol_data", self.protocol_data);
      visit.field("members", self.members);
      visit.field("authorized_operations", self.authorized_operations, since(3));
    }
    bool operator==(const Group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("groups", self.groups);
  }
  bool operator==(const DescribeGroupsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
