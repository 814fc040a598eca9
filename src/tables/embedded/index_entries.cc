// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/index_entries.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::tables::embedded {

namespace {

void encode_entry(const IndexEntry& entry, ByteWriter& out) {
  out.u8(kEntryVersion);
  out.u64be(static_cast<std::uint64_t>(entry.timestamp));
  out.u32be(entry.expires);
  out.u8(entry.is_dead ? 1 : 0);
}

void add_entry(const Index& index, BytesView component, BytesView store_key,
               const IndexEntry& entry, EncodedWrites& out) {
  ByteWriter key;
  key.u32be(index.incarnation);
  key.bytes(component);
  key.bytes(store_key.subspan(sizeof(std::uint32_t)));
  ByteWriter value;
  encode_entry(entry, value);
  out.add(key.buffer(), value.buffer());
}

bool is_key(const Column& column) {
  return column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering;
}

// The row's own value of an indexed key column.
Result<Bytes> key_component(const Table& table, const Index& index, const Column& column,
                            const StoreKey& key) {
  const auto at = static_cast<std::size_t>(column.position);
  if (column.kind == ColumnKind::PartitionKey) {
    const auto values = TRY(split_partition_key(table, key.partition_key));
    return index_component(table, index, {}, values[at]);
  }
  const auto values = TRY(decode_clustering(table, key.clustering));
  return index_component(table, index, {}, values[at]);
}

// Several cells of a row may stand behind one entry.
bool is_shared(const Column& column, const Index& index) {
  return index.target == Index::Target::Values && column.type.kind != TypeKind::Set;
}

struct Contents {
  std::vector<CellView> cells;
  Marker marker;
};

Result<> append_for(const Table& table, const Index& index, const Column& column,
                    const StoreKey& key, BytesView store_key, const Contents& row,
                    EncodedWrites& out) {
  if (is_key(column)) {
    if (key.kind != KeyKind::Row) return {};
    // Other cells may outlive these, so the entry never expires.
    IndexEntry entry{row.marker.timestamp, 0, false};
    bool lives = !row.marker.is_none();
    for (const CellView& cell : row.cells) {
      if (cell.kind != CellKind::Live) continue;
      entry.timestamp = std::max(entry.timestamp, cell.timestamp);
      lives = true;
    }
    if (!lives) return {};
    add_entry(index, TRY(key_component(table, index, column, key)), store_key, entry, out);
    return {};
  }
  if ((column.kind == ColumnKind::Static) != (key.kind == KeyKind::Header)) return {};
  for (const CellView& cell : row.cells) {
    if (cell.column != column.id || cell.kind != CellKind::Live) continue;
    add_entry(index, TRY(index_component(table, index, cell.path, cell.value)), store_key,
              {cell.timestamp, is_shared(column, index) ? 0 : cell.expires, false}, out);
  }
  return {};
}

}  // namespace

Result<Bytes> index_component(const Table& table, const Index& index, BytesView path,
                              BytesView value) {
  const Column* column = table.find(index.column);
  if (column == nullptr) {
    return error(ErrorCode::Internal, fmt::format("index '{}' has no column", index.name));
  }
  const CqlType& type = column->type;
  Bytes out;
  const auto append = [&](const CqlType& of, BytesView bytes) -> Result<> {
    if (bytes.size() > kIndexedBytesMax) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("Cannot index value of size {} for index {} on {}.{}({}) (maximum "
                               "allowed size={})",
                               bytes.size(), index.name, table.keyspace, table.name, column->name,
                               kIndexedBytesMax));
    }
    return append_ordered(of, bytes, false, out);
  };
  switch (index.target) {
    case Index::Target::Value:
      TRY(append(type, value));
      break;
    case Index::Target::Keys:
      TRY(append(type.element(0), path));
      break;
    case Index::Target::Values:
      TRY(type.kind == TypeKind::Set   ? append(type.element(0), path)
          : type.kind == TypeKind::Map ? append(type.element(1), value)
                                       : append(type.element(0), value));
      break;
    case Index::Target::Entries:
      TRY(append(type.element(0), path));
      TRY(append(type.element(1), value));
      break;
  }
  return out;
}

