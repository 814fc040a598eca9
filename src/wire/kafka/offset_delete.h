// SPDX-License-Identifier: Apache-2.0
// OffsetDelete (key 47): forgets committed positions of a group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct OffsetDeleteRequest {
  static constexpr MessageSpec kSpec{ApiKey::OffsetDelete, "OffsetDeleteRequest", 0, 0,
                                     kNeverFlexible};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;

      static void fields(auto& self, auto& visit) { visit.field("index", self.index); }
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

  std::string group_id = {};
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetDeleteRequest&) const = default;
};

struct OffsetDeleteResponse {
  static constexpr MessageSpec kSpec{ApiKey::OffsetDelete, "OffsetDeleteResponse", 0, 0,
                                     kNeverFlexible};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
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

  KafkaError error_code = KafkaError::None;
  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("error_code", self.error_code);
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetDeleteResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
