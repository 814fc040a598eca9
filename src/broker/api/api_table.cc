// SPDX-License-Identifier: Apache-2.0
#include "broker/api/api_table.h"

#include <algorithm>
#include <array>

#include "broker/api/handlers.h"
#include "wire/kafka/all_messages.h"

namespace tidemill::broker::api {
namespace {

template <class Request>
constexpr ApiEntry entry(Serve serve, std::int16_t advertised_lowest = Request::kSpec.lowest) {
  return {Request::kSpec, serve, advertised_lowest};
}

// Produce is advertised from version 0 on although 0 to 2 are refused: librdkafka before 2.11.1
// stops compressing otherwise (KAFKA-18659).
constexpr std::array kTable{
    entry<wire::kafka::ProduceRequest>(serve_produce, 0),
    entry<wire::kafka::FetchRequest>(serve<fetch>),
    entry<wire::kafka::ListOffsetsRequest>(serve<list_offsets>),
    entry<wire::kafka::MetadataRequest>(serve<metadata>),
    entry<wire::kafka::OffsetCommitRequest>(serve<offset_commit>),
    entry<wire::kafka::OffsetFetchRequest>(serve<offset_fetch>),
    entry<wire::kafka::FindCoordinatorRequest>(serve<find_coordinator>),
    entry<wire::kafka::JoinGroupRequest>(serve<join_group>),
    entry<wire::kafka::HeartbeatRequest>(serve<heartbeat>),
    entry<wire::kafka::LeaveGroupRequest>(serve<leave_group>),
    entry<wire::kafka::SyncGroupRequest>(serve<sync_group>),
    entry<wire::kafka::DescribeGroupsRequest>(serve<describe_groups>),
    entry<wire::kafka::ListGroupsRequest>(serve<list_groups>),
    entry<wire::kafka::SaslHandshakeRequest>(serve<sasl_handshake>),
    entry<wire::kafka::ApiVersionsRequest>(serve<api_versions>),
    entry<wire::kafka::CreateTopicsRequest>(serve<create_topics>),
    entry<wire::kafka::DeleteTopicsRequest>(serve<delete_topics>),
    entry<wire::kafka::DeleteRecordsRequest>(serve<delete_records>),
    entry<wire::kafka::InitProducerIdRequest>(serve<init_producer_id>),
    entry<wire::kafka::OffsetForLeaderEpochRequest>(serve<offset_for_leader_epoch>),
    entry<wire::kafka::AddPartitionsToTxnRequest>(serve<add_partitions_to_txn>),
    entry<wire::kafka::AddOffsetsToTxnRequest>(serve<add_offsets_to_txn>),
    entry<wire::kafka::EndTxnRequest>(serve<end_txn>),
    entry<wire::kafka::WriteTxnMarkersRequest>(serve<write_txn_markers>),
    entry<wire::kafka::TxnOffsetCommitRequest>(serve<txn_offset_commit>),
    entry<wire::kafka::DescribeAclsRequest>(serve<describe_acls>),
    entry<wire::kafka::CreateAclsRequest>(serve<create_acls>),
    entry<wire::kafka::DeleteAclsRequest>(serve<delete_acls>),
    entry<wire::kafka::DescribeConfigsRequest>(serve<describe_configs>),
    entry<wire::kafka::AlterConfigsRequest>(serve<alter_configs>),
    entry<wire::kafka::DescribeLogDirsRequest>(serve<describe_log_dirs>),
    entry<wire::kafka::SaslAuthenticateRequest>(serve<sasl_authenticate>),
    entry<wire::kafka::CreatePartitionsRequest>(serve<create_partitions>),
    entry<wire::kafka::DeleteGroupsRequest>(serve<delete_groups>),
    entry<wire::kafka::IncrementalAlterConfigsRequest>(serve<incremental_alter_configs>),
    entry<wire::kafka::OffsetDeleteRequest>(serve<offset_delete>),
    entry<wire::kafka::DescribeUserScramCredentialsRequest>(serve<describe_user_scram_credentials>),
    entry<wire::kafka::AlterUserScramCredentialsRequest>(serve<alter_user_scram_credentials>),
    entry<wire::kafka::DescribeQuorumRequest>(serve<describe_quorum>),
    entry<wire::kafka::UpdateFeaturesRequest>(serve<update_features>),
    entry<wire::kafka::DescribeClusterRequest>(serve<describe_cluster>),
    entry<wire::kafka::DescribeProducersRequest>(serve<describe_producers>),
    entry<wire::kafka::DescribeTransactionsRequest>(serve<describe_transactions>),
    entry<wire::kafka::ListTransactionsRequest>(serve<list_transactions>),
    entry<wire::kafka::ConsumerGroupHeartbeatRequest>(serve<consumer_group_heartbeat>),
    entry<wire::kafka::ConsumerGroupDescribeRequest>(serve<consumer_group_describe>),
    entry<wire::kafka::DescribeTopicPartitionsRequest>(serve<describe_topic_partitions>),
};

constexpr bool less(const ApiEntry& a, const ApiEntry& b) {
  return a.spec.key < b.spec.key;
}
static_assert(std::ranges::is_sorted(kTable, less), "the API table is sorted by key");
static_assert(std::ranges::adjacent_find(kTable, [](const ApiEntry& a,
                                                    const ApiEntry& b) { return !less(a, b); }) ==
                  kTable.end(),
              "no key is in the API table twice");

}  // namespace

std::span<const ApiEntry> api_table() {
  return kTable;
}

const ApiEntry* find_api(std::int16_t key) {
  const auto at = std::ranges::lower_bound(kTable, static_cast<wire::kafka::ApiKey>(key), {},
                                           [](const ApiEntry& each) { return each.spec.key; });
  return at != kTable.end() && at->spec.key == static_cast<wire::kafka::ApiKey>(key) ? &*at
                                                                                     : nullptr;
}

}  // namespace tidemill::broker::api
