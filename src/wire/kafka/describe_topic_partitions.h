// SPDX-License-Identifier: Apache-2.0
// DescribeTopicPartitions (key 75): tells leaders and replicas page by page (KIP-966).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeTopicPartitionsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeTopicPartitions,
                                     "DescribeTopicPartitionsRequest", 0, 0, 0};

  struct Topic {
    std::string name = {};

    static void fields(auto& self, auto& visit) { visit.field("name", self.name); }
    bool operator==(const Topic&) const = default;
  };

  struct Cursor {
    std::string topic_name = {};
    std::int32_t index = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("topic_name", self.topic_name);
      visit.field("index", self.index);
    }
    bool operator==(const Cursor&) const = default;
  };

  std::vector<Topic> topics = {};
  std::int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor = {};

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics);
    visit.field("response_partition_limit", self.response_partition_limit);
    visit.field("cursor", self.cursor);
  }
  bool operator==(const DescribeTopicPartitionsRequest&) const = default;
};

struct DescribeTopicPartitionsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeTopicPartitions,
                                     "DescribeTopicPartitionsResponse", 0, 0, 0};

  struct Topic {
    struct Partition {
      KafkaError error_code = KafkaError::None;
      std::int32_t index = 0;
      std::int32_t leader_id = 0;
      std::int32_t leader_epoch = -1;
      std::vector<std::int32_t> replica_nodes = {};
      std::vector<std::int32_t> isr_nodes = {};
      std::optional<std::vector<std::int32_t>> eligible_leader_replicas = {};
      std::optional<std::vector<std::int32_t>> last_known_elr = {};
      std::vector<std::int32_t> offline_replicas = {};

      static void fields(auto& self, auto& visit) {
        visit.field("error_code", self.error_code);
        visit.field("index", self.index);
        visit.field("leader_id", self.leader_id);
        visit.field("leader_epoch", self.leader_epoch);
        visit.field("replica_nodes", self.replica_nodes);
        visit.field("isr_nodes", self.isr_nodes);
        visit.field("eligible_leader_replicas", self.eligible_leader_replicas);
        visit.field("last_known_elr", self.last_known_elr);
        visit.field("offline_replicas", self.offline_replicas);
      }
      bool operator==(const Partition&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::optional<std::string> name = {};
    Uuid topic_id = {};
    bool is_internal = false;
    std::vector<Partition> partitions = {};
    std::int32_t topic_authorized_operations = -2147483648;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("name", self.name);
      visit.field("topic_id", self.topic_id);
      visit.field("is_internal", self.is_internal);
      visit.field("partitions", self.partitions);
      visit.field("topic_authorized_operations", self.topic_authorized_operations);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Cursor {
    std::string topic_name = {};
    std::int32_t index = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("topic_name", self.topic_name);
      visit.field("index", self.index);
    }
    bool operator==(const Cursor&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};
  std::optional<Cursor> next_cursor = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
    visit.field("next_cursor", self.next_cursor);
  }
  bool operator==(const DescribeTopicPartitionsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
