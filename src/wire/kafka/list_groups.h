// SPDX-License-Identifier: Apache-2.0
// ListGroups (key 16): lists groups, filtered by state and type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ListGroupsRequest {
  static constexpr MessageSpec kSpec{ApiKey::ListGroups, "ListGroupsRequest", 0, 5, 3};
  std::vector<std::string> states_filter = {};
  std::vector<std::string> types_filter = {};

  static void fields(auto& self, auto& visit) {
    visit.field("states_filter", self.states_filter, since(4));
    visit.field("types_filter", self.types_filter, since(5));
  }
  bool operator==(const ListGroupsRequest&) const = default;
};

struct ListGroupsResponse {
  static constexpr MessageSpec kSpec{ApiKey::ListGroups, "ListGroupsResponse", 0, 5, 3};

  struct Group {
    std::string group_id = {};
    std::string protocol_type = {};
    std::string group_state = {};
    std::string group_type = {};

    static void fields(auto& self, auto& visit) {
      visit.field("group_id", self.group_id);
      visit.field("protocol_type", self.protocol_type);
      visit.field("group_state", self.group_state, since(4));
      visit.field("group_type", self.group_type, since(5));
    }
    bool operator==(const Group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::vector<Group> groups = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("error_code", self.error_code);
    visit.field("groups", self.groups);
  }
  bool operator==(const ListGroupsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
