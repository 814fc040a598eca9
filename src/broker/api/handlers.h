// SPDX-License-Identifier: Apache-2.0
// The handler of each API. Bodies are in <api_name>.cc.
#pragma once

#include "broker/api/serve.h"

namespace tidemill::wire::kafka {

struct AddOffsetsToTxnRequest;
struct AddOffsetsToTxnResponse;
struct AddPartitionsToTxnRequest;
struct AddPartitionsToTxnResponse;
struct AlterConfigsRequest;
struct AlterConfigsResponse;
struct AlterUserScramCredentialsRequest;
struct AlterUserScramCredentialsResponse;
struct ApiVersionsRequest;
struct ApiVersionsResponse;
struct ConsumerGroupDescribeRequest;
struct ConsumerGroupDescribeResponse;
struct ConsumerGroupHeartbeatRequest;
struct ConsumerGroupHeartbeatResponse;
struct CreateAclsRequest;
struct CreateAclsResponse;
struct CreatePartitionsRequest;
struct CreatePartitionsResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteAclsRequest;
struct DeleteAclsResponse;
struct DeleteGroupsRequest;
struct DeleteGroupsResponse;
struct DeleteRecordsRequest;
struct DeleteRecordsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
struct DescribeAclsRequest;
struct DescribeAclsResponse;
struct DescribeClusterRequest;
struct DescribeClusterResponse;
struct DescribeConfigsRequest;
struct DescribeConfigsResponse;
struct DescribeGroupsRequest;
struct DescribeGroupsResponse;
struct DescribeLogDirsRequest;
struct DescribeLogDirsResponse;
struct DescribeProducersRequest;
struct DescribeProducersResponse;
struct DescribeQuorumRequest;
struct DescribeQuorumResponse;
struct DescribeTopicPartitionsRequest;
struct DescribeTopicPartitionsResponse;
struct DescribeTransactionsRequest;
struct DescribeTransactionsResponse;
struct DescribeUserScramCredentialsRequest;
struct DescribeUserScramCredentialsResponse;
struct EndTxnRequest;
struct EndTxnResponse;
struct FetchRequest;
struct FetchResponse;
struct FindCoordinatorRequest;
struct FindCoordinatorResponse;
struct HeartbeatRequest;
struct HeartbeatResponse;
struct IncrementalAlterConfigsRequest;
struct IncrementalAlterConfigsResponse;
struct InitProducerIdRequest;
struct InitProducerIdResponse;
struct JoinGroupRequest;
struct JoinGroupResponse;
struct LeaveGroupRequest;
struct LeaveGroupResponse;
struct ListGroupsRequest;
struct ListGroupsResponse;
struct ListOffsetsRequest;
struct ListOffsetsResponse;
struct ListTransactionsRequest;
struct ListTransactionsResponse;
struct MetadataRequest;
struct MetadataResponse;
struct OffsetCommitRequest;
struct OffsetCommitResponse;
struct OffsetDeleteRequest;
struct OffsetDeleteResponse;
struct OffsetFetchRequest;
struct OffsetFetchResponse;
struct OffsetForLeaderEpochRequest;
struct OffsetForLeaderEpochResponse;
struct SaslAuthenticateRequest;
struct SaslAuthenticateResponse;
struct SaslHandshakeRequest;
struct SaslHandshakeResponse;
struct SyncGroupRequest;
struct SyncGroupResponse;
struct TxnOffsetCommitRequest;
struct TxnOffsetCommitResponse;
struct UpdateFeaturesRequest;
struct UpdateFeaturesResponse;
struct WriteTxnMarkersRequest;
struct WriteTxnMarkersResponse;

}  // namespace tidemill::wire::kafka

namespace tidemill::broker::api {

// Produce answers later than it returns, see produce.cc.
Task<> serve_produce(RequestContext& context, std::span<std::uint8_t> body,
                     std::shared_ptr<ResponseSlot> slot);
// What ApiVersions answers, also to versions it does not know.
wire::kafka::ApiVersionsResponse list_apis(std::int16_t version);

Task<wire::kafka::AddOffsetsToTxnResponse> add_offsets_to_txn(
    RequestContext& context, wire::kafka::AddOffsetsToTxnRequest request);
Task<wire::kafka::AddPartitionsToTxnResponse> add_partitions_to_txn(
    RequestContext& context, wire::kafka::AddPartitionsToTxnRequest request);
Task<wire::kafka::AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    RequestContext& context, wire::kafka::AlterUserScramCredentialsRequest request);
Task<wire::kafka::DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    RequestContext& context, wire::kafka::DescribeUserScramCredentialsRequest request);
Task<wire::kafka::SaslAuthenticateResponse> sasl_authenticate(
    RequestContext& context, wire::kafka::SaslAuthenticateRequest request);
Task<wire::kafka::SaslHandshakeResponse> sasl_handshake(RequestContext& context,
                                                        wire::kafka::SaslHandshakeRequest request);
Task<wire::kafka::AlterConfigsResponse> alter_configs(RequestContext& context,
                                                      wire::kafka::AlterConfigsRequest request);
Task<wire::kafka::ApiVersionsResponse> api_versions(RequestContext& context,
                                                    wire::kafka::ApiVersionsRequest request);
Task<wire::kafka::CreateAclsResponse> create_acls(RequestContext& context,
                                                  wire::kafka::CreateAclsRequest request);
