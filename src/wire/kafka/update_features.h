// SPDX-License-Identifier: Apache-2.0
// UpdateFeatures (key 57): raises or lowers the levels of what the cluster can do (KIP-584).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct UpdateFeaturesRequest {
  static constexpr MessageSpec kSpec{ApiKey::UpdateFeatures, "UpdateFeaturesRequest", 0, 2, 0};

  struct Update {
    std::string feature = {};
    std::int16_t max_version_level = 0;
    bool allow_downgrade = false;
    std::int8_t upgrade_type = 1;  // 1 upgrade, 2 safe downgrade, 3 unsafe downgrade

    static void fields(auto& self, auto& visit) {
      visit.field("feature", self.feature);
      visit.field("max_version_level", self.max_version_level);
      visit.field("allow_downgrade", self.allow_downgrade, until(0));
      visit.field("upgrade_type", self.upgrade_type, since(1));
    }
    bool operator==(const Update&) const = default;
  };

  std::int32_t timeout_ms = 60000;
  std::vector<Update> feature_updates = {};
  bool validate_only = false;

  static void fields(auto& self, auto& visit) {
    visit.field("timeout_ms", self.timeout_ms);
    visit.field("feature_updates", self.feature_updates);
    visit.field("validate_only", self.validate_only, since(1));
  }
  bool operator==(const UpdateFeaturesRequest&) const = default;
};

struct UpdateFeaturesResponse {
  static constexpr MessageSpec kSpec{ApiKey::UpdateFeatures, "UpdateFeaturesResponse", 0, 2, 0};

  struct Outcome {
    std::string feature = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = std::string{};

    static void fields(auto& self, auto& visit) {
      visit.field("feature", self.feature);
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
    }
    bool operator==(const Outcome&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = std::string{};
  std::vector<Outcome> results = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message);
    visit.field("results", self.results, until(1));
  }
  bool operator==(const UpdateFeaturesResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
