// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/describe_cluster.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeClusterRequest;
using wire::kafka::DescribeClusterResponse;
using wire::kafka::KafkaError;

Task<DescribeClusterResponse> describe_cluster(RequestContext& context,
                                               DescribeClusterRequest request) {
  constexpr std::int8_t kBrokers = 1;
  DescribeClusterResponse response;
  response.endpoint_type = request.endpoint_type;
  if (request.endpoint_type != kBrokers) {
    response.error_code = KafkaError::MismatchedEndpointType;
    response.error_message = "this listener serves brokers, it is not a controller";
    co_return response;
  }
  const std::int32_t node = context.services.options.node_id;
  response.cluster_id = to_kafka_text(context.broker().cluster_id());
  response.controller_id = node;
  response.brokers.push_back(
      {.broker_id = node, .host = context.advertised_host, .port = context.advertised_port});
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = cluster_operations(context.rights());
  }
  co_return response;
}

}  // namespace tidemill::broker::api
