// SPDX-License-Identifier: Apache-2.0
// DescribeQuorum (key 55): shows who keeps the cluster's metadata and how far each has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeQuorumRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeQuorum, "DescribeQuorumRequest", 0, 2, 0};

  struct Topic {
    struct Partition {
      std::int32_t partition_index = 0;

      static void fields(auto& self, auto& visit) {
        visit.field("partition_index", self.partition_index);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic_name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_name", self.topic_name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) { visit.field("topics", self.topics); }
  bool operator==(const DescribeQuorumRequest&) const = default;
};

struct DescribeQuorumResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeQuorum, "DescribeQuorumResponse", 0, 2, 0};

  struct Topic {
    struct Partition {
      struct Replica {
        std::int32_t replica_id = 0;
        Uuid replica_directory_id = {};
        std::int64_t log_end_offset = 0;
        std::int64_t last_fetch_timestamp = -1;
        std::int64_t last_caught_up_timestamp = -1;

        static void fields(auto& self, auto& visit) {
          visit.field("replica_id", self.replica_id);
          visit.field("replica_directory_id", self.replica_directory_id, since(2));
          visit.field("log_end_offset", self.log_end_offset);
          visit.field("last_fetch_timestamp", self.last_fetch_timestamp, since(1));
          visit.field("last_caught_up_timestamp", self.last_caught_up_timestamp, since(1));
        }
        bool operator==(const Replica&) const = default;
      };

      std::int32_t partition_index = 0;
      KafkaError error_code = KafkaError::None;
      std::optional<std::string> error_message = std::string{};
      std::int32_t leader_id = 0;
      std::int32_t leader_epoch = 0;
      std::int64_t high_watermark = 0;
      std::vector<Replica> current_voters = {};
      std::vector<Replica> observers = {};

      static void fields(auto& self, auto& visit) {
        visit.field("partition_index", self.partition_index);
        visit.field("error_code", self.error_code);
        visit.field("error_message", self.error_message, since(2));
        visit.field("leader_id", self.leader_id);
        visit.field("leader_epoch", self.leader_epoch);
        visit.field("high_watermark", self.high_watermark);
        visit.field("current_voters", self.current_voters);
        visit.field("observers", self.observers);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic_name = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_name", self.topic_name);
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Node {
    struct Listener {
      std::string name = {};
      std::string host = {};
      std::uint16_t port = 0;

      static void fields(auto& self, auto& visit) {
        visit.field("name", self.name);
        visit.field("host", self.host);
        visit.field("port", self.port);
      }
      bool operator==(const Listener&) const = default;
    };

    std::int32_t node_id = 0;
    std::vector<Listener> listeners = {};

    static void fields(auto& self, auto& visit) {
      visit.field("node_id", self.node_id);
      visit.field("listeners", self.listeners);
    }
    bool operator==(const Node&) const = default;
  };

  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = std::string{};
  std::vector<Topic> topics = {};
  std::vector<Node> nodes = {};

  static void fields(auto& self, auto& visit) {
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message, since(2));
    visit.field("topics", self.topics);
    visit.field("nodes", self.nodes, since(2));
  }
  bool operator==(const DescribeQuorumResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
