// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs (key 32): shows the configuration of topics and brokers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeConfigsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeConfigs, "DescribeConfigsRequest", 1, 4, 4};

  struct Resource {
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::optional<std::vector<std::string>> configuration_keys = {};

    static void fields(auto& self, auto& visit) {
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
      visit.field("configuration_keys", self.configuration_keys);
    }
    bool operator==(const Resource&) const = default;
  };

  std::vector<Resource> resources = {};
  bool include_synonyms = false;
  bool include_documentation = false;

  static void fields(auto& self, auto& visit) {
    visit.field("resources", self.resources);
    visit.field("include_synonyms", self.include_synonyms);
    visit.field("include_documentation", self.include_documentation, since(3));
  }
  bool operator==(const DescribeConfigsRequest&) const = default;
};

struct DescribeConfigsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeConfigs, "DescribeConfigsResponse", 1, 4, 4};

  struct Resource {
    struct Config {
      struct Synonym {
        std::string name = {};
        std::optional<std::string> value = {};
        std::int8_t source = 0;

        static void fields(auto& self, auto& visit) {
          visit.field("name", self.name);
          visit.field("value", self.value);
          visit.field("source", self.source);
        }
        bool operator==(const Synonym&) const = default;
      };

      std::string name = {};
      std::optional<std::string> value = {};
      bool read_only = false;
      std::int8_t config_source = -1;
      bool is_sensitive = false;
      std::vector<Synonym> synonyms = {};
      std::int8_t config_type = 0;
      std::optional<std::string> documentation = {};

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("value", self.value);
        visit.field("read_only", self.read_only);
        visit.field("config_source", self.config_source);
        visit.field("is_sensitive", self.is_sensitive);
        visit.field("synonyms", self.synonyms);
        visit.field("config_type", self.config_type, since(3));
        visit.field("documentation", self.documentation, since(3));
      }
      bool operator==(const Config&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::vector<Config> configs = {};

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
      visit.field("configs", self.configs);
    }
    bool operator==(const Resource&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Resource> resources = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("resources", self.resources);
  }
  bool operator==(const DescribeConfigsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
