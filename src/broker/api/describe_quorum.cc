// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_quorum.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeQuorumRequest;
using wire::kafka::DescribeQuorumResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

}  // namespace

// This node is the whole quorum. It keeps no log of its metadata, so there is no offset to show and
// nobody who lags behind.
Task<DescribeQuorumResponse> describe_quorum(RequestContext& context,
                                             DescribeQuorumRequest request) {
  const std::int32_t node = context.services.options.node_id;
  const std::int64_t now = context.services.clock.wall_ms();
  DescribeQuorumResponse response;
  response.error_message.reset();
  if (!context.rights().cluster(security::AclOperation::Describe)) {
    response.error_code = KafkaError::ClusterAuthorizationFailed;
    response.error_message = "Cluster authorization failed.";
    co_return response;
  }
  for (const auto& topic : request.topics) {
    auto& shown = response.topics.emplace_back();
    shown.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      auto& one = shown.partitions.emplace_back();
      one.error_message.reset();
      one.partition_index = partition.partition_index;
      if (topic.topic_name != kMetadataTopic || partition.partition_index != 0) {
        one.error_code = KafkaError::UnknownTopicOrPartition;
        continue;
      }
      one.leader_id = node;
      one.current_voters.push_back({.replica_id = node,
                                    .replica_directory_id = context.broker().cluster_id(),
                                    .last_fetch_timestamp = now,
                                    .last_caught_up_timestamp = now});
    }
  }
  response.nodes.push_back(
      {.node_id = node,
       .listeners = {{.name = "PLAINTEXT",
                      .host = context.advertised_host,
                      .port = static_cast<std::uint16_t>(context.advertised_port)}}});
  co_return response;
}

}  // namespace tidemill::broker::api
