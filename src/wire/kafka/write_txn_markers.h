// SPDX-License-Identifier: Apache-2.0
// WriteTxnMarkers (key 27): ends the transactions of producers in partitions; administrators abort
// a hanging one with it (KIP-664).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct WriteTxnMarkersRequest {
  static constexpr MessageSpec kSpec{ApiKey::WriteTxnMarkers, "WriteTxnMarkersRequest", 1, 2, 1};

  struct Marker {
    struct Topic {
      std::string name = {};
      std::vector<std::int32_t> partition_indexes = {};

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("partition_indexes", self.partition_indexes);
      }
      bool operator==(const Topic&) const = default;
    };

    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool transaction_result = false;  // true: commit
    std::vector<Topic> topics = {};
    std::int32_t coordinator_epoch = 0;
    std::int8_t transaction_version = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("producer_id", self.producer_id);
      visit.field("producer_epoch", self.producer_epoch);
      visit.field("transaction_result", self.transaction_result);
      visit.field("topics", self.topics);
      visit.field("coordinator_epoch", self.coordinator_epoch);
      visit.field("transaction_version", self.transaction_version, since(2));
    }
    bool operator==(const Marker&) const = default;
  };

  std::vector<Marker> markers = {};

  static void fields(auto& self, auto& visit) { visit.field("markers", self.markers); }
  bool operator==(const WriteTxnMarkersRequest&) const = default;
};

struct WriteTxnMarkersResponse {
  static constexpr MessageSpec kSpec{ApiKey::WriteTxnMarkers, "WriteTxnMarkersResponse", 1, 2, 1};

  struct Marker {
    struct Topic {
      struct Partition {
        std::int32_t partition_index = 0;
        KafkaError error_code = KafkaError::None;

        static void fields(auto& self, auto& visit) {
          visit.field("partition_index", self.partition_index);
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

    std::int64_t producer_id = 0;
    std::vector<Topic> topics = {};

    static void fields(auto& self, auto& visit) {
      visit.field("producer_id", self.producer_id);
      visit.field("topics", self.topics);
    }
    bool operator==(const Marker&) const = default;
  };

  std::vector<Marker> markers = {};

  static void fields(auto& self, auto& visit) { visit.field("markers", self.markers); }
  bool operator==(const WriteTxnMarkersResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
