// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/delete_records.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using wire::kafka::DeleteRecordsRequest;
using wire::kafka::DeleteRecordsResponse;
using wire::kafka::KafkaError;

namespace {

Task<std::int64_t> truncate(RequestContext& context, std::string topic,
                            DeleteRecordsRequest::Topic::Partition wanted) {
  const auto found = find_partition(context.broker(), topic, wanted.index);
  if (found.error != KafkaError::None) {
    Error missing = error(ErrorCode::NotFound, "no such partition");
    missing.detail = static_cast<int>(found.error);
    co_return missing;
  }
  auto move_start = [partition = found.partition, before = wanted.offset] {
    return partition->delete_records(before);
  };
  co_return co_await run_blocking(context.services.blocking, std::move(move_start));
}

}  // namespace

Task<DeleteRecordsResponse> delete_records(RequestContext& context, DeleteRecordsRequest request) {
  DeleteRecordsResponse response;
  const security::Rights rights = context.rights();
  for (const auto& topic : request.topics) {
    DeleteRecordsResponse::Topic shown;
    shown.name = topic.name;
    const bool allowed = rights.topic(security::AclOperation::Delete, topic.name);
    for (const auto& partition : topic.partitions) {
      if (!allowed) {
        auto& refused = shown.partitions.emplace_back();
        refused.index = partition.index;
        refused.low_watermark = -1;
        refused.error_code = KafkaError::TopicAuthorizationFailed;
        continue;
      }
      const auto low = co_await truncate(context, topic.name, partition);
      DeleteRecordsResponse::Topic::Partition one;
      one.index = partition.index;
      one.low_watermark = low.ok() ? *low : -1;
      if (!low.ok()) {
        one.error_code = low.error().code == ErrorCode::InvalidArgument && low.error().detail == 0
                             ? KafkaError::OffsetOutOfRange
                             : kafka_error_of(low.error());
      }
      shown.partitions.push_back(one);
    }
    response.topics.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
