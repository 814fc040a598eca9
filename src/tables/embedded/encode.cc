// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/encode.h"

#include <fmt/format.h>

#include "tables/embedded/header.h"

namespace tidemill::tables::embedded {

namespace {

struct Times {
  std::int64_t now = 0;  // seconds
  std::uint32_t local() const { return static_cast<std::uint32_t>(now); }
};

Result<CellView> cell_of(const Table& table, const RowChange& row, const CellChange& change,
                         const Times& times) {
  const Column* column = table.find(change.column);
  if (column == nullptr) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("table '{}.{}' has no column with id {}", table.keyspace, table.name,
                             change.column));
  }
  CellView cell;
  cell.column = change.column;
  cell.timestamp = row.timestamp;
  switch (change.kind) {
    case CellChange::Kind::Set:
    case CellChange::Kind::SetElement:
      cell.path = change.path;
      cell.value = change.value;
      if (row.ttl_seconds > 0) {
        cell.ttl = static_cast<std::uint32_t>(row.ttl_seconds);
        cell.expires = times.local() + cell.ttl;
      }
      break;
    case CellChange::Kind::DeleteElement:
      cell.kind = CellKind::Tombstone;
      cell.path = change.path;
      cell.local_seconds = times.local();
      break;
    case CellChange::Kind::DeleteCell:
      cell.kind = column->type.is_multi_cell()             ? CellKind::ColumnDeletion
                  : column->type.kind == TypeKind::Counter ? CellKind::DeletedCounter
                                                           : CellKind::Tombstone;
      cell.local_seconds = times.local();
      break;
    case CellChange::Kind::ClearBefore:
      cell.kind = CellKind::ColumnDeletion;
      cell.timestamp = row.timestamp - 1;
      cell.local_seconds = times.local();
      break;
    case CellChange::Kind::AddToCounter:
      cell.kind = CellKind::Counter;
      cell.total = change.delta;
      break;
  }
  return cell;
}

Result<> check_times(const RowChange& row) {
  if (row.timestamp <= kNever + 1) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("Out of bound timestamp, must be in [{}, {}]", kNever + 2,
                             std::numeric_limits<std::int64_t>::max()));
  }
  if (row.ttl_seconds < 0) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("A TTL must be greater or equal to 0, but was {}", row.ttl_seconds));
  }
  if (row.ttl_seconds > kTtlSecondsMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("ttl is too large. requested ({}) maximum ({})", row.ttl_seconds,
                             kTtlSecondsMax));
  }
  return {};
}

Result<> gather(const Table& table, const RowChange& change, const Times& times, RowParts& row) {
  TRY(check_times(change));
  if (change.marker) {
    Marker marker;
    marker.timestamp = change.timestamp;
    if (change.ttl_seconds > 0) {
      marker.ttl = static_cast<std::uint32_t>(change.ttl_seconds);
      marker.expires = times.local() + marker.ttl;
    }
    row.head.marker = reconcile(row.head.marker, marker);
  }
  if (change.delete_row) {
    row.head.deletion = std::max(row.head.deletion, Deletion{change.timestamp, times.now});
  }
  for (const auto& cell : change.cells) {
    row.cells.push_back(TRY(cell_of(table, change, cell, times)));
  }
  return {};
}

// The partition's deletion, range tombstones and static row, which share the header.
Result<> encode_header_of(const Mutation& mutation, const Times& times, std::uint32_t incarnation,
                          Bytes& key, EncodedWrites& out) {
  HeaderParts header;
  bool has_header = mutation.delete_partition.has_value() || !mutation.ranges.empty();
  if (mutation.delete_partition) header.deletion = {*mutation.delete_partition, times.now};
  for (const auto& range : mutation.ranges) {
    header.ranges.push_back(
        {range.range.start, range.range.end, Deletion{range.timestamp, times.now}});
  }
  for (const auto& change : mutation.rows) {
    if (!change.is_static) continue;
    has_header = true;
    TRY(gather(*mutation.table, change, times, header.static_row));
  }
  if (!has_header) return {};
  settle(header);
  std::string value;
  encode_header(header, value);
  key.push_back(static_cast<std::uint8_t>(KeyKind::Header));
  out.add(key, as_bytes(value));
  key.pop_back();
  out.note_header(incarnation);
  return {};
}

}  // namespace

void EncodedWrites::add(BytesView key, BytesView operand) {
  const std::uint32_t sizes[2] = {static_cast<std::uint32_t>(key.size()),
                                  static_cast<std::uint32_t>(operand.size())};
  const auto* raw = reinterpret_cast<const std::uint8_t*>(sizes);
  entries_.insert(entries_.end(), raw, raw + sizeof sizes);
  entries_.insert(entries_.end(), key.begin(), key.end());
  entries_.insert(entries_.end(), operand.begin(), operand.end());
}

Result<> encode_mutation(const Mutation& mutation, std::int64_t now_seconds, EncodedWrites& out) {
  const Times times{now_seconds};
  thread_local Bytes key;
  thread_local RowParts row;
  thread_local std::string value;
  key.clear();
  const Table& table = *mutation.table;
  const std::uint32_t incarnation = table.live_incarnation();
  if (incarnation == 0) {
    return error(ErrorCode::NotFound, fmt::format("unconfigured table {}", table.name));
  }
  append_partition_prefix(incarnation, token_of(mutation.partition_key), mutation.partition_key,
                          key);
  TRY(encode_header_of(mutation, times, incarnation, key, out));
  key.push_back(static_cast<std::uint8_t>(KeyKind::Row));
  const std::size_t prefix = key.size();
  for (const auto& change : mutation.rows) {
    if (change.is_static) continue;
    row.clear();
    TRY(gather(*mutation.table, change, times, row));
    settle(row);
    value.clear();
    encode_row(row, value);
    key.resize(prefix);
    key.insert(key.end(), change.clustering.begin(), change.clustering.end());
    out.add(key, as_bytes(value));
  }
  return {};
}

}  // namespace tidemill::tables::embedded
