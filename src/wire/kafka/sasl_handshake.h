// SPDX-License-Identifier: Apache-2.0
// SaslHandshake (key 17): chooses how a client logs in. Version 0 is followed by tokens without a
// header, version 1 by SaslAuthenticate (KIP-152).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct SaslHandshakeRequest {
  static constexpr MessageSpec kSpec{ApiKey::SaslHandshake, "SaslHandshakeRequest", 0, 1,
                                     kNeverFlexible};
  std::string mechanism = {};

  static void fields(auto& self, auto& visit) { visit.field("mechanism", self.mechanism); }
  bool operator==(const SaslHandshakeRequest&) const = default;
};

struct SaslHandshakeResponse {
  static constexpr MessageSpec kSpec{ApiKey::SaslHandshake, "SaslHandshakeResponse", 0, 1,
                                     kNeverFlexible};
  KafkaError error_code = KafkaError::None;
  std::vector<std::string> mechanisms = {};

  static void fields(auto& self, auto& visit) {
    visit.field("error_code", self.error_code);
    visit.field("mechanisms", self.mechanisms);
  }
  bool operator==(const SaslHandshakeResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
