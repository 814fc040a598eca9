// SPDX-License-Identifier: Apache-2.0
// AlterConfigs (key 33): replaces the whole configuration of a topic or broker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct AlterConfigsRequest {
  static constexpr MessageSpec kSpec{ApiKey::AlterConfigs, "AlterConfigsRequest", 0, 2, 2};

  struct Resource {
    struct Config {
      std::string name = {};
      std::optional<std::string> value = {};

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("value", self.value);
      }
      bool operator==(const Config&) const = default;
    };

    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::vector<Config> configs = {};

    static void fields(auto& self, auto& visit) {
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
      visit.field("configs", self.configs);
    }
    bool operator==(const Resource&) const = default;
  };

  std::vector<Resource> resources = {};
  bool validate_only = false;

  static void fields(auto& self, auto& visit) {
    visit.field("resources", self.resources);
    visit.field("validate_only", self.validate_only);
  }
  bool operator==(const AlterConfigsRequest&) const = default;
};

struct AlterConfigsResponse {
  static constexpr MessageSpec kSpec{ApiKey::AlterConfigs, "AlterConfigsResponse", 0, 2, 2};

  struct Resource {
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::int8_t resource_type = 0;
    std::string resource_name = {};

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
    }
    bool operator==(const Resource&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Resource> resources = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("resources", self.resources);
  }
  bool operator==(const AlterConfigsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
