// SPDX-License-Identifier: Apache-2.0
#include "broker/api/lookup.h"

#include <algorithm>

#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using wire::kafka::KafkaError;

namespace {

FoundPartition usable(std::shared_ptr<embedded::Partition> partition, KafkaError missing) {
  if (!partition) return {nullptr, missing};
  if (!partition->health().ok()) return {nullptr, KafkaError::KafkaStorageError};
  return {std::move(partition), KafkaError::None};
}

}  // namespace

FoundPartition find_partition(const embedded::EmbeddedBroker& broker, std::string_view topic,
                              std::int32_t index) {
  return usable(broker.find_partition(topic, index), KafkaError::UnknownTopicOrPartition);
}

FoundPartition find_partition(const embedded::EmbeddedBroker& broker, const Uuid& topic_id,
                              std::int32_t index) {
  auto partition = broker.find_partition(topic_id, index);
  const bool known = partition || broker.find_topic(topic_id) != nullptr;
  return usable(std::move(partition),
                known ? KafkaError::UnknownTopicOrPartition : KafkaError::UnknownTopicId);
}

KafkaError check_epoch(const embedded::Partition& partition, std::int32_t epoch) {
  if (epoch < 0 || epoch == partition.leader_epoch()) return KafkaError::None;
  return epoch < partition.leader_epoch() ? KafkaError::FencedLeaderEpoch
                                          : KafkaError::UnknownLeaderEpoch;
}

std::int32_t epoch_of(const embedded::Partition& partition, std::int64_t offset) {
  std::int32_t found = -1;
  for (const auto& start : partition.leader_epochs()) {
    if (start.start_offset <= offset) found = start.epoch;
  }
  return found;
}

Isolation isolation_of(std::int8_t level) {
  return level == 0 ? Isolation::ReadUncommitted : Isolation::ReadCommitted;
}

bool is_topic_name(std::string_view name) {
  constexpr std::size_t kLengthMax = 249;
  if (name.empty() || name.size() > kLengthMax || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::int32_t cluster_operations(const security::Rights& rights) {
  if (!rights.cluster(security::AclOperation::Describe)) return 0;
  return rights.allowed_of(kClusterOperations, security::AclResource::Cluster,
                           security::kClusterName);
}

std::string to_kafka_text(const Uuid& uuid) {
  std::string text = to_base64(uuid.bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

}  // namespace tidemill::broker::api
