// SPDX-License-Identifier: Apache-2.0
// FindCoordinator (key 10): tells which broker coordinates a group or a transactional id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct FindCoordinatorRequest {
  static constexpr MessageSpec kSpec{ApiKey::FindCoordinator, "FindCoordinatorRequest", 0, 6, 3};
  std::string key = {};
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys = {};

  static void fields(auto& self, auto& visit) {
    visit.field("key", self.key, until(3));
    visit.field("key_type", self.key_type, since(1));
    visit.field("coordinator_keys", self.coordinator_keys, since(4));
  }
  bool operator==(const FindCoordinatorRequest&) const = default;
};

struct FindCoordinatorResponse {
  static constexpr MessageSpec kSpec{ApiKey::FindCoordinator, "FindCoordinatorResponse", 0, 6, 3};

  struct Coordinator {
    std::string key = {};
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};

    static void fields(auto& self, auto& visit) {
      visit.field("key", self.key);
      visit.field("node_id", self.node_id);
      visit.field("host", self.host);
      visit.field("port", self.port);
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
    }
    bool operator==(const Coordinator&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = {};
  std::int32_t node_id = 0;
  std::string host = {};
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.field("error_code", self.error_code, until(3));
    visit.field("error_message", self.error_message, between(1, 3));
    visit.field("node_id", self.node_id, until(3));
    visit.field("host", self.host, until(3));
    visit.field("port", self.port, until(3));
    visit.field("coordinators", self.coordinators, since(4));
  }
  bool operator==(const FindCoordinatorResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
