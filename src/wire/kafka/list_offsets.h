// SPDX-License-Identifier: Apache-2.0
// ListOffsets (key 2): finds offsets by timestamp or by the special timestamps below zero.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ListOffsetsRequest {
  static constexpr MessageSpec kSpec{ApiKey::ListOffsets, "ListOffsetsRequest", 1, 11, 6};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int32_t current_leader_epoch = -1;
      std::int64_t timestamp = 0;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("current_leader_epoch", self.current_leader_epoch, since(4));
        visit.field("timestamp", self.timestamp);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<Topic> topics = {};
  std::int32_t timeout_ms = 0;

  static void fields(auto& self, auto& visit) {
    visit.field("replica_id", self.replica_id);
    visit.field("isolation_level", self.isolation_level, since(2));
    visit.field("topics", self.topics);
    visit.field("timeout_ms", self.timeout_ms, since(10));
  }
  bool operator==(const ListOffsetsRequest&) const = default;
};

struct ListOffsetsResponse {
  static constexpr MessageSpec kSpec{ApiKey::ListOffsets, "ListOffsetsResponse", 1, 11, 6};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;
      std::int64_t timestamp = -1;
      std::int64_t offset = -1;
      std::int32_t leader_epoch = -1;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
        visit.field("timestamp", self.timestamp);
        visit.field("offset", self.offset);
        visit.field("leader_epoch", self.leader_epoch, since(4));
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(2));
    visit.field("topics", self.topics);
  }
  bool operator==(const ListOffsetsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
