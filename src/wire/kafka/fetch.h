// SPDX-License-Identifier: Apache-2.0
// Fetch (key 1): reads record batches; waits up to max_wait_ms for min_bytes. By topic id from v13.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct FetchRequest {
  static constexpr MessageSpec kSpec{ApiKey::Fetch, "FetchRequest", 4, 18, 12};

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    static void fields(auto& self, auto& visit) {
      visit.field("replica_id", self.replica_id);
      visit.field("replica_epoch", self.replica_epoch);
    }
    bool operator==(const ReplicaState&) const = default;
  };

  struct Topic {
    struct Partition {
      std::int32_t index = 0;
      std::int32_t current_leader_epoch = -1;
      std::int64_t fetch_offset = 0;
      std::int32_t last_fetched_epoch = -1;
      std::int64_t log_start_offset = -1;
      std::int32_t partition_max_bytes = 0;
      Uuid replica_directory_id = {};
      std::int64_t high_watermark = 9223372036854775807;

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("current_leader_epoch", self.current_leader_epoch, since(9));
        visit.field("fetch_offset", self.fetch_offset);
        visit.field("last_fetched_epoch", self.last_fetched_epoch, since(12));
        visit.field("log_start_offset", self.log_start_offset, since(5));
        visit.field("partition_max_bytes", self.partition_max_bytes);
        visit.tagged(0, "replica_directory_id", self.replica_directory_id, since(17));
        visit.tagged(1, "high_watermark", self.high_watermark, since(18), 9223372036854775807);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic = {};
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic, until(12));
      visit.field("topic_id", self.topic_id, since(13));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct ForgottenTopic {
    std::string topic = {};
    Uuid topic_id = {};
    std::vector<std::int32_t> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic, until(12));
      visit.field("topic_id", self.topic_id, since(13));
      visit.field("partitions", self.partitions);
    }
    bool operator==(const ForgottenTopic&) const = default;
  };

  std::optional<std::string> cluster_id = {};
  std::int32_t replica_id = -1;
  ReplicaState replica_state = {};
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 2147483647;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<Topic> topics = {};
  std::vector<ForgottenTopic> forgotten_topics = {};
  std::string rack_id = {};

  static void fields(auto& self, auto& visit) {
    visit.field("replica_id", self.replica_id, until(14));
    visit.field("max_wait_ms", self.max_wait_ms);
    visit.field("min_bytes", self.min_bytes);
    visit.field("max_bytes", self.max_bytes);
    visit.field("isolation_level", self.isolation_level);
    visit.field("session_id", self.session_id, since(7));
    visit.field("session_epoch", self.session_epoch, since(7));
    visit.field("topics", self.topics);
    visit.field("forgotten_topics", self.forgotten_topics, since(7));
    visit.field("rack_id", self.rack_id, since(11));
    visit.tagged(0, "cluster_id", self.cluster_id, since(12));
    visit.tagged(1, "replica_state", self.replica_state, since(15));
  }
  bool operator==(const FetchRequest&) const = default;
};

struct FetchResponse {
  static constexpr MessageSpec kSpec{ApiKey::Fetch, "FetchResponse", 4, 18, 12};

  struct Topic {
    struct Partition {
      struct EpochEndOffset {
        std::int32_t epoch = -1;
        std::int64_t end_offset = -1;

        static void fields(auto& self, auto& visit) {
          visit.field("epoch", self.epoch);
          visit.field("end_offset", self.end_offset);
        }
        bool operator==(const EpochEndOffset&) const = default;
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
      struct SnapshotId {
        std::int64_t end_offset = -1;
        std::int32_t epoch = -1;

        static void fields(auto& self, auto& visit) {
          visit.field("end_offset", self.end_offset);
          visit.field("epoch", self.epoch);
        }
        bool operator==(const SnapshotId&) const = default;
      };
      struct AbortedTransaction {
        std::int64_t producer_id = 0;
        std::int64_t first_offset = 0;

        static void fields(auto& self, auto& visit) {
          visit.field("producer_id", self.producer_id);
          visit.field("first_offset", self.first_offset);
        }
        bool operator==(const AbortedTransaction&) const = default;
      };

      std::int32_t index = 0;
      KafkaError error_code = KafkaError::None;
      std::int64_t high_watermark = 0;
      std::int64_t last_stable_offset = -1;
      std::int64_t log_start_offset = -1;
      EpochEndOffset diverging_epoch = {};
      LeaderIdAndEpoch current_leader = {};
      SnapshotId snapshot_id = {};
      std::optional<std::vector<AbortedTransaction>> aborted_transactions = {};
      std::int32_t preferred_read_replica = -1;
      Records records = {};

      static void fields(auto& self, auto& visit) {
        visit.field("index", self.index);
        visit.field("error_code", self.error_code);
        visit.field("high_watermark", self.high_watermark);
        visit.field("last_stable_offset", self.last_stable_offset);
        visit.field("log_start_offset", self.log_start_offset, since(5));
        visit.field("aborted_transactions", self.aborted_transactions);
        visit.field("preferred_read_replica", self.preferred_read_replica, since(11));
        visit.field("records", self.records);
        visit.tagged(0, "diverging_epoch", self.diverging_epoch, since(12));
        visit.tagged(1, "current_leader", self.current_leader, since(12));
        visit.tagged(2, "snapshot_id", self.snapshot_id, since(12));
      }
      bool operator==(const Partition&) const = default;
    };

    std::string topic = {};
    Uuid topic_id = {};
    std::vector<Partition> partitions = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic", self.topic, until(12));
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

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::int32_t session_id = 0;
  std::vector<Topic> topics = {};
  std::vector<NodeEndpoint> node_endpoints = {};

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code, since(7));
    visit.field("session_id", self.session_id, since(7));
    visit.field("topics", self.topics);
    visit.tagged(0, "node_endpoints", self.node_endpoints, since(16));
  }
  bool operator==(const FetchResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
