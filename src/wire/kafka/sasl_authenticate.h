// SPDX-License-Identifier: Apache-2.0
// SaslAuthenticate (key 36): one token of a login, and the server's answer to it (KIP-152).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct SaslAuthenticateRequest {
  static constexpr MessageSpec kSpec{ApiKey::SaslAuthenticate, "SaslAuthenticateRequest", 0, 2, 2};
  Bytes auth_bytes = {};

  static void fields(auto& self, auto& visit) { visit.field("auth_bytes", self.auth_bytes); }
  bool operator==(const SaslAuthenticateRequest&) const = default;
};

struct SaslAuthenticateResponse {
  static constexpr MessageSpec kSpec{ApiKey::SaslAuthenticate, "SaslAuthenticateResponse", 0, 2, 2};
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = {};
  Bytes auth_bytes = {};
  std::int64_t session_lifetime_ms = 0;  // 0: for as long as the connection

  static void fields(auto& self, auto& visit) {
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message);
    visit.field("auth_bytes", self.auth_bytes);
    visit.field("session_lifetime_ms", self.session_lifetime_ms, since(1));
  }
  bool operator==(const SaslAuthenticateResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
