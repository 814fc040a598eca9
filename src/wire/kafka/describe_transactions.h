// SPDX-License-Identifier: Apache-2.0
// DescribeTransactions (key 65): shows the state of transactions by transactional id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeTransactionsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeTransactions, "DescribeTransactionsRequest", 0,
                                     0, 0};
  std::vector<std::string> transactional_ids = {};

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_ids", self.transactional_ids);
  }
  bool operator==(const DescribeTransactionsRequest&) const = default;
};

struct DescribeTransactionsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeTransactions, "DescribeTransactionsResponse",
                                     0, 0, 0};

  struct Transaction {
    struct Topic {
      std::string topic = {};
      std::vector<std::int32_t> partitions = {};

      static void fields(auto& self, auto& visit) {
        visit.field("topic", self.topic);
        visit.field("partitions", self.partitions);
      }
      bool operator==(const Topic&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::string transactional_id = {};
    std::string transaction_state = {};
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t transaction_start_time_ms = 0;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<Topic> topics = {};

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("transactional_id", self.transactional_id);
      visit.field("transaction_state", self.transaction_state);
      visit.field("transaction_timeout_ms", self.transaction_timeout_ms);
      visit.field("transaction_start_time_ms", self.transaction_start_time_ms);
      visit.field("producer_id", self.producer_id);
      visit.field("producer_epoch", self.producer_epoch);
      visit.field("topics", self.topics);
    }
    bool operator==(const Transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Transaction> transaction_states = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("transaction_states", self.transaction_states);
  }
  bool operator==(const DescribeTransactionsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
