// SPDX-License-Identifier: Apache-2.0
// DescribeCluster (key 60): tells cluster id, controller and brokers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DescribeClusterRequest {
  static constexpr MessageSpec kSpec{ApiKey::DescribeCluster, "DescribeClusterRequest", 0, 2, 0};
  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  static void fields(auto& self, auto& visit) {
    visit.field("include_cluster_authorized_operations",
                self.include_cluster_authorized_operations);
    visit.field("endpoint_type", self.endpoint_type, since(1));
    visit.field("include_fenced_brokers", self.include_fenced_brokers, since(2));
  }
  bool operator==(const DescribeClusterRequest&) const = default;
};

struct DescribeClusterResponse {
  static constexpr MessageSpec kSpec{ApiKey::DescribeCluster, "DescribeClusterResponse", 0, 2, 0};

  struct Broker {
    std::int32_t broker_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};
    bool is_fenced = false;

    static void fields(auto& self, auto& visit) {
      visit.field("broker_id", self.broker_id);
      visit.field("host", self.host);
      visit.field("port", self.port);
      visit.field("rack", self.rack);
      visit.field("is_fenced", self.is_fenced, since(2));
    }
    bool operator==(const Broker&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  KafkaError error_code = KafkaError::None;
  std::optional<std::string> error_message = {};
  std::int8_t endpoint_type = 1;
  std::string cluster_id = {};
  std::int32_t controller_id = -1;
  std::vector<Broker> brokers = {};
  std::int32_t cluster_authorized_operations = -2147483648;

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("error_code", self.error_code);
    visit.field("error_message", self.error_message);
    visit.field("endpoint_type", self.endpoint_type, since(1));
    visit.field("cluster_id", self.cluster_id);
    visit.field("controller_id", self.controller_id);
    visit.field("brokers", self.brokers);
    visit.field("cluster_authorized_operations", self.cluster_authorized_operations);
  }
  bool operator==(const DescribeClusterResponse&) const = default;
};

}  // namespace tidemill::wire::kafka
