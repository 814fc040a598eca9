// SPDX-License-Identifier: Apache-2.0
// ListTransactions (key 66): lists transactions, filtered by state, producer, duration and pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ListTransactionsRequest {
  static constexpr MessageSpec kSpec{ApiKey::ListTransactions, "ListTransactionsRequest", 0, 2, 0};
  std::vector<std::string> state_filters = {};
  std::vector<std::int64_t> producer_id_filters = {};
  std::int64_t duration_filter = -1;
  std::optional<std::string> transactional_id_pattern = {};

  static void fields(auto& self, auto& visit) {
    visit.field("state_filters", self.state_filters);
    visit.field("producer_id_filters", self.producer_id_filters);
    visit.field("duration_filter", self.duration_filter, since(1));
    visit.field("transactional_id_pattern", self.transactional_id_pattern, since(2));
  }
  bool operator==(const ListTransactionsRequest&) const = default;
};

struct ListTransactionsResponse {
  static constexpr MessageSpec kSpec{ApiKey::ListTransactions, "ListTransactionsResponse", 0, 2, 0};

  struct Transaction {
    std::string transactional_id = {};
    std::int64_t producer_id = 0;
    std::string transaction_state = {};

    static void fields(auto& self, auto& visit) {
      visit.field("transactional_id", self.transactional_id);
      visit.field("producer_id", self.producer_id);
      visit.field("transaction_state", self.transaction_state);
    }
    bool operator==(const Transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::vector<std::string> unknown_state_filters = {};
  std::vector<Transaction> transaction_states = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("unknown_state_filters", self.unknown_state_filters);
    visit.field("transaction_states", self.transaction_states);
  }
  bool operator==(const ListTransactionsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
