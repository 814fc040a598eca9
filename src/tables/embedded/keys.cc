// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/cql/error.h"
#include "wire/cql/murmur3.h"
#include "wire/cql/value.h"

namespace tidemill::tables::embedded {

namespace {

constexpr std::size_t kComponentMax = 65535;

Error damaged() {
  return error(ErrorCode::Corrupt, "a partition key is damaged");
}

// A prefix extended by one component; `after`: the place behind everything under it.
Result<Bytes> place(const Table& table, BytesView prefix, std::size_t column, BytesView value,
                    bool after) {
  const Column& by = table.clustering()[column];
  Bytes out(prefix.begin(), prefix.end());
  TRY(append_ordered(by.type, value, by.descending, out));
  if (after) out.push_back(0xFF);
  return out;
}

ClusteringRange all_under(BytesView prefix) {
  ClusteringRange range;
  range.start.assign(prefix.begin(), prefix.end());
  range.end = range.start;
  range.end.push_back(0xFF);
  return range;
}

// Cuts `within` (all rows under `prefix`) to those whose next columns lie on one side of the bound.
// A bound of several values over columns of one direction is one cut; where directions differ it
// is the rows that differ first in column 0, in column 1, ...
Result<std::vector<ClusteringRange>> one_side(const Table& table, const Bytes& prefix,
                                              std::size_t first, const ClusteringBound& bound,
                                              bool is_lower) {
  std::vector<ClusteringRange> ranges;
  Bytes at = prefix;
  for (std::size_t i = 0; i < bound.values.size(); ++i) {
    const bool is_last = i + 1 == bound.values.size();
    const bool descending = table.clustering()[first + i].descending;
    // Rows equal up to here that lie strictly beyond the value in column i.
    ClusteringRange beyond = all_under(at);
    const bool upwards = is_lower != descending;
    Bytes exact = TRY(place(table, at, first + i, bound.values[i], false));
    if (upwards) {
      beyond.start = exact;
      beyond.start.push_back(0xFF);
      if (is_last && bound.inclusive) beyond.start = exact;
    } else {
      beyond.end = exact;
      if (is_last && bound.inclusive) beyond.end.push_back(0xFF);
    }
    if (!beyond.is_empty()) ranges.push_back(std::move(beyond));
    at = std::move(exact);
  }
  normalize_ranges(ranges);
  return ranges;
}

std::vector<ClusteringRange> intersection(const std::vector<ClusteringRange>& a,
                                          const std::vector<ClusteringRange>& b) {
  std::vector<ClusteringRange> both;
  for (const auto& x : a) {
    for (const auto& y : b) {
      ClusteringRange shared;
      shared.start = std::max(x.start, y.start);
      shared.end = std::min(x.end, y.end);
      if (!shared.is_empty()) both.push_back(std::move(shared));
    }
  }
  return both;
}

}  // namespace

Result<Bytes> encode_partition_key(const Table& table, std::span<const BytesView> values) {
  const auto columns = table.partition_key();
  if (values.size() != columns.size()) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("table '{}.{}' has {} partition key columns, got {} values",
                             table.keyspace, table.name, columns.size(), values.size()));
  }
  std::size_t total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (auto checked = wire::cql::check_value(columns[i].type, values[i]); !checked.ok()) {
      return wire::cql::to_error(std::move(checked).error());
    }
    total += values[i].size() + (columns.size() > 1 ? 3 : 0);
  }
  if (total > kComponentMax) {
    return error(
        ErrorCode::InvalidArgument,
        fmt::format("Key length of {} is longer than maximum of {}", total, kComponentMax));
  }
  if (total == 0) return error(ErrorCode::InvalidArgument, "Key may not be empty");
  return wire::cql::routing_key(values);
}

Result<std::vector<BytesView>> split_partition_key(const Table& table, BytesView key) {
  if (table.partition_columns == 1) return std::vector<BytesView>{key};
  std::vector<BytesView> values;
  ByteReader in(key);
  for (std::size_t i = 0; i < table.partition_columns; ++i) {
    const std::uint16_t size = TRY(in.u16be());
    values.push_back(TRY(in.bytes(size)));
    TRY(in.skip(1));
  }
  if (!in.at_end()) return damaged();
  return values;
}

std::int64_t token_of(BytesView partition_key) {
  return wire::cql::murmur3_token(partition_key);
}

Result<Bytes> encode_clustering(const Table& table, std::span<const BytesView> values) {
  Bytes out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Column& column = table.clustering()[i];
    TRY(append_ordered(column.type, values[i], column.descending, out));
  }
  return out;
}

Result<std::vector<Bytes>> decode_clustering(const Table& table, BytesView clustering) {
  std::vector<Bytes> values;
  ByteReader in(clustering);
  for (const auto& column : table.clustering()) {
    Bytes value;
    TRY(take_ordered(column.type, column.descending, in, value));
    values.push_back(std::move(value));
  }
  return values;
}

Result<std::vector<ClusteringRange>> clustering_ranges(
    const Table& table, std::span<const BytesView> equal,
    const std::optional<ClusteringBound>& lower, const std::optional<ClusteringBound>& upper) {
  const Bytes prefix = TRY(encode_clustering(table, equal));
  std::vector<ClusteringRange> ranges{all_under(prefix)};
  if (equal.size() == table.clustering_columns) {
    ranges[0].is_row = true;
    return ranges;
  }
  if (lower) {
    ranges = intersection(ranges, TRY(one_side(table, prefix, equal.size(), *lower, true)));
  }
  if (upper) {
    ranges = intersection(ranges, TRY(one_side(table, prefix, equal.size(), *upper, false)));
  }
  return ranges;
}

void normalize_ranges(std::vector<ClusteringRange>& ranges) {
  std::erase_if(ranges, [](const ClusteringRange& range) { return range.is_empty(); });
  std::ranges::sort(ranges, {}, &ClusteringRange::start);
  std::vector<ClusteringRange> joined;
  for (auto& range : ranges) {
    if (!joined.empty() && range.start <= joined.back().end) {
      auto& last = joined.back();
      last.is_row = last.is_row && last == range;
      last.end = std::max(last.end, range.end);
    } else {
      joined.push_back(std::move(range));
    }
  }
  ranges = std::move(joined);
}

// --- keys of the database ---

void append_partition_prefix(std::uint32_t incarnation, std::int64_t token, BytesView partition_key,
                             Bytes& out) {
  ByteWriter writer(out);
  writer.u32be(incarnation);
  writer.u64be(ordered_token(token));
  writer.u16be(static_cast<std::uint16_t>(partition_key.size()));
  writer.bytes(partition_key);
}

Result<StoreKey> parse_store_key(BytesView key) {
  ByteReader in(key);
  StoreKey parsed;
  parsed.incarnation = TRY(in.u32be());
  parsed.token = static_cast<std::int64_t>(TRY(in.u64be()) ^ (1ULL << 63));
  const std::uint16_t size = TRY(in.u16be());
  parsed.partition_key = TRY(in.bytes(size));
  parsed.partition = key.first(in.position());
  parsed.kind = static_cast<KeyKind>(TRY(in.u8()));
  parsed.clustering = in.rest();
  return parsed;
}

}  // namespace tidemill::tables::embedded
