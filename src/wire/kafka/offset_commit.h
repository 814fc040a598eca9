// SPDX-License-Identifier: Apache-2.0
// OffsetCommit (key 8): stores the positions of a consumer group. By topic id from v10.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct OffsetCommitRequest {
  static constexpr MessageSpec kSpec{ApiKey::OffsetCommit, "OffsetCommitRequest", 2, 10, 8};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> committed_metadata = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("committed_offset", self.committed_offset);
        visit.field("committed_leader_epoch", self.committed_leader_epoch, since(6));
        visit.field("committed_metadata", self.committed_metadata);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name, until(9));
      visit.field("topic_id", self.topic_id, since(10));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::string group_id = {};
  std::int32_t generation_id_or_member_epoch = -1;
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::int64_t retention_time_ms = -1;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id);
    visit.field("generation_id_or_member_epoch", self.generation_id_or_member_epoch);
    visit.field("member_id", self.member_id);
    visit.field("group_instance_id", self.group_instance_id, since(7));
    visit.field("retention_time_ms", self.retention_time_ms, until(4));
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetCommitRequest&) const = default;
};

struct OffsetCommitResponse {
  static constexpr MessageSpec kSpec{ApiKey::OffsetCommit, "OffsetCommitResponse", 2, 10, 8};

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
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name, until(9));
      visit.field("topic_id", self.topic_id, since(10));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(3));
    visit.field("topics", self.topics);
  }
  bool operator==(const OffsetCommitResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
