// SPDX-License-Identifier: Apache-2.0
// AddPartitionsToTxn (key 24): adds partitions to a transaction; brokers batch several from v4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct AddPartitionsToTxnRequest {
  static constexpr MessageSpec kSpec{ApiKey::AddPartitionsToTxn, "AddPartitionsToTxnRequest", 0, 5,
                                     3};

  struct Topic {
    std::string name = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Transaction {
    std::string transactional_id = {};
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<Topic> topics = {};

    static void fields(auto& self, auto& visit) {
      visit.field("transactional_id", self.transactional_id);
      visit.field("producer_id", self.producer_id);
      visit.field("producer_epoch", self.producer_epoch);
      visit.field("verify_only", self.verify_only);
      visit.field("topics", self.topics);
    }
    bool operator==(const Transaction&) const = default;
  };

  std::vector<Transaction> transactions = {};
  std::string transactional_id = {};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("transactions", self.transactions, since(4));
    visit.field("transactional_id", self.transactional_id, until(3));
    visit.field("producer_id", self.producer_id, until(3));
    visit.field("producer_epoch", self.producer_epoch, until(3));
    visit.field("topics", self.topics, until(3));
  }
  bool operator==(const AddPartitionsToTxnRequest&) const = default;
};

struct AddPartitionsToTxnResponse {
  static constexpr MessageSpec kSpec{ApiKey::AddPartitionsToTxn, "AddPartitionsToTxnResponse", 0, 5,
                                     3};

  struct Partition {
    std::int32_t index = 0;
    KafkaError error_code = KafkaError::None;

    static void fields(auto& self, auto& visit) {
      visit.field("index", self.index);
      visit.field("error_code", self.error_code);
    }
    bool operator==(const Partition&) const = default;
  };

  struct Topic {
    std::string name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Transaction {
    std::string transactional_id = {};
    std::vector<Topic> topics = {};

    static void fields(auto& self, auto& visit) {
      visit.field("transactional_id", self.transactional_id);
      visit.field("topics", self.topics);
    }
    bool operator==(const Transaction&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::vector<Transaction> transactions = {};
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code, since(4));
    visit.field("transactions", self.transactions, since(4));
    visit.field("topics", self.topics, until(3));
  }
  bool operator==(const AddPartitionsToTxnResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
