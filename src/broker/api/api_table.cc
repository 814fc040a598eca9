// SPDX-License-Identifier: Apache-2.0
#include "broker/api/api_table.h"

#include <algorithm>
#include <array>

#include "broker/api/handlers.h"
#include "wire/kafka/all_messages.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;  // NOLINT(google-build-using-namespace): the table reads better

template <class Request>
constexpr ApiEntry entry(Serve serve, std::int16_t advertised_lowest = Request::kSpec.lowest) {
  return {Request::kSpec, serve, advertised_lowest};
}

// Produce is advertised from version 0 on although 0 to 2 are refused: librdkafka before 2.11.1
// stops compressing otherwise (KAFKA-18659).
constexpr std::array kTable{
    entry<ProduceRequest>(serve_produce, 0),
    entry<FetchRequest>(serve<fetch>),
    entry<ListOffsetsRequest>(serve<list_offsets>),
    entry<MetadataRequest>(serve<metadata>),
    entry<OffsetCommitRequest>(serve<offset_commit>),
    entry<OffsetFetchRequest>(serve<offset_fetch>),
    entry<FindCoordinatorRequest>(serve<find_coordinator>),
    entry<JoinGroupRequest>(serve<join_group>),
    entry<HeartbeatRequest>(serve<heartbeat>),
    entry<LeaveGroupRequest>(serve<leave_group>),
    entry<SyncGroupRequest>(serve<sync_group>),
    entry<DescribeGroupsRequest>(serve<describe_groups>),
    entry<ListGroupsRequest>(serve<list_groups>),
    entry<ApiVersionsRequest>(serve<api_versions>),
    entry<CreateTopicsRequest>(serve<create_topics>),
    entry<DeleteTopicsRequest>(serve<delete_topics>),
    entry<DeleteRecordsRequest>(serve<delete_records>),
    entry<InitProducerIdRequest>(serve<init_producer_id>),
    entry<OffsetForLeaderEpochRequest>(serve<offset_for_leader_epoch>),
    entry<AddPartitionsToTxnRequest>(serve<add_partitions_to_txn>),
    entry<AddOffsetsToTxnRequest>(serve<add_offsets_to_txn>),
    entry<EndTxnRequest>(serve<end_txn>),
    entry<TxnOffsetCommitRequest>(serve<txn_offset_commit>),
    entry<DescribeConfigsRequest>(serve<describe_configs>),
    entry<AlterConfigsRequest>(serve<alter_configs>),
    entry<DescribeLogDirsRequest>(serve<describe_log_dirs>),
    entry<CreatePartitionsRequest>(serve<create_partitions>),
    entry<DeleteGroupsRequest>(serve<delete_groups>),
    entry<IncrementalAlterConfigsRequest>(serve<incremental_alter_configs>),
    entry<OffsetDeleteRequest>(serve<offset_delete>),
    entry<DescribeClusterRequest>(serve<describe_cluster>),
    entry<DescribeProducersRequest>(serve<describe_producers>),
    entry<DescribeTransactionsRequest>(serve<describe_transactions>),
    entry<ListTransactionsRequest>(serve<list_transactions>),
    entry<DescribeTopicPartitionsRequest>(serve<describe_topic_partitions>),
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
  const auto at = std::ranges::lower_bound(kTable, static_cast<ApiKey>(key), {},
                                           [](const ApiEntry& each) { return each.spec.key; });
  return at != kTable.end() && at->spec.key == static_cast<ApiKey>(key) ? &*at : nullptr;
}

}  // namespace tidemill::broker::api
