// SPDX-License-Identifier: Apache-2.0
// Produce (key 0): appends record batches to partitions. acks=0 has no response.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct ProduceRequest {
  static constexpr MessageSpec kSpec{ApiKey::Produce, "ProduceRequest", 3, 13, 9};

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      Records records = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("records", self.records);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name, until(12));
      visit.field("topic_id", self.topic_id, since(13));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::optional<std::string> transactional_id = {};
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<Topic> topics = {};

  static void fields(auto& self, auto& visit) {
    visit.field("transactional_id", self.transactional_id);
    visit.field("acks", self.acks);
    visit.field("timeout_ms", self.timeout_ms);
    visit.field("topics", self.topics);
  }
  bool operator==(const ProduceRequest&) const = default;
};

struct ProduceResponse {
  static constexpr MessageSpec kSpec{ApiKey::Produce, "ProduceResponse", 3, 13, 9};

  struct Topic {
    struct Partition {
      struct RecordError {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message = {};

        static void fields(auto& self, auto& visit) {
          visit.field("batch_index", self.batch_index);
          visit.field("batch_index_error_message", self.batch_index_error_message);
        }
        bool operator==(const RecordError&) const = default;
      };
      struct LeaderIdAndEpoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;

        static void fields(auto& self, auto& visit) {
          visit.field("leader_id", self.leader_id);
          visit.field("leader_epoch", self.leader_epoch);
        }
        bool operator==(const LeaderIdAndEpoch&) const = default;
      };

      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;
      std::int64_t base_offset = 0;
      std::int64_t log_append_time_ms = -1;
      std::int64_t log_start_offset = -1;
      std::vector<RecordError> record_errors = {};
      std::optional<std::string> error_message = {};
      LeaderIdAndEpoch current_leader = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
        visit.field("base_offset", self.base_offset);
        visit.field("log_append_time_ms", self.log_append_time_ms);
        visit.field("log_start_offset", self.log_start_offset, since(5));
        visit.field("record_errors", self.record_errors, since(8));
        visit.field("error_message", self.error_message, since(8));
        visit.tagged(0, "current_leader", self.current_leader, since(10));
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name = {};
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("name", self.name, until(12));
      visit.field("topic_id", self.topic_id, since(13));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};

    static void fields(auto& self, auto& visit) {
      visit.field("node_id", self.node_id);
      visit.field("host", self.host);
      visit.field("port", self.port);
      visit.field("rack", self.rack);
    }
    bool operator==(const NodeEndpoint&) const = default;
  };

  std::vector<Topic> topics = {};
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints = {};

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics);
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.tagged(0, "node_endpoints", self.node_endpoints, since(10));
  }
  bool operator==(const ProduceResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
