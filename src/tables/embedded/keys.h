// SPDX-License-Identifier: Apache-2.0
// Keys of partitions and rows, and ranges of clustering keys as half-open byte ranges.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tables/schema.h"

namespace tidemill::tables::embedded {

// The partition key in Cassandra's serialized form, which tokens are computed from: one component
// as it is, several each as u16 length, bytes, 00.
// Errors: InvalidArgument for a wrong number of values, an empty single key, a component beyond
// 65535 bytes, bytes that are no value of the column's type.
Result<Bytes> encode_partition_key(const Table& table, std::span<const BytesView> values);
// The components of a serialized partition key; views into it.
Result<std::vector<BytesView>> split_partition_key(const Table& table, BytesView key);

// Murmur3Partitioner's token of a serialized partition key; never the minimum.
std::int64_t token_of(BytesView partition_key);

// The full clustering key (or, with fewer values, a prefix) in memcmp order; DESC complemented.
Result<Bytes> encode_clustering(const Table& table, std::span<const BytesView> values);
// The values of an encoded full clustering key.
Result<std::vector<Bytes>> decode_clustering(const Table& table, BytesView clustering);

// Encoded clustering keys k with start <= k < end. Ranges come in the table's clustering order.
struct ClusteringRange {
  Bytes start;                 // empty: from the first
  Bytes end = Bytes(1, 0xFF);  // to the last
  bool is_row = false;         // holds one full clustering key only (a hint: found by key)
  bool operator==(const ClusteringRange& other) const {
    return start == other.start && end == other.end;
  }
  bool is_empty() const { return start >= end; }
};

struct ClusteringBound {
  std::vector<BytesView> values;  // of the columns after the equal ones, at least one
  bool inclusive = true;
};

// `equal` fixes the first clustering columns; `lower` and `upper` bound those that follow, compared
// by value as CQL writes them ((a, b) > (x, y) has two values); DESC columns are turned here.
// Gives the ranges in clustering order: one, unless a bound of several values mixes ASC and DESC.
// No bounds: every row under the prefix. All columns equal: exactly that row.
Result<std::vector<ClusteringRange>> clustering_ranges(const Table& table,
                                                       std::span<const BytesView> equal,
                                                       const std::optional<ClusteringBound>& lower,
                                                       const std::optional<ClusteringBound>& upper);

// Sorts ranges and joins those that touch or overlap.
void normalize_ranges(std::vector<ClusteringRange>& ranges);

// --- keys of the database ---
//
// key := incarnation:u32be token:u64be(sign flipped) size:u16be partition_key kind:u8 clustering

// What follows a partition's prefix. Past is larger than both: the place behind the partition.
enum class KeyKind : std::uint8_t { Header = 0x00, Row = 0x01, Past = 0xFF };

// A key taken apart; views into it.
struct StoreKey {
  std::uint32_t incarnation = 0;
  std::int64_t token = 0;
  BytesView partition;      // everything before the kind
  BytesView partition_key;  // as encode_partition_key made it
  KeyKind kind = KeyKind::Row;
  BytesView clustering;
};

inline std::uint64_t ordered_token(std::int64_t token) {
  return static_cast<std::uint64_t>(token) ^ (1ULL << 63);
}
void append_partition_prefix(std::uint32_t incarnation, std::int64_t token, BytesView partition_key,
                             Bytes& out);
Result<StoreKey> parse_store_key(BytesView key);

}  // namespace tidemill::tables::embedded
