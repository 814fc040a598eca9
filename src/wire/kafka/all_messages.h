// SPDX-License-Identifier: Apache-2.0
// Every message, and a way to visit each kind of them: for tests, fuzz targets and the list of
// APIs.
#pragma once

#include "wire/kafka/add_offsets_to_txn.h"
#include "wire/kafka/add_partitions_to_txn.h"
#include "wire/kafka/alter_configs.h"
#include "wire/kafka/alter_user_scram_credentials.h"
#include "wire/kafka/api_versions.h"
#include "wire/kafka/consumer_group_describe.h"
#include "wire/kafka/consumer_group_heartbeat.h"
#include "wire/kafka/create_acls.h"
#include "wire/kafka/create_partitions.h"
#include "wire/kafka/create_topics.h"
#include "wire/kafka/delete_acls.h"
#include "wire/kafka/delete_groups.h"
#include "wire/kafka/delete_records.h"
#include "wire/kafka/delete_topics.h"
#include "wire/kafka/describe_acls.h"
#include "wire/kafka/describe_cluster.h"
#include "wire/kafka/describe_configs.h"
#include "wire/kafka/describe_groups.h"
#include "wire/kafka/describe_log_dirs.h"
#include "wire/kafka/describe_producers.h"
#include "wire/kafka/describe_quorum.h"
#include "wire/kafka/describe_topic_partitions.h"
#include "wire/kafka/describe_transactions.h"
#include "wire/kafka/describe_user_scram_credentials.h"
#include "wire/kafka/end_txn.h"
#include "wire/kafka/fetch.h"
#include "wire/kafka/find_coordinator.h"
#include "wire/kafka/heartbeat.h"
#include "wire/kafka/incremental_alter_configs.h"
#include "wire/kafka/init_producer_id.h"
#include "wire/kafka/join_group.h"
#include "wire/kafka/leave_group.h"
#include "wire/kafka/list_groups.h"
#include "wire/kafka/list_offsets.h"
#include "wire/kafka/list_transactions.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/offset_commit.h"
#include "wire/kafka/offset_delete.h"
#include "wire/kafka/offset_fetch.h"
#include "wire/kafka/offset_for_leader_epoch.h"
#include "wire/kafka/produce.h"
#include "wire/kafka/sasl_authenticate.h"
#include "wire/kafka/sasl_handshake.h"
#include "wire/kafka/sync_group.h"
#include "wire/kafka/txn_offset_commit.h"
#include "wire/kafka/update_features.h"
#include "wire/kafka/write_txn_markers.h"

namespace tidemill::wire::kafka {

template <class Req, class Resp>
struct Api {
  using Request = Req;
  using Response = Resp;
  static_assert(Req::kSpec.key == Resp::kSpec.key);
  static_assert(Req::kSpec.lowest == Resp::kSpec.lowest);
  static_assert(Req::kSpec.highest == Resp::kSpec.highest);
  static_assert(Req::kSpec.flexible_from == Resp::kSpec.flexible_from);
};

// Calls visit(Api<Request, Response>{}) for each API in order of its key.
void for_each_api(auto&& visit) {
  visit(Api<ProduceRequest, ProduceResponse>{});
  visit(Api<FetchRequest, FetchResponse>{});
  visit(Api<ListOffsetsRequest, ListOffsetsResponse>{});
  visit(Api<MetadataRequest, MetadataResponse>{});
  visit(Api<OffsetCommitRequest, OffsetCommitResponse>{});
  visit(Api<OffsetFetchRequest, OffsetFetchResponse>{});
  visit(Api<FindCoordinatorRequest, FindCoordinatorResponse>{});
  visit(Api<JoinGroupRequest, JoinGroupResponse>{});
  visit(Api<HeartbeatRequest, HeartbeatResponse>{});
  visit(Api<LeaveGroupRequest, LeaveGroupResponse>{});
  visit(Api<SyncGroupRequest, SyncGroupResponse>{});
  visit(Api<DescribeGroupsRequest, DescribeGroupsResponse>{});
  visit(Api<ListGroupsRequest, ListGroupsResponse>{});
  visit(Api<SaslHandshakeRequest, SaslHandshakeResponse>{});
  visit(Api<ApiVersionsRequest, ApiVersionsResponse>{});
  visit(Api<CreateTopicsRequest, CreateTopicsResponse>{});
  visit(Api<DeleteTopicsRequest, DeleteTopicsResponse>{});
  visit(Api<DeleteRecordsRequest, DeleteRecordsResponse>{});
  visit(Api<InitProducerIdRequest, InitProducerIdResponse>{});
  visit(Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>{});
  visit(Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>{});
  visit(Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>{});
  visit(Api<EndTxnRequest, EndTxnResponse>{});
  visit(Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse>{});
  visit(Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse>{});
  visit(Api<DescribeAclsRequest, DescribeAclsResponse>{});
  visit(Api<CreateAclsRequest, CreateAclsResponse>{});
  visit(Api<DeleteAclsRequest, DeleteAclsResponse>{});
  visit(Api<DescribeConfigsRequest, DescribeConfigsResponse>{});
  visit(Api<AlterConfigsRequest, AlterConfigsResponse>{});
  visit(Api<DescribeLogDirsRequest, DescribeLogDirsResponse>{});
  visit(Api<SaslAuthenticateRequest, SaslAuthenticateResponse>{});
  visit(Api<CreatePartitionsRequest, CreatePartitionsResponse>{});
  visit(Api<DeleteGroupsRequest, DeleteGroupsResponse>{});
  visit(Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>{});
  visit(Api<OffsetDeleteRequest, OffsetDeleteResponse>{});
  visit(Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>{});
  visit(Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>{});
  visit(Api<DescribeQuorumRequest, DescribeQuorumResponse>{});
  visit(Api<UpdateFeaturesRequest, UpdateFeaturesResponse>{});
  visit(Api<DescribeClusterRequest, DescribeClusterResponse>{});
  visit(Api<DescribeProducersRequest, DescribeProducersResponse>{});
  visit(Api<DescribeTransactionsRequest, DescribeTransactionsResponse>{});
  visit(Api<ListTransactionsRequest, ListTransactionsResponse>{});
  visit(Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>{});
  visit(Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>{});
  visit(Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>{});
}

}  // namespace tidemill::wire::kafka
