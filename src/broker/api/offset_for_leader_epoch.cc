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
  // Consumers ask as well as replicas (KIP-320).
  const security::Rights rights = context.rights();
  const bool replica = rights.cluster(security::AclOperation::ClusterAction);
  for (const auto& topic : request.topics) {
    OffsetForLeaderEpochResponse::Topic shown;
    shown.topic = topic.topic;
    const bool allowed = replica || rights.topic(security::AclOperation::Describe, topic.topic);
    for (const auto& wanted : topic.partitions) {
      OffsetForLeaderEpochResponse::Topic::Partition one;
      one.index = wanted.index;
      if (!allowed) {
        one.error_code = KafkaError::TopicAuthorizationFailed;
        shown.partitions.push_back(one);
        continue;
      }
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
