// SPDX-License-Identifier: Apache-2.0
// DeleteTopics (key 20): deletes topics, by id or name from v6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DeleteTopicsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DeleteTopics, "DeleteTopicsRequest", 1, 6, 4};

  struct Topic {
    std::optional<std::string> name = {};
    Uuid topic_id = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("topic_id", self.topic_id);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics = {};
  std::vector<std::string> topic_names = {};
  std::int32_t timeout_ms = 0;

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics, since(6));
    visit.field("topic_names", self.topic_names, until(5));
    visit.field("timeout_ms", self.timeout_ms);
  }
  bool operator==(const DeleteTopicsRequest&) const = default;
};

struct DeleteTopicsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DeleteTopics, "DeleteTopicsResponse", 1, 6, 4};

  struct Topic {
    std::optional<std::string> name = {};
    Uuid topic_id = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name, Versions{}.nullable_since(6));
      visit.field("topic_id", self.topic_id, since(6));
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message, since(5));
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const DeleteTopicsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
