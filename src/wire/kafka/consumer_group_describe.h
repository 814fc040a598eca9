// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupDescribe (key 69): shows state, members and assignments of consumer groups
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

struct ConsumerGroupDescribeRequest {
  static constexpr MessageSpec kSpec{ApiKey::ConsumerGroupDescribe, "ConsumerGroupDescribeRequest",
                                     0, 1, 0};
  std::vector<std::string> group_ids = {};
  bool include_authorized_operations = false;

  static void fields(auto& self, auto& visit) {
    visit.field("group_ids", self.group_ids);
    visit.field("include_authorized_operations", self.include_authorized_operations);
  }
  bool operator==(const ConsumerGroupDescribeRequest&) const = default;
};

struct ConsumerGroupDescribeResponse {
  static constexpr MessageSpec kSpec{ApiKey::ConsumerGroupDescribe, "ConsumerGroupDescribeResponse",
                                     0, 1, 0};

  struct Topic {
    Uuid topic_id = {};
    std::string topic_name = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_id", self.topic_id);
      visit.field("topic_name", self.topic_name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Assignment {
    std::vector<Topic> topic_partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_partitions", self.topic_partitions);
    }
    bool operator==(const Assignment&) const = default;
  };

  struct Group {
    struct Member {
      std::string member_id = {};
      std::optional<std::string> instance_id = {};
      std::optional<std::string> rack_id = {};
      std::int32_t member_epoch = 0;
      std::string client_id = {};
      std::string client_host = {};
      std::vector<std::string> subscribed_topic_names = {};
      std::optional<std::string> subscribed_topic_regex = {};
      Assignment assignment = {};
      Assignment target_assignment = {};
      std::int8_t member_type = -1;  // 0 classic, 1 consumer

      static void fields(auto& self, auto& visit) {
        visit.field("member_id", self.member_id);
        visit.field("instance_id", self.instance_id);
        visit.field("rack_id", self.rack_id);
        visit.field("member_epoch", self.member_epoch);
        visit.field("client_id", self.client_id);
        visit.field("client_host", self.client_host);
        visit.field("subscribed_topic_names", self.subscribed_topic_names);
        visit.field("subscribed_topic_regex", self.subscribed_topic_regex);
        visit.field("assignment", self.assignment);
        visit.field("target_assignment", self.target_assignment);
        visit.field("member_type", self.member_type, since(1));
      }
      bool operator==(const Member&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::string group_id = {};
    std::string group_state = {};
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    std::string assignor_name = {};
    std::vector<Member> members = {};
    std::int32_t authorized_operations = -2147483648;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("group_id", self.group_id);
      visit.field("group_state", self.group_state);
      visit.field("group_epoch", self.group_epoch);
      visit.field("assignment_epoch", self.assignment_epoch);
      visit.field("assignor_name", self.assignor_name);
      visit.field("members", self.members);
      visit.field("authorized_operations", self.authorized_operations);
    }
    bool operator==(const Group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("groups", self.groups);
  }
  bool operator==(const ConsumerGroupDescribeResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
