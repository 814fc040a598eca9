// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/row_source.h"

#include <algorithm>
#include <map>

namespace tidemill::tables::statements {
namespace {

BytesView bytes_or_empty(const Value& value) {
  return value ? BytesView(*value) : BytesView();
}

// Whether the key of a made-up row is one that was asked for.
Outcome<bool> is_wanted(const embedded::ReadRequest& request, const SystemRow& row) {
  const Table& table = *request.table;
  std::vector<BytesView> key;
  for (std::size_t i = 0; i < table.partition_columns; ++i) key.push_back(bytes_or_empty(row[i]));
  const Bytes partition = TRY(embedded::encode_partition_key(table, key));
  if (!request.partitions.empty()) {
    if (std::ranges::find(request.partitions, partition) == request.partitions.end()) return false;
  } else {
    const std::int64_t token = embedded::token_of(partition);
    if (token < request.tokens.start || token > request.tokens.end) return false;
  }
  if (request.ranges.empty()) return true;
  std::vector<BytesView> clustering;
  for (std::size_t i = 0; i < table.clustering_columns; ++i) {
    clustering.push_back(bytes_or_empty(row[table.partition_columns + i]));
  }
  const Bytes encoded = TRY(embedded::encode_clustering(table, clustering));
  return std::ranges::any_of(request.ranges, [&](const embedded::ClusteringRange& range) {
    return encoded >= range.start && encoded < range.end;
  });
}

Outcome<RowChunk> read_system(const SystemTable& system, const Schema& schema,
                              const embedded::ReadRequest& request) {
  const Table& table = *request.table;
  std::vector<SystemRow> wanted;
  std::map<std::vector<Value>, std::uint32_t> per_partition;
  for (SystemRow& row : system.rows(schema)) {
    if (!TRY(is_wanted(request, row))) continue;
    const std::vector<Value> key(
        row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.partition_columns));
    const std::uint32_t limit = request.distinct ? 1 : request.per_partition_limit;
    if (++per_partition[key] > limit) continue;
    SystemRow projected;
    for (const ColumnId id : request.columns) {
      const auto at = std::ranges::find(table.columns, id, &Column::id);
      projected.push_back(row[static_cast<std::size_t>(at - table.columns.begin())]);
    }
    wanted.push_back(std::move(projected));
  }
  if (request.reversed) std::ranges::reverse(wanted);
  std::size_t from = 0;
  if (!request.resume.empty()) {
    if (request.resume.size() != 4) {
      return wire::cql::protocol_error("Invalid value for the paging state");
    }
    from = load_be<std::uint32_t>(request.resume.data());
  }
  from = std::min(from, wanted.size());
  const std::size_t to = std::min(wanted.size(), from + request.page_rows);
  Bytes resume;
  if (to < wanted.size()) resume = wire::cql::encode_be(static_cast<std::uint32_t>(to));
  std::vector<SystemRow> page(
      std::make_move_iterator(wanted.begin() + static_cast<std::ptrdiff_t>(from)),
      std::make_move_iterator(wanted.begin() + static_cast<std::ptrdiff_t>(to)));
  return RowChunk(std::move(page), std::move(resume));
}

}  // namespace

void RowChunk::load(std::size_t row, bool with_times, bool with_elements, RowCells& into) const {
  const std::size_t columns = is_system_ ? rows_[row].size() : page_.columns();
  into.values.resize(columns);
  if (with_times) {
    into.timestamps.resize(columns);
    into.expires_at.resize(columns);
  }
  if (with_elements) into.elements.resize(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    if (is_system_) {
      const Value& value = rows_[row][i];
      into.values[i] = value ? std::optional<BytesView>(*value) : std::nullopt;
      if (with_times) {
        into.timestamps[i] = value ? 0 : embedded::Page::kNoTime;
        into.expires_at[i] = 0;
      }
      if (with_elements) into.elements[i] = nullptr;
      continue;
    }
    into.values[i] = page_.value(row, i);
    if (with_times) {
      into.timestamps[i] = page_.timestamp(row, i);
      into.expires_at[i] = page_.expires_at(row, i);
    }
    if (with_elements) into.elements[i] = &page_.elements(row, i);
  }
}

Outcome<RowChunk> read_rows(const embedded::Store& store, const SystemTable* system,
                            const Schema& schema, const embedded::ReadRequest& request) {
  if (system != nullptr) return read_system(*system, schema, request);
  return RowChunk(TRY(store.read(request)));
}

}  // namespace tidemill::tables::statements
