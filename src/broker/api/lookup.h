// SPDX-License-Identifier: Apache-2.0
// Finding what a request names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/embedded/embedded_broker.h"
#include "security/authorizer.h"
#include "wire/kafka/kafka_error.h"

namespace tidemill::broker::api {

// A partition that can serve, or why it cannot.
struct FoundPartition {
  std::shared_ptr<embedded::Partition> partition;
  wire::kafka::KafkaError error = wire::kafka::KafkaError::None;
};

FoundPartition find_partition(const embedded::EmbeddedBroker& broker, std::string_view topic,
                              std::int32_t index);
FoundPartition find_partition(const embedded::EmbeddedBroker& broker, const Uuid& topic_id,
                              std::int32_t index);

// The client's idea of the leader epoch against ours (KIP-320); -1 is no idea.
wire::kafka::KafkaError check_epoch(const embedded::Partition& partition, std::int32_t epoch);

// The leader epoch in which an offset was written; -1 before any.
std::int32_t epoch_of(const embedded::Partition& partition, std::int64_t offset);

Isolation isolation_of(std::int8_t level);

// Kafka's rule for topic names: 1 to 249 of letters, digits, '.', '_' and '-', not "." nor "..".
bool is_topic_name(std::string_view name);

// A UUID as Kafka writes it: 22 characters of base64 for URLs.
std::string to_kafka_text(const Uuid& uuid);

// The operations, as bits by their number, that there are on each kind of resource.
constexpr std::int32_t kTopicOperations = 0b1101'1111'1000;
constexpr std::int32_t kGroupOperations = 0b0001'0100'1000;
constexpr std::int32_t kClusterOperations = 0b1'1111'1010'0000;
// Those on the cluster that are allowed; none to whom may not describe it.
std::int32_t cluster_operations(const security::Rights& rights);

}  // namespace tidemill::broker::api
