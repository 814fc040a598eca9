// SPDX-License-Identifier: Apache-2.0
// EndTxn (key 26): commits or aborts a transaction; bumps the epoch from v5 (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct EndTxnRequest {
  static constexpr MessageSpec kSpec{ApiKey::EndTxn, "EndTxnRequest", 0, 5, 3};
  std::string transactional_id = {};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_id", self.transactional_id);
    visit.field("producer_id", self.producer_id);
    visit.field("producer_epoch", self.producer_epoch);
    visit.field("committed", self.committed);
  }
  bool operator==(const EndTxnRequest&) const = default;
};

struct EndTxnResponse {
  static constexpr MessageSpec kSpec{ApiKey::EndTxn, "EndTxnResponse", 0, 5, 3};
  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("producer_id", self.producer_id, since(5));
    visit.field("producer_epoch", self.producer_epoch, since(5));
  }
  bool operator==(const EndTxnResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
