// SPDX-License-Identifier: Apache-2.0
// CreateAcls (key 30): allows or denies somebody something (KIP-140, KIP-290).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct CreateAclsRequest {
  static constexpr MessageSpec kSpec{ApiKey::CreateAcls, "CreateAclsRequest", 1, 3, 2};
  struct Creation {
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::int8_t resource_pattern_type = 3;
    std::string principal = {};
    std::string host = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
      visit.field("resource_pattern_type", self.resource_pattern_type);
      visit.field("principal", self.principal);
      visit.field("host", self.host);
      visit.field("operation", self.operation);
      visit.field("permission_type", self.permission_type);
    }
    bool operator==(const Creation&) const = default;
  };

  std::vector<Creation> creations = {};

  static void fields(auto& self, auto& visit) { visit.field("creations", self.creations); }
  bool operator==(const CreateAclsRequest&) const = default;
};

struct CreateAclsResponse {
  static constexpr MessageSpec kSpec{ApiKey::CreateAcls, "CreateAclsResponse", 1, 3, 2};
  struct Result {
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
    }
    bool operator==(const Result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results = {};  // in the order of the creations

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("results", self.results);
  }
  bool operator==(const CreateAclsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
