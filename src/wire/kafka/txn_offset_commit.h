// SPDX-License-Identifier: Apache-2.0
// TxnOffsetCommit (key 28): commits group positions within a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct TxnOffsetCommitRequest {
  static constexpr MessageSpec kSpec{ApiKey::TxnOffsetCommit, "TxnOffsetCommitRequest", 0, 5, 3};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> committed_metadata = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("committed_offset", self.committed_offset);
        visit.field("committed_leader_epoch", self.committed_leader_epoch, since(2));
        visit.field("committed_metadata", self.committed_metadata);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::string transactional_id = {};
  std::string group_id = {};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_id", self.transactional_id);
    visit.field("group_id", self.group_id);
    visit.field("producer_id", self.producer_id);
    visit.field("producer_epoch", self.producer_epoch);
    visit.field("generation_id", self.generation_id, since(3));
    visit.field("member_id", self.member_id, since(3));
    visit.field("group_instance_id", self.group_instance_id, since(3));
    visit.field("topics", self.topics);
  }
  bool operator==(const TxnOffsetCommitRequest&) const = default;
};

struct TxnOffsetCommitResponse {
  static constexpr MessageSpec kSpec{ApiKey::TxnOffsetCommit, "TxnOffsetCommitResponse", 0, 5, 3};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const TxnOffsetCommitResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
