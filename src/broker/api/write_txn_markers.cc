// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/write_txn_markers.h"

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::Appended;
using embedded::Partition;
using wire::kafka::KafkaError;
using wire::kafka::WriteTxnMarkersRequest;
using wire::kafka::WriteTxnMarkersResponse;

namespace {

using Marker = WriteTxnMarkersRequest::Marker;

KafkaError check(const Partition& partition, const Marker& marker) {
  const auto all = partition.producers();
  const auto known = std::ranges::find_if(
      all, [&](const auto& each) { return each.producer.id == marker.producer_id; });
  if (known == all.end()) return KafkaError::None;
  if (marker.producer_epoch < known->producer.epoch) return KafkaError::InvalidProducerEpoch;
  if (marker.coordinator_epoch < known->coordinator_epoch) {
    return KafkaError::TransactionCoordinatorFenced;
  }
  return KafkaError::None;
}

Task<Appended> write(std::shared_ptr<Partition> partition, const Marker& marker) {
  auto append = [&](Completion<Result<Appended>> done) {
    partition->append_marker({.id = marker.producer_id, .epoch = marker.producer_epoch},
                             marker.transaction_result, marker.coordinator_epoch,
                             embedded::AckWhen::Durable, std::move(done));
  };
  co_return co_await completion_of<Result<Appended>>(std::move(append));
}

}  // namespace

Task<WriteTxnMarkersResponse> write_txn_markers(RequestContext& context,
                                                WriteTxnMarkersRequest request) {
  WriteTxnMarkersResponse response;
  const security::Rights rights = context.rights();
  const bool allowed = rights.cluster(security::AclOperation::ClusterAction) ||
                       rights.cluster(security::AclOperation::Alter);
  for (const Marker& marker : request.markers) {
    auto& answer = response.markers.emplace_back();
    answer.producer_id = marker.producer_id;
    for (const auto& topic : marker.topics) {
      auto& answered = answer.topics.emplace_back();
      answered.name = topic.name;
      for (const std::int32_t index : topic.partition_indexes) {
        auto& one = answered.partitions.emplace_back();
        one.partition_index = index;
        if (!allowed) {
          one.error_code = KafkaError::ClusterAuthorizationFailed;
          continue;
        }
        // Offsets of a transaction are ended by its coordinator alone, and it has no markers
        // itself.
        if (topic.name == embedded::kOffsetsTopic || topic.name == embedded::kTransactionsTopic) {
          one.error_code = KafkaError::InvalidTopicException;
          continue;
        }
        const auto found = find_partition(context.broker(), topic.name, index);
        one.error_code = found.error;
        if (found.error == KafkaError::None) one.error_code = check(*found.partition, marker);
        if (one.error_code != KafkaError::None) continue;
        const auto appended = co_await write(found.partition, marker);
        if (!appended.ok()) one.error_code = kafka_error_of(appended.error());
      }
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
