// SPDX-License-Identifier: Apache-2.0
// CreatePartitions (key 37): grows topics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct CreatePartitionsRequest {
  static constexpr MessageSpec kSpec{ApiKey::CreatePartitions, "CreatePartitionsRequest", 0, 3, 2};

  struct Topic {
    struct Assignment {
      std::vector<std::int32_t> broker_ids = {};

      static void fields(auto& self, auto& visit) { visit.field("broker_ids", self.broker_ids); }
      bool operator==(const Assignment&) const = default;
    };

    std::string name = {};
    std::int32_t count = 0;
    std::optional<std::vector<Assignment>> assignments = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("count", self.count);
      visit.field("assignments", self.assignments);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics = {};
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics);
    visit.field("timeout_ms", self.timeout_ms);
    visit.field("validate_only", self.validate_only);
  }
  bool operator==(const CreatePartitionsRequest&) const = default;
};

struct CreatePartitionsResponse {
  static constexpr MessageSpec kSpec{ApiKey::CreatePartitions, "CreatePartitionsResponse", 0, 3, 2};

  struct Topic {
    std::string name = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> results = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("results", self.results);
  }
  bool operator==(const CreatePartitionsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
