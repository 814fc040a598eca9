// SPDX-License-Identifier: Apache-2.0
// Compiles the codec of each message once. See message.h.
#include "wire/kafka/alter_configs.h"
#include "wire/kafka/api_versions.h"
#include "wire/kafka/codec.h"
#include "wire/kafka/create_partitions.h"
#include "wire/kafka/create_topics.h"
#include "wire/kafka/delete_topics.h"
#include "wire/kafka/describe_cluster.h"
#include "wire/kafka/describe_configs.h"
#include "wire/kafka/describe_log_dirs.h"
#include "wire/kafka/describe_quorum.h"
#include "wire/kafka/describe_topic_partitions.h"
#include "wire/kafka/find_coordinator.h"
#include "wire/kafka/incremental_alter_configs.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/update_features.h"

namespace tidemill::wire::kafka {

TM_KAFKA_INSTANCE(AlterConfigsRequest);
TM_KAFKA_INSTANCE(AlterConfigsResponse);
TM_KAFKA_INSTANCE(ApiVersionsRequest);
TM_KAFKA_INSTANCE(ApiVersionsResponse);
TM_KAFKA_INSTANCE(CreatePartitionsRequest);
TM_KAFKA_INSTANCE(CreatePartitionsResponse);
TM_KAFKA_INSTANCE(CreateTopicsRequest);
TM_KAFKA_INSTANCE(CreateTopicsResponse);
TM_KAFKA_INSTANCE(DeleteTopicsRequest);
TM_KAFKA_INSTANCE(DeleteTopicsResponse);
TM_KAFKA_INSTANCE(DescribeClusterRequest);
TM_KAFKA_INSTANCE(DescribeClusterResponse);
TM_KAFKA_INSTANCE(DescribeConfigsRequest);
TM_KAFKA_INSTANCE(DescribeConfigsResponse);
TM_KAFKA_INSTANCE(DescribeLogDirsRequest);
TM_KAFKA_INSTANCE(DescribeLogDirsResponse);
TM_KAFKA_INSTANCE(DescribeTopicPartitionsRequest);
TM_KAFKA_INSTANCE(DescribeTopicPartitionsResponse);
TM_KAFKA_INSTANCE(FindCoordinatorRequest);
TM_KAFKA_INSTANCE(FindCoordinatorResponse);
TM_KAFKA_INSTANCE(IncrementalAlterConfigsRequest);
TM_KAFKA_INSTANCE(IncrementalAlterConfigsResponse);
TM_KAFKA_INSTANCE(MetadataRequest);
TM_KAFKA_INSTANCE(MetadataResponse);
TM_KAFKA_INSTANCE(DescribeQuorumRequest);
TM_KAFKA_INSTANCE(DescribeQuorumResponse);
TM_KAFKA_INSTANCE(UpdateFeaturesRequest);
TM_KAFKA_INSTANCE(UpdateFeaturesResponse);

}  // namespace tidemill::wire::kafka
