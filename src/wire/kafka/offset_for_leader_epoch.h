// SPDX-License-Identifier: Apache-2.0
// OffsetForLeaderEpoch (key 23): tells where a leader epoch ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct OffsetForLeaderEpochRequest {
  static constexpr MessageSpec kSpec{ApiKey::OffsetForLeaderEpoch, "OffsetForLeaderEpochRequest", 2,
                                     4, 4};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int32_t current_leader_epoch = -1;
      std::int32_t leader_epoch = 0;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("current_leader_epoch", self.current_leader_epoch);
        visit.field("leader_epoch", self.leader_epoch);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t replica_id = -2;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("replica_id", self.replica_id, since(3));
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetForLeaderEpochRequest&) const = default;
};

struct OffsetForLeaderEpochResponse {
  static constexpr MessageSpec kSpec{ApiKey::OffsetForLeaderEpoch, "OffsetForLeaderEpochResponse",
                                     2, 4, 4};

  struct Topic {
    struct Partition {
      KafkaError error_code = KafkaError::None;
      std::int32_t index = 0;
      std::int32_t leader_epoch = -1;
      std::int64_t end_offset = -1;

      static void fields(auto& self, auto& visit) {
        visit.field("error_code", self.error_code);
        visit.field("index", self.index);
        visit.field("leader_epoch", self.leader_epoch);
        visit.field("end_offset", self.end_offset);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetForLeaderEpochResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
