// SPDX-License-Identifier: Apache-2.0
// InitProducerId (key 22): gives a producer its id and epoch and fences an older one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct InitProducerIdRequest {
  static constexpr MessageSpec kSpec{ApiKey::InitProducerId, "InitProducerIdRequest", 0, 5, 2};
  std::optional<std::string> transactional_id = {};
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_id", self.transactional_id);
    visit.field("transaction_timeout_ms", self.transaction_timeout_ms);
    visit.field("producer_id", self.producer_id, since(3));
    visit.field("producer_epoch", self.producer_epoch, since(3));
  }
  bool operator==(const InitProducerIdRequest&) const = default;
};

struct InitProducerIdResponse {
  static constexpr MessageSpec kSpec{ApiKey::InitProducerId, "InitProducerIdResponse", 0, 5, 2};
  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("producer_id", self.producer_id);
    visit.field("producer_epoch", self.producer_epoch);
  }
  bool operator==(const InitProducerIdResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
