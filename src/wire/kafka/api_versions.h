// SPDX-License-Identifier: Apache-2.0
// ApiVersions (key 18): tells which APIs and versions are served. The response header is always v0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ApiVersionsRequest {
  static constexpr MessageSpec kSpec{ApiKey::ApiVersions, "ApiVersionsRequest", 0, 4, 3};
  std::string client_software_name = {};
  std::string client_software_version = {};

  static void fields(auto& self, auto& visit) {
    visit.field("client_software_name", self.client_software_name, since(3));
    visit.field("client_software_version", self.client_software_version, since(3));
  }
  bool operator==(const ApiVersionsRequest&) const = default;
};

struct ApiVersionsResponse {
  static constexpr MessageSpec kSpec{ApiKey::ApiVersions, "ApiVersionsResponse", 0, 4, 3};

  struct Api {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("api_key", self.api_key);
      visit.field("min_version", self.min_version);
      visit.field("max_version", self.max_version);
    }
    bool operator==(const Api&) const = default;
  };

  struct SupportedFeature {
    std::string name = {};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("min_version", self.min_version);
      visit.field("max_version", self.max_version);
    }
    bool operator==(const SupportedFeature&) const = default;
  };

  struct FinalizedFeature {
    std::string name = {};
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("max_version_level", self.max_version_level);
      visit.field("min_version_level", self.min_version_level);
    }
    bool operator==(const FinalizedFeature&) const = default;
  };

  KafkaError error_code = KafkaError::None;
  std::vector<Api> api_keys = {};
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features = {};
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features = {};
  bool zk_migration_ready = false;

  static void fields(auto& self, auto& visit) {
    visit.field("error_code", self.error_code);
    visit.field("api_keys", self.api_keys);
    visit.field("throttle_time_ms", self.throttle_time_ms, since(1));
    visit.tagged(0, "supported_features", self.supported_features, since(3));
    visit.tagged(1, "finalized_features_epoch", self.finalized_features_epoch, since(3), -1);
    visit.tagged(2, "finalized_features", self.finalized_features, since(3));
    visit.tagged(3, "zk_migration_ready", self.zk_migration_ready, since(3));
  }
  bool operator==(const ApiVersionsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
