// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/offset_for_leader_epoch.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using wire::kafka::KafkaError;
using wire::kafka::OffsetForLeaderEpochRequest;
using wire::kafka::OffsetForLeaderEpochResponse;

Task<OffsetForLeaderEpochResponse> offset_for_leader_epoch(RequestContext& context,
                                                           OffsetForLeaderEpochRequest request) {
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    OffsetForLeaderEpochResponse::Topic shown;
    shown.topic = topic.topic;
    for (const auto& wanted : topic.partitions) {
      OffsetForLeaderEpochResponse::Topic::Partition one;
      one.index = wanted.index;
      const auto found = find_partition(context.broker(), topic.topic, wanted.index);
      one.error_code = found.error;
      if (one.error_code == KafkaError::None) {
        one.error_code = check_epoch(*found.partition, wanted.current_leader_epoch);
      }
      if (one.error_code == KafkaError::None) {
        const auto end = found.partition->end_of_epoch(wanted.leader_epoch);
        one.leader_epoch = end.epoch;
        one.end_offset = end.start_offset;
      }
      shown.partitions.push_back(one);
    }
    response.topics.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