Task<wire::kafka::DeleteAclsResponse> delete_acls(RequestContext& context,
                                                  wire::kafka::DeleteAclsRequest request);
Task<wire::kafka::DescribeAclsResponse> describe_acls(RequestContext& context,
                                                      wire::kafka::DescribeAclsRequest request);
Task<wire::kafka::CreatePartitionsResponse> create_partitions(
    RequestContext& context, wire::kafka::CreatePartitionsRequest request);
Task<wire::kafka::CreateTopicsResponse> create_topics(RequestContext& context,
                                                      wire::kafka::CreateTopicsRequest request);
Task<wire::kafka::DeleteGroupsResponse> delete_groups(RequestContext& context,
                                                      wire::kafka::DeleteGroupsRequest request);
Task<wire::kafka::DeleteRecordsResponse> delete_records(RequestContext& context,
                                                        wire::kafka::DeleteRecordsRequest request);
Task<wire::kafka::DeleteTopicsResponse> delete_topics(RequestContext& context,
                                                      wire::kafka::DeleteTopicsRequest request);
Task<wire::kafka::DescribeClusterResponse> describe_cluster(
    RequestContext& context, wire::kafka::DescribeClusterRequest request);
Task<wire::kafka::DescribeConfigsResponse> describe_configs(
    RequestContext& context, wire::kafka::DescribeConfigsRequest request);
Task<wire::kafka::DescribeGroupsResponse> describe_groups(
    RequestContext& context, wire::kafka::DescribeGroupsRequest request);
Task<wire::kafka::DescribeLogDirsResponse> describe_log_dirs(
    RequestContext& context, wire::kafka::DescribeLogDirsRequest request);
Task<wire::kafka::DescribeProducersResponse> describe_producers(
    RequestContext& context, wire::kafka::DescribeProducersRequest request);
Task<wire::kafka::DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext& context, wire::kafka::DescribeTopicPartitionsRequest request);
Task<wire::kafka::DescribeTransactionsResponse> describe_transactions(
    RequestContext& context, wire::kafka::DescribeTransactionsRequest request);
Task<wire::kafka::EndTxnResponse> end_txn(RequestContext& context,
                                          wire::kafka::EndTxnRequest request);
Task<wire::kafka::FetchResponse> fetch(RequestContext& context, wire::kafka::FetchRequest request);
Task<wire::kafka::FindCoordinatorResponse> find_coordinator(
    RequestContext& context, wire::kafka::FindCoordinatorRequest request);
Task<wire::kafka::HeartbeatResponse> heartbeat(RequestContext& context,
                                               wire::kafka::HeartbeatRequest request);
Task<wire::kafka::IncrementalAlterConfigsResponse> incremental_alter_configs(
    RequestContext& context, wire::kafka::IncrementalAlterConfigsRequest request);
Task<wire::kafka::InitProducerIdResponse> init_producer_id(
    RequestContext& context, wire::kafka::InitProducerIdRequest request);
Task<wire::kafka::JoinGroupResponse> join_group(RequestContext& context,
                                                wire::kafka::JoinGroupRequest request);
Task<wire::kafka::LeaveGroupResponse> leave_group(RequestContext& context,
                                                  wire::kafka::LeaveGroupRequest request);
Task<wire::kafka::ListGroupsResponse> list_groups(RequestContext& context,
                                                  wire::kafka::ListGroupsRequest request);
Task<wire::kafka::ListOffsetsResponse> list_offsets(RequestContext& context,
                                                    wire::kafka::ListOffsetsRequest request);
Task<wire::kafka::ListTransactionsResponse> list_transactions(
    RequestContext& context, wire::kafka::ListTransactionsRequest request);
Task<wire::kafka::MetadataResponse> metadata(RequestContext& context,
                                             wire::kafka::MetadataRequest request);
Task<wire::kafka::OffsetCommitResponse> offset_commit(RequestContext& context,
                                                      wire::kafka::OffsetCommitRequest request);
Task<wire::kafka::OffsetDeleteResponse> offset_delete(RequestContext& context,
                                                      wire::kafka::OffsetDeleteRequest request);
Task<wire::kafka::OffsetFetchResponse> offset_fetch(RequestContext& context,
                                                    wire::kafka::OffsetFetchRequest request);
Task<wire::kafka::OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    RequestContext& context, wire::kafka::OffsetForLeaderEpochRequest request);
Task<wire::kafka::SyncGroupResponse> sync_group(RequestContext& context,
                                                wire::kafka::SyncGroupRequest request);
Task<wire::kafka::TxnOffsetCommitResponse> txn_offset_commit(
    RequestContext& context, wire::kafka::TxnOffsetCommitRequest request);
Task<wire::kafka::ConsumerGroupDescribeResponse> consumer_group_describe(
    RequestContext& context, wire::kafka::ConsumerGroupDescribeRequest request);
Task<wire::kafka::ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext& context, wire::kafka::ConsumerGroupHeartbeatRequest request);
Task<wire::kafka::DescribeQuorumResponse> describe_quorum(
    RequestContext& context, wire::kafka::DescribeQuorumRequest request);
Task<wire::kafka::UpdateFeaturesResponse> update_features(
    RequestContext& context, wire::kafka::UpdateFeaturesRequest request);
Task<wire::kafka::WriteTxnMarkersResponse> write_txn_markers(
    RequestContext& context, wire::kafka::WriteTxnMarkersRequest request);

}  // namespace tidemill::broker::api
