// SPDX-License-Identifier: Apache-2.0
// AddOffsetsToTxn (key 25): adds the offsets of a group to a transaction.
#pragma once

#include <cstdint>
#include <string>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct AddOffsetsToTxnRequest {
  static constexpr MessageSpec kSpec{ApiKey::AddOffsetsToTxn, "AddOffsetsToTxnRequest", 0, 4, 3};
  std::string transactional_id = {};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::string group_id = {};

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_id", self.transactional_id);
    visit.field("producer_id", self.producer_id);
    visit.field("producer_epoch", self.producer_epoch);
    visit.field("group_id", self.group_id);
  }
  bool operator==(const AddOffsetsToTxnRequest&) const = default;
};

struct AddOffsetsToTxnResponse {
  static constexpr MessageSpec kSpec{ApiKey::AddOffsetsToTxn, "AddOffsetsToTxnResponse", 0, 4, 3};
  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
  }
  bool operator==(const AddOffsetsToTxnResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
