// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_producers.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeProducersRequest;
using wire::kafka::DescribeProducersResponse;
using wire::kafka::KafkaError;

Task<DescribeProducersResponse> describe_producers(RequestContext& context,
                                                   DescribeProducersRequest request) {
  DescribeProducersResponse response;
  const security::Rights rights = context.rights();
  for (const auto& topic : request.topics) {
    auto& shown = response.topics.emplace_back();
    shown.name = topic.name;
    const bool allowed = rights.topic(security::AclOperation::Read, topic.name);
    for (const std::int32_t index : topic.partitions) {
      auto& one = shown.partitions.emplace_back();
      one.index = index;
      if (!allowed) {
        one.error_code = KafkaError::TopicAuthorizationFailed;
        continue;
      }
      const auto found = find_partition(context.broker(), topic.name, index);
      one.error_code = found.error;
      if (found.error != KafkaError::None) continue;
      for (const auto& producer : found.partition->producers()) {
        one.active_producers.push_back(
            {.producer_id = producer.producer.id,
             .producer_epoch = producer.producer.epoch,
             .last_sequence = producer.last_sequence,
             .last_timestamp = producer.last_timestamp_ms,
             .coordinator_epoch = producer.coordinator_epoch,
             .current_txn_start_offset = producer.transaction_start_offset});
      }
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
