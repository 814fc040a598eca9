// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_group_describe.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using wire::kafka::ConsumerGroupDescribeRequest;
using wire::kafka::ConsumerGroupDescribeResponse;
using wire::kafka::KafkaError;

Task<ConsumerGroupDescribeResponse> consumer_group_describe(RequestContext& context,
                                                            ConsumerGroupDescribeRequest request) {
  ConsumerGroupDescribeResponse response;
  for (const std::string& id : request.group_ids) {
    auto group = context.services.groups.describe_consumer(id);
    if (request.include_authorized_operations && group.error_code == KafkaError::None) {
      group.authorized_operations = kGroupOperations;
    }
    response.groups.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
