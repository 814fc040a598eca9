// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_transactions.h"

#include <map>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using security::AclOperation;
using wire::kafka::DescribeTransactionsRequest;
using wire::kafka::DescribeTransactionsResponse;
using wire::kafka::KafkaError;

Task<DescribeTransactionsResponse> describe_transactions(RequestContext& context,
                                                         DescribeTransactionsRequest request) {
  DescribeTransactionsResponse response;
  const security::Rights rights = context.rights();
  for (const std::string& id : request.transactional_ids) {
    auto& shown = response.transaction_states.emplace_back();
    shown.transactional_id = id;
    if (!rights.transactional_id(AclOperation::Describe, id)) {
      shown.error_code = KafkaError::TransactionalIdAuthorizationFailed;
      continue;
    }
    const auto found = context.broker().transactions().describe(id);
    if (!found) {
      shown.error_code = KafkaError::TransactionalIdNotFound;
      continue;
    }
    shown.transaction_state = embedded::name_of(found->state);
    shown.transaction_timeout_ms = found->timeout_ms;
    shown.transaction_start_time_ms = found->start_ms;
    shown.producer_id = found->producer.id;
    shown.producer_epoch = found->producer.epoch;
    std::map<std::string, std::vector<std::int32_t>> topics;
    for (const auto& [topic, partition] : found->partitions) {
      if (rights.topic(AclOperation::Describe, topic)) topics[topic].push_back(partition);
    }
    for (auto& [topic, partitions] : topics) {
      shown.topics.push_back({.topic = topic, .partitions = std::move(partitions)});
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api
