// SPDX-License-Identifier: Apache-2.0
// DeleteGroups (key 42): deletes empty groups.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DeleteGroupsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DeleteGroups, "DeleteGroupsRequest", 0, 2, 2};
  std::vector<std::string> groups_names = {};

  static void fields(auto& self, auto& visit) { visit.field("groups_names", self.groups_names); }
  bool operator==(const DeleteGroupsRequest&) const = default;
};

struct DeleteGroupsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DeleteGroups, "DeleteGroupsResponse", 0, 2, 2};

  struct Group {
    std::string group_id = {};
    KafkaError error_code = KafkaError::None;

    static void fields(auto& self, auto& visit) {
      visit.field("group_id", self.group_id);
      visit.field("error_code", self.error_code);
    }
    bool operator==(const Group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("groups", self.groups);
  }
  bool operator==(const DeleteGroupsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
