// SPDX-License-Identifier: Apache-2.0
// DescribeUserScramCredentials (key 50): which users there are, and by which mechanisms (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeUserScramCredentialsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeUserScramCredentials,
                                     "DescribeUserScramCredentialsRequest", 0, 0, 0};
  struct UserName {
    std::string name = {};

    static void fields(auto& self, auto& visit) { visit.field("name", self.name); }
    bool operator==(const UserName&) const = default;
  };

  std::optional<std::vector<UserName>> users = {};  // null or empty: all

  static void fields(auto& self, auto& visit) { visit.field("users", self.users); }
  bool operator==(const DescribeUserScramCredentialsRequest&) const = default;
};

struct DescribeUserScramCredentialsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeUserScramCredentials,
                                     "DescribeUserScramCredentialsResponse", 0, 0, 0};
  struct CredentialInfo {
    std::int8_t mechanism = 0;
    std::int32_t iterations = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("mechanism", self.mechanism);
      visit.field("iterations", self.iterations);
    }
    bool operator==(const CredentialInfo&) const = default;
  };
  struct Result {
    std::string user = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::vector<CredentialInfo> credential_infos = {};

    static void fields(auto& self, auto& visit) {
      visit.field("user", self.user);
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("credential_infos", self.credential_infos);
    }
    bool operator==(const Result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = {};
  std::vector<Result> results = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message);
    visit.field("results", self.results);
  }
  bool operator==(const DescribeUserScramCredentialsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
