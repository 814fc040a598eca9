// SPDX-License-Identifier: Apache-2.0
// Entries of secondary indexes. They are merged in like rows and never read before a write, so one
// may point to a row whose value has changed since: readers compare, and mark such entries dead.
//   key   := incarnation:u32 component{1,2} token:u64 key_size:u16 partition_key kind:u8 clustering
//   value := 03 timestamp:i64 expires:u32 dead:u8
// The incarnation is the index's own; components are the value (map key and value of ENTRIES) as
// append_ordered writes them; the rest is the row's key, or the header's for a static column.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tables/embedded/encode.h"
#include "tables/embedded/header.h"

namespace tidemill::tables::embedded {

constexpr std::uint8_t kEntryVersion = 0x03;
constexpr std::size_t kIndexedBytesMax = 65535;  // Cassandra's limit of an indexed value

struct IndexEntry {
  std::int64_t timestamp = kNever;
  std::uint32_t expires = 0;  // 0: never
  bool is_dead = false;       // what it pointed to was overwritten
};

// The components of a cell's value under the index: of a map's entry, the key is its path.
// Errors: InvalidArgument for what is too long or cannot be ordered.
Result<Bytes> index_component(const Table& table, const Index& index, BytesView path,
                              BytesView value);
// How many bytes of `from` are components.
Result<std::size_t> component_size(const Column& column, Index::Target target, BytesView from);
// Whether a live cell (or, for key columns, the row as such) stands behind the component.
bool is_current(const Table& table, const Index& index, BytesView component,
                std::span<const CellView> cells);

// Appends the entries of one row's or header's operand, for all indexes of the table.
Result<> append_index_entries(const Table& table, BytesView store_key, BytesView operand,
                              EncodedWrites& out);
// Whether all indexes of the table take the mutation's values: what append_index_entries refuses.
Result<> check_indexed_values(const Table& table, const Mutation& mutation);
// Ends the entry as it was read, not one written since.
void append_dead_entry(const Column& column, const Index& index, BytesView key,
                       const IndexEntry& entry, EncodedWrites& out);

Result<IndexEntry> read_entry(BytesView value);
bool merge_entries(std::span<const std::string_view> operands, std::string& out);

// The lowest bytes above everything that starts with `prefix`; empty when there are none.
Bytes prefix_end(Bytes prefix);

}  // namespace tidemill::tables::embedded