Result<std::size_t> component_size(const Column& column, Index::Target target, BytesView from) {
  ByteReader in(from);
  Bytes ignored;
  const CqlType& type = column.type;
  switch (target) {
    case Index::Target::Value:
      TRY(take_ordered(type, false, in, ignored));
      break;
    case Index::Target::Keys:
      TRY(take_ordered(type.element(0), false, in, ignored));
      break;
    case Index::Target::Values:
      TRY(take_ordered(type.element(type.kind == TypeKind::Map ? 1 : 0), false, in, ignored));
      break;
    case Index::Target::Entries:
      TRY(take_ordered(type.element(0), false, in, ignored));
      TRY(take_ordered(type.element(1), false, in, ignored));
      break;
  }
  return in.position();
}

bool is_current(const Table& table, const Index& index, BytesView component,
                std::span<const CellView> cells) {
  const Column* column = table.find(index.column);
  if (column == nullptr) return false;
  if (is_key(*column)) return true;
  return std::ranges::any_of(cells, [&](const CellView& cell) {
    if (cell.column != index.column || cell.kind != CellKind::Live) return false;
    const auto own = index_component(table, index, cell.path, cell.value);
    return own.ok() && std::ranges::equal(*own, component);
  });
}

Result<> append_index_entries(const Table& table, BytesView store_key, BytesView operand,
                              EncodedWrites& out) {
  const StoreKey key = TRY(parse_store_key(store_key));
  Contents row;
  HeaderParts header;
  if (key.kind == KeyKind::Header) {
    if (!add_header(operand, header)) return error(ErrorCode::Corrupt, "a header is damaged");
    row.cells = std::move(header.static_row.cells);
  } else {
    RowReader reader(operand);
    row.marker = reader.head().marker;
    for (CellView cell; reader.next(cell);) row.cells.push_back(cell);
    if (reader.is_damaged()) return error(ErrorCode::Corrupt, "a row is damaged");
  }
  for (const Index& index : table.indexes) {
    const Column* column = table.find(index.column);
    if (column != nullptr) TRY(append_for(table, index, *column, key, store_key, row, out));
  }
  return {};
}

// Values of key columns cannot be too long: keys themselves may not.
Result<> check_indexed_values(const Table& table, const Mutation& mutation) {
  for (const RowChange& row : mutation.rows) {
    for (const CellChange& change : row.cells) {
      if (change.kind != CellChange::Kind::Set && change.kind != CellChange::Kind::SetElement) {
        continue;
      }
      for (const Index& index : table.indexes) {
        if (index.column == change.column) {
          TRY(index_component(table, index, change.path, change.value));
        }
      }
    }
  }
  return {};
}

void append_dead_entry(const Column& column, const Index& index, BytesView key,
                       const IndexEntry& entry, EncodedWrites& out) {
  // Another cell may be about to stand behind it, with a timestamp that is not newer.
  if (is_shared(column, index)) return;
  ByteWriter value;
  encode_entry({entry.timestamp, entry.expires, true}, value);
  out.add(key, value.buffer());
}

Result<IndexEntry> read_entry(BytesView value) {
  ByteReader in(value);
  if (TRY(in.u8()) != kEntryVersion) return error(ErrorCode::Corrupt, "an index entry is damaged");
  IndexEntry entry;
  entry.timestamp = static_cast<std::int64_t>(TRY(in.u64be()));
  entry.expires = TRY(in.u32be());
  entry.is_dead = TRY(in.u8()) != 0;
  return entry;
}

// In the order of arrival: what is written again lives again, and a death that did not see the
// newest write is none. Folded in any grouping the result errs towards living only.
bool merge_entries(std::span<const std::string_view> operands, std::string& out) {
  IndexEntry merged;
  bool any = false;
  for (const auto operand : operands) {
    const auto entry = read_entry(as_bytes(operand));
    if (!entry.ok()) return false;
    if (!any || (merged.is_dead && !entry->is_dead)) {
      merged = *entry;
    } else if (entry->is_dead) {
      if (entry->timestamp >= merged.timestamp) merged = *entry;
    } else if (entry->timestamp > merged.timestamp) {
      merged = *entry;
    } else if (entry->timestamp == merged.timestamp) {
      const bool stays = merged.expires == 0 || entry->expires == 0;
      merged.expires = stays ? 0 : std::max(merged.expires, entry->expires);
    }
    any = true;
  }
  ByteWriter bytes;
  encode_entry(merged, bytes);
  out.assign(as_text(bytes.buffer()));
  return true;
}

Bytes prefix_end(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == 0xFF) prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace tidemill::tables::embedded
