// SPDX-License-Identifier: Apache-2.0
// CreateTopics (key 19): creates topics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct CreateTopicsRequest {
  static constexpr MessageSpec kSpec{ApiKey::CreateTopics, "CreateTopicsRequest", 2, 7, 5};

  struct Topic {
    struct Assignment {
      std::int32_t index = 0;
      std::vector<std::int32_t> broker_ids = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("broker_ids", self.broker_ids);
      }
      bool operator==(const Assignment&) const = default;
    };
    struct Config {
      std::string name = {};
      std::optional<std::string> value = {};

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("value", self.value);
      }
      bool operator==(const Config&) const = default;
    };

    std::string name = {};
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<Assignment> assignments = {};
    std::vector<Config> configs = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("num_partitions", self.num_partitions);
      visit.field("replication_factor", self.replication_factor);
      visit.field("assignments", self.assignments);
      visit.field("configs", self.configs);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics = {};
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics);
    visit.field("timeout_ms", self.timeout_ms);
    visit.field("validate_only", self.validate_only);
  }
  bool operator==(const CreateTopicsRequest&) const = default;
};

struct CreateTopicsResponse {
  static constexpr MessageSpec kSpec{ApiKey::CreateTopics, "CreateTopicsResponse", 2, 7, 5};

  struct Topic {
    struct Config {
      std::string name = {};
      std::optional<std::string> value = {};
      bool read_only = false;
      std::int8_t config_source = -1;
      bool is_sensitive = false;

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("value", self.value);
        visit.field("read_only", self.read_only);
        visit.field("config_source", self.config_source);
        visit.field("is_sensitive", self.is_sensitive);
      }
      bool operator==(const Config&) const = default;
    };

    std::string name = {};
    Uuid topic_id = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::int16_t topic_config_error_code = 0;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("topic_id", self.topic_id, since(7));
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("num_partitions", self.num_partitions, since(5));
      visit.field("replication_factor", self.replication_factor, since(5));
      visit.field("configs", self.configs, since(5));
      visit.tagged(0, "topic_config_error_code", self.topic_config_error_code, since(5));
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const CreateTopicsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
