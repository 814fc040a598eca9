// SPDX-License-Identifier: Apache-2.0
// DeleteRecords (key 21): moves the log start of partitions forward.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DeleteRecordsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DeleteRecords, "DeleteRecordsRequest", 0, 2, 2};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int64_t offset = 0;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("offset", self.offset);
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

  std::vector<Topic> topics = {};
  std::int32_t timeout_ms = 0;

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics);
    visit.field("timeout_ms", self.timeout_ms);
  }
  bool operator==(const DeleteRecordsRequest&) const = default;
};

struct DeleteRecordsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DeleteRecords, "DeleteRecordsResponse", 0, 2, 2};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int64_t low_watermark = 0;
      KafkaError error_code = KafkaError::None;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("low_watermark", self.low_watermark);
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

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const DeleteRecordsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
