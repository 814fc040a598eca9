// SPDX-License-Identifier: Apache-2.0
// DescribeProducers (key 61): shows the producers that wrote to partitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeProducersRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeProducers, "DescribeProducersRequest", 0, 0,
                                     0};

  struct Topic {
    std::string name = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) { visit.field("topics", self.topics); }
  bool operator==(const DescribeProducersRequest&) const = default;
};

struct DescribeProducersResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeProducers, "DescribeProducersResponse", 0, 0,
                                     0};

  struct Topic {
    struct Partition {
      struct Producer {
        std::int64_t producer_id = 0;
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_start_offset = -1;

        static void fields(auto& self, auto& visit) {
          visit.field("producer_id", self.producer_id);
          visit.field("producer_epoch", self.producer_epoch);
          visit.field("last_sequence", self.last_sequence);
          visit.field("last_timestamp", self.last_timestamp);
          visit.field("coordinator_epoch", self.coordinator_epoch);
          visit.field("current_txn_start_offset", self.current_txn_start_offset);
        }
        bool operator==(const Producer&) const = default;
      };

      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;
      std::optional<std::string> error_message = {};
      std::vector<Producer> active_producers = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
        visit.field("error_message", self.error_message);
        visit.field("active_producers", self.active_producers);
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
  bool operator==(const DescribeProducersResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
