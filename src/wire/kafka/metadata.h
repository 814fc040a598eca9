// SPDX-License-Identifier: Apache-2.0
// Metadata (key 3): tells brokers, topics and partition leaders; may create topics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct MetadataRequest {
  static constexpr MessageSpec kSpec{ApiKey::Metadata, "MetadataRequest", 0, 13, 9};

  struct Topic {
    Uuid topic_id = {};
    std::optional<std::string> name = {};

    static void fields(auto& self, auto& visit) {
      visit.field("topic_id", self.topic_id, since(10));
      visit.field("name", self.name, Versions{}.nullable_since(10));
    }
    bool operator==(const Topic&) const = default;
  };

  std::optional<std::vector<Topic>> topics = {};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static void fields(auto& self, auto& visit) {
    visit.field("topics", self.topics, Versions{}.nullable_since(1));
    visit.field("allow_auto_topic_creation", self.allow_auto_topic_creation, since(4));
    visit.field("include_cluster_authorized_operations", self.include_cluster_authorized_operations,
                between(8, 10));
    visit.field("include_topic_authorized_operations", self.include_topic_authorized_operations,
                since(8));
  }
  bool operator==(const MetadataRequest&) const = default;
};

struct MetadataResponse {
  static constexpr MessageSpec kSpec{ApiKey::Metadata, "MetadataResponse", 0, 13, 9};

  struct Broker {
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};

    static void fields(auto& self, auto& visit) {
      visit.field("node_id", self.node_id);
      visit.field("host", self.host);
      visit.field("port", self.port);
      visit.field("rack", self.rack, since(1));
    }
    bool operator==(const Broker&) const = default;
  };

  struct Topic {
    struct Partition {
      KafkaError error_code = KafkaError::None;
      std::int32_t index = 0;
      std::int32_t leader_id = 0;
      std::int32_t leader_epoch = -1;
      std::vector<std::int32_t> replica_nodes = {};
      std::vector<std::int32_t> isr_nodes = {};
      std::vector<std::int32_t> offline_replicas = {};

      static void fields(auto& self, auto& visit) {
        visit.field("error_code", self.error_code);
        visit.field("index", self.index);
        visit.field("leader_id", self.leader_id);
        visit.field("leader_epoch", self.leader_epoch, since(7));
        visit.field("replica_nodes", self.replica_nodes);
        visit.field("isr_nodes", self.isr_nodes);
        visit.field("offline_replicas", self.offline_replicas, since(5));
      }
      bool operator==(const Partition&) const = default;
    };

    KafkaError error_code = KafkaError::None;
    std::optional<std::string> name = {};
    Uuid topic_id = {};
    bool is_internal = false;
    std::vector<Partition> partitions = {};
    std::int32_t topic_authorized_operations = -2147483648;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("name", self.name, Versions{}.nullable_since(12));
      visit.field("topic_id", self.topic_id, since(10));
      visit.field("is_internal", self.is_internal, since(1));
      visit.field("partitions", self.partitions);
      visit.field("topic_authorized_operations", self.topic_authorized_operations, since(8));
    }
    bool operator==(const Topic&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers = {};
  std::optional<std::string> cluster_id = {};
  std::int32_t controller_id = -1;
  std::vector<Topic> topics = {};
  std::int32_t cluster_authorized_operations = -2147483648;
  KafkaError error_code = KafkaError::None;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms, since(3));
    visit.field("brokers", self.brokers);
    visit.field("cluster_id", self.cluster_id, since(2));
    visit.field("controller_id", self.controller_id, since(1));
    visit.field("topics", self.topics);
    visit.field("cluster_authorized_operations", self.cluster_authorized_operations,
                between(8, 10));
    visit.field("error_code", self.error_code, since(13));
  }
  bool operator==(const MetadataResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
