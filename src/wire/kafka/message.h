// SPDX-License-Identifier: Apache-2.0
// What a Kafka message is made of: API keys, version ranges, raw record batches, and the three
// functions every message has. The visitors behind them are in codec.h, instantiated in
// instances_*.cc, so that a user of a message does not compile them again.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"

namespace tidemill::wire::kafka {

enum class ApiKey : std::int16_t {
  Produce = 0,
  Fetch = 1,
  ListOffsets = 2,
  Metadata = 3,
  OffsetCommit = 8,
  OffsetFetch = 9,
  FindCoordinator = 10,
  JoinGroup = 11,
  Heartbeat = 12,
  LeaveGroup = 13,
  SyncGroup = 14,
  DescribeGroups = 15,
  ListGroups = 16,
  SaslHandshake = 17,
  ApiVersions = 18,
  CreateTopics = 19,
  DeleteTopics = 20,
  DeleteRecords = 21,
  InitProducerId = 22,
  OffsetForLeaderEpoch = 23,
  AddPartitionsToTxn = 24,
  AddOffsetsToTxn = 25,
  EndTxn = 26,
  WriteTxnMarkers = 27,
  TxnOffsetCommit = 28,
  DescribeAcls = 29,
  CreateAcls = 30,
  DeleteAcls = 31,
  DescribeConfigs = 32,
  AlterConfigs = 33,
  DescribeLogDirs = 35,
  SaslAuthenticate = 36,
  CreatePartitions = 37,
  DeleteGroups = 42,
  IncrementalAlterConfigs = 44,
  OffsetDelete = 47,
  DescribeUserScramCredentials = 50,
  AlterUserScramCredentials = 51,
  DescribeQuorum = 55,
  UpdateFeatures = 57,
  DescribeCluster = 60,
  DescribeProducers = 61,
  DescribeTransactions = 65,
  ListTransactions = 66,
  ConsumerGroupHeartbeat = 68,
  ConsumerGroupDescribe = 69,
  DescribeTopicPartitions = 75,
};

// The versions that carry a field, and those in which it may be null. Before null_from a null is
// written as an empty value and refused when read.
struct Versions {
  std::int16_t from = 0;
  std::int16_t to = std::numeric_limits<std::int16_t>::max();
  std::int16_t null_from = 0;

  constexpr bool contain(std::int16_t version) const { return from <= version && version <= to; }
  constexpr Versions nullable_since(std::int16_t version) const { return {from, to, version}; }
};
constexpr Versions since(std::int16_t from) {
  return {.from = from};
}
constexpr Versions until(std::int16_t to) {
  return {.to = to};
}
constexpr Versions between(std::int16_t from, std::int16_t to) {
  return {.from = from, .to = to};
}

// What is true of all versions of one message.
struct MessageSpec {
  ApiKey key;
  std::string_view name;
  std::int16_t lowest;
  std::int16_t highest;
  std::int16_t flexible_from;  // compact lengths and tagged fields from here on

  constexpr bool flexible(std::int16_t version) const { return version >= flexible_from; }
};
constexpr std::int16_t kNeverFlexible = std::numeric_limits<std::int16_t>::max();

// Record batches as they travel: views that are never copied by the codec. `owner` keeps their
// memory alive where it is not the caller's.
struct Records {
  bool present = false;  // absent is null on the wire, not an empty set
  std::vector<BytesView> pieces;
  std::shared_ptr<const void> owner;

  std::size_t size() const;
  Bytes copy() const;
  bool operator==(const Records& other) const;
};
Records records_of(BytesView batches);

// An encoded message: bytes of its own, with the record batches of `splices` inserted at their
// positions, so that one writev sends both. Positions ascend.
struct Encoded {
  struct Splice {
    std::size_t at;
    Records records;
  };
  Bytes bytes;
  std::vector<Splice> splices;

  std::size_t size() const;
  Bytes flatten() const;
};

// Reads one message of a version inside M::kSpec's range; bytes after it are ignored, as Kafka
// does. A failure names the message, the version and the field. Records are views into `body`.
template <class M>
Result<M> decode(BytesView body, std::int16_t version);

// Bytes that encode() would add, splices included.
template <class M>
std::size_t encoded_size(const M& message, std::int16_t version);

// Appends the message to `out`.
template <class M>
void encode(const M& message, std::int16_t version, Encoded& out);

}  // namespace tidemill::wire::kafka
