// SPDX-License-Identifier: Apache-2.0
// AlterUserScramCredentials (key 51): creates, changes and removes users. The password is salted by
// the client and never sent (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct AlterUserScramCredentialsRequest {
  static constexpr MessageSpec kSpec{ApiKey::AlterUserScramCredentials,
                                     "AlterUserScramCredentialsRequest", 0, 0, 0};
  struct Deletion {
    std::string name = {};
    std::int8_t mechanism = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("mechanism", self.mechanism);
    }
    bool operator==(const Deletion&) const = default;
  };
  struct Upsertion {
    std::string name = {};
    std::int8_t mechanism = 0;
    std::int32_t iterations = 0;
    Bytes salt = {};
    Bytes salted_password = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("mechanism", self.mechanism);
      visit.field("iterations", self.iterations);
      visit.field("salt", self.salt);
      visit.field("salted_password", self.salted_password);
    }
    bool operator==(const Upsertion&) const = default;
  };

  std::vector<Deletion> deletions = {};
  std::vector<Upsertion> upsertions = {};

  static void fields(auto& self, auto& visit) {
    visit.field("deletions", self.deletions);
    visit.field("upsertions", self.upsertions);
  }
  bool operator==(const AlterUserScramCredentialsRequest&) const = default;
};

struct AlterUserScramCredentialsResponse {
  static constexpr MessageSpec kSpec{ApiKey::AlterUserScramCredentials,
                                     "AlterUserScramCredentialsResponse", 0, 0, 0};
  struct Result {
    std::string user = {};
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};

    static void fields(auto& self, auto& visit) {
      visit.field("user", self.user);
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
    }
    bool operator==(const Result&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("results", self.results);
  }
  bool operator==(const AlterUserScramCredentialsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
