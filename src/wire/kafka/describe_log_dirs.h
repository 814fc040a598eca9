// SPDX-License-Identifier: Apache-2.0
// DescribeLogDirs (key 35): shows the size of each partition's log on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeLogDirsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeLogDirs, "DescribeLogDirsRequest", 1, 5, 2};

  struct Topic {
    std::string topic = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::optional<std::vector<Topic>> topics = {};

  static void fields(auto& self, auto& visit) { visit.field("topics", self.topics); }
  bool operator==(const DescribeLogDirsRequest&) const = default;
};

struct DescribeLogDirsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeLogDirs, "DescribeLogDirsResponse", 1, 5, 2};

  struct LogDir {
    struct Topic {
      struct Partition {
        std::int32_t index = 0;
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;

        static void fields(auto& self, auto& visit) {
          visit.field("index", self.index);
          visit.field("partition_size", self.partition_size);
          visit.field("offset_lag", self.offset_lag);
          visit.field("is_future_key", self.is_future_key);
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
    std::string log_dir = {};
    std::vector<Topic> topics = {};
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    bool is_cordoned = false;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("log_dir", self.log_dir);
      visit.field("topics", self.topics);
      visit.field("total_bytes", self.total_bytes, since(4));
      visit.field("usable_bytes", self.usable_bytes, since(4));
      visit.field("is_cordoned", self.is_cordoned, since(5));
    }
    bool operator==(const LogDir&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::vector<LogDir> results = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code, since(3));
    visit.field("results", self.results);
  }
  bool operator==(const DescribeLogDirsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
