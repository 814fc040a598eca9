// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/list_offsets.h"

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::FoundOffset;
using embedded::Partition;
using wire::kafka::KafkaError;
using wire::kafka::ListOffsetsRequest;
using wire::kafka::ListOffsetsResponse;

namespace {

// Timestamps below zero have meanings of their own, each from some version on.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;           // KIP-734
constexpr std::int64_t kEarliestLocal = -4;          // KIP-405: as earliest, nothing is tiered
constexpr std::int64_t kLatestTiered = -5;           // KIP-1005: there is none
constexpr std::int64_t kEarliestPendingUpload = -6;  // KIP-1023: there is none

std::int16_t first_version_of(std::int64_t timestamp) {
  switch (timestamp) {
    case kMaxTimestamp:
      return 7;
    case kEarliestLocal:
      return 8;
    case kLatestTiered:
      return 9;
    case kEarliestPendingUpload:
      return 11;
    default:
      return 0;
  }
}

// What was acknowledged with acks=0 or 1 may not be on disk yet, and then is not readable yet.
// Whoever wrote it expects to find it all the same.
Task<> settle(std::shared_ptr<Partition> partition) {
  const auto offsets = partition->offsets();
  if (offsets.high_watermark == offsets.log_end_offset) co_return Result<>{};
  auto start = [&](Completion<Result<>> done) { partition->sync(std::move(done)); };
  co_return co_await completion_of<Result<>>(std::move(start));
}

Task<FoundOffset> find(RequestContext& context, std::shared_ptr<Partition> partition,
                       std::int64_t timestamp, Isolation isolation) {
  if (timestamp == kLatest || timestamp == kMaxTimestamp || timestamp >= 0) {
    CO_TRY(co_await settle(partition));
  }
  const auto offsets = partition->offsets();
  if (timestamp == kLatest) {
    const std::int64_t end =
        isolation == Isolation::ReadCommitted ? offsets.last_stable_offset : offsets.high_watermark;
    co_return FoundOffset{.offset = end, .leader_epoch = partition->leader_epoch()};
  }
  if (timestamp == kEarliest || timestamp == kEarliestLocal) {
    const std::int64_t start = offsets.log_start_offset;
    co_return FoundOffset{.offset = start, .leader_epoch = epoch_of(*partition, start)};
  }
  if (timestamp == kLatestTiered || timestamp == kEarliestPendingUpload) co_return FoundOffset{};
  auto search = [partition, timestamp, isolation] {
    return timestamp == kMaxTimestamp ? partition->find_max_timestamp()
                                      : partition->find_timestamp(timestamp, isolation);
  };
  co_return co_await run_blocking(context.services.blocking, std::move(search));
}

Task<ListOffsetsResponse::Topic::Partition> answer(RequestContext& context, std::string topic,
                                                   ListOffsetsRequest::Topic::Partition wanted,
                                                   Isolation isolation) {
  ListOffsetsResponse::Topic::Partition shown;
  shown.index = wanted.index;
  FoundPartition target = find_partition(context.broker(), topic, wanted.index);
  shown.error_code = target.error;
  if (shown.error_code == KafkaError::None) {
    shown.error_code = check_epoch(*target.partition, wanted.current_leader_epoch);
  }
  if (shown.error_code != KafkaError::None) co_return shown;
  if (wanted.timestamp < kEarliestPendingUpload ||
      context.version() < first_version_of(wanted.timestamp)) {
    shown.error_code = KafkaError::UnsupportedVersion;
    co_return shown;
  }
  const auto found = co_await find(context, target.partition, wanted.timestamp, isolation);
  if (!found.ok()) {
    shown.error_code = kafka_error_of(found.error());
    co_return shown;
  }
  shown.offset = found->offset;
  shown.timestamp = found->timestamp_ms;
  shown.leader_epoch = found->leader_epoch;
  co_return shown;
}

}  // namespace

Task<ListOffsetsResponse> list_offsets(RequestContext& context, ListOffsetsRequest request) {
  ListOffsetsResponse response;
  const Isolation isolation = isolation_of(request.isolation_level);
  const security::Rights rights = context.rights();
  for (const auto& topic : request.topics) {
    ListOffsetsResponse::Topic shown;
    shown.name = topic.name;
    const bool allowed = rights.topic(security::AclOperation::Describe, topic.name);
    for (const auto& partition : topic.partitions) {
      if (!allowed) {
        auto& refused = shown.partitions.emplace_back();
        refused.index = partition.index;
        refused.error_code = KafkaError::TopicAuthorizationFailed;
        continue;
      }
      shown.partitions.push_back(
          CO_TRY(co_await answer(context, topic.name, partition, isolation)));
    }
    response.topics.push_back(std::move(shown));
  }
  co_return response;
}

}  // namespace tidemill::broker::api
