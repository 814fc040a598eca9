// SPDX-License-Identifier: Apache-2.0
// OffsetFetch (key 9): reads the committed positions of one group, or of several from v8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct OffsetFetchRequest {
  static constexpr MessageSpec kSpec{ApiKey::OffsetFetch, "OffsetFetchRequest", 1, 10, 6};

  struct Topic {
    std::string name = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Group {
    struct Topic {
      std::string name = {};
      Uuid topic_id = {};
      std::vector<std::int32_t> partitions = {};

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name, until(9));
        visit.field("topic_id", self.topic_id, since(10));
        visit.field("partitions", self.partitions);
      }
      bool operator==(const Topic&) const = default;
    };

    std::string group_id = {};
    std::optional<std::string> member_id = {};
    std::int32_t member_epoch = -1;
    std::optional<std::vector<Topic>> topics = {};

    static void fields(auto& self, auto& visit) {
      visit.field("group_id", self.group_id);
      visit.field("member_id", self.member_id, since(9));
      visit.field("member_epoch", self.member_epoch, since(9));
      visit.field("topics", self.topics);
    }
    bool operator==(const Group&) const = default;
  };

  std::string group_id = {};
  std::optional<std::vector<Topic>> topics = {};
  std::vector<Group> groups = {};
  bool require_stable = false;

  static void fields(auto& self, auto& visit) {
    visit.field("group_id", self.group_id, until(7));
    visit.field("topics", self.topics, until(7).nullable_since(2));
    visit.field("groups", self.groups, since(8));
    visit.field("require_stable", self.require_stable, since(7));
  }
  bool operator==(const OffsetFetchRequest&) const = default;
};

struct OffsetFetchResponse {
  static constexpr MessageSpec kSpec{ApiKey::OffsetFetch, "OffsetFetchResponse", 1, 10, 6};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int64_t committed_offset = 0;
      std::int32_t committed_leader_epoch = -1;
      std::optional<std::string> metadata = {};
      KafkaError error_code = KafkaError::None;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("committed_offset", self.committed_offset);
        visit.field("committed_leader_epoch", self.committed_leader_epoch, since(5));
        visit.field("metadata", self.metadata);
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

  struct Group {
    struct Topic {
      struct Partition {
        std::int32_t index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata = {};
        KafkaError error_code = KafkaError::None;

        static void fields(auto& self, auto& visit) {
          visit.field("index", self.index);
          visit.field("committed_offset", self.committed_offset);
          visit.field("committed_leader_epoch", self.committed_leader_epoch);
          visit.field("metadata", self.metadata);
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

    std::string group_id = {};
    std::vector<Topic> topics = {};
    KafkaError error_code = KafkaError::None;

    static void fields(auto& self, auto& visit) {
      visit.field("group_id", self.group_id);
      visit.field("topics", self.topics);
      visit.field("error_code", self.error_code);
    }
    bool operator==(const Group&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics = {};
  KafkaError error_code = KafkaError::None;
  std::vector<Group> groups = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(3));
    visit.field("topics", self.topics, until(7));
    visit.field("error_code", self.error_code, between(2, 7));
    visit.field("groups", self.groups, since(8));
  }
  bool operator==(const OffsetFetchResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
