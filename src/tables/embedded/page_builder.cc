// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/page_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/cql/value.h"

namespace tidemill::tables::embedded {

const std::vector<Element>& Page::elements(std::size_t row, std::size_t column) const {
  static const std::vector<Element> kNone;
  const std::size_t at = row * columns_ + column;
  return at < elements_.size() ? elements_[at] : kNone;
}

Result<PageBuilder> PageBuilder::create(const ReadRequest& request, std::int64_t now_seconds,
                                        ReadTally& tally) {
  PageBuilder builder(tally);
  builder.table_ = request.table;
  builder.now_ = now_seconds;
  builder.page_rows_ = std::max<std::uint32_t>(request.page_rows, 1);
  builder.page_bytes_ = request.page_bytes;
  builder.with_times_ = request.with_times;
  builder.with_elements_ = request.with_elements;
  builder.page_.columns_ = request.columns.size();
  builder.targets_.resize(request.columns.size());
  builder.gathered_.resize(request.columns.size());
  builder.slot_by_id_.assign(request.table->next_column_id + 1, -1);
  for (std::size_t slot = 0; slot < request.columns.size(); ++slot) {
    const ColumnId id = request.columns[slot];
    const Column* column = request.table->find(id);
    if (column == nullptr || builder.slot_by_id_[id] != -1) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("table '{}.{}' {} column with id {}", request.table->keyspace,
                               request.table->name,
                               column == nullptr ? "has no" : "is asked twice for the", id));
    }
    builder.slot_by_id_[id] = static_cast<std::int32_t>(slot);
    Target& target = builder.targets_[slot];
    target.column = column;
    target.position = column->position < 0 ? 0 : static_cast<std::size_t>(column->position);
    target.is_multicell = column->type.is_multi_cell();
    switch (column->kind) {
      case ColumnKind::PartitionKey:
        target.from = From::PartitionKey;
        builder.wants_keys_ = true;
        break;
      case ColumnKind::Clustering:
        target.from = From::Clustering;
        builder.clustering_wanted_ = std::max(builder.clustering_wanted_, target.position + 1);
        break;
      case ColumnKind::Static:
        target.from = From::Static;
        break;
      case ColumnKind::Regular:
        target.from = From::Regular;
        break;
    }
  }
  return builder;
}

void PageBuilder::start_row() {
  page_.cells_.resize(page_.cells_.size() + page_.columns_);
  if (with_times_) page_.times_.resize(page_.cells_.size());
  if (with_elements_) page_.elements_.resize(page_.cells_.size());
}

void PageBuilder::put_value(std::size_t slot, BytesView value) {
  auto& cell = page_.cells_[page_.rows_ * page_.columns_ + slot];
  cell.at = static_cast<std::uint32_t>(page_.memory_.size());
  cell.size = static_cast<std::int32_t>(value.size());
  page_.memory_.insert(page_.memory_.end(), value.begin(), value.end());
}

void PageBuilder::put_times(std::size_t slot, const CellView& cell) {
  if (!with_times_) return;
  auto& times = page_.times_[page_.rows_ * page_.columns_ + slot];
  if (cell.timestamp > times.timestamp) {
    times = {cell.timestamp, static_cast<std::int64_t>(cell.expires)};
  }
}

Result<> PageBuilder::put_keys(const PartitionContext& partition, BytesView clustering,
                               bool has_clustering) {
  if (wants_keys_) {
    const auto keys = TRY(split_partition_key(*table_, partition.key));
    for (std::size_t slot = 0; slot < targets_.size(); ++slot) {
      if (targets_[slot].from == From::PartitionKey) put_value(slot, keys[targets_[slot].position]);
    }
  }
  if (!has_clustering || clustering_wanted_ == 0) return {};
  ByteReader in(clustering);
  for (std::size_t i = 0; i < clustering_wanted_; ++i) {
    const Column& column = table_->clustering()[i];
    scratch_.clear();
    TRY(take_ordered(column.type, column.descending, in, scratch_));
    if (const auto slot = slot_by_id_[column.id]; slot >= 0) {
      put_value(static_cast<std::size_t>(slot), scratch_);
    }
  }
  return {};
}

// Puts one live cell where it belongs.
bool PageBuilder::put_cell(const CellView& cell) {
  if (cell.column >= slot_by_id_.size()) return false;
  const std::int32_t found = slot_by_id_[cell.column];
  if (found < 0) return false;
  const auto slot = static_cast<std::size_t>(found);
  if (targets_[slot].is_multicell) {
    gathered_[slot].cells.push_back(cell);
    return true;
  }
  if (cell.kind == CellKind::Counter) {
    std::uint8_t total[8];
    store_be(total, cell.total);
    put_value(slot, total);
  } else {
    put_value(slot, cell.value);
  }
  put_times(slot, cell);
  return true;
}

// Puts the row's live cells; whether the row is alive at all.
bool PageBuilder::put_cells(const RowHead& head, RowReader& reader, const Deletion& deletion) {
  bool alive = head.marker.is_live(now_) && !deletion.covers(head.marker.timestamp);
  ColumnId deleted_column = 0;
  std::int64_t column_deleted_at = kNever;
  std::uint64_t dead = 0;
  CellView cell;
  while (reader.next(cell)) {
    if (cell.kind == CellKind::ColumnDeletion) {
      deleted_column = cell.column;
      column_deleted_at = cell.timestamp;
      continue;
    }
    if (!deletion.is_none() && deletion.covers(cell.timestamp)) continue;
    if (column_deleted_at != kNever && cell.column == deleted_column &&
        cell.timestamp <= column_deleted_at) {
      continue;
    }
    if (!cell.is_live(now_)) {
      ++dead;
      continue;
    }
    // A dropped column's cells do not keep a row alive.
    if (!alive && table_->find(cell.column) == nullptr) continue;
    alive = true;
    put_cell(cell);
  }
  if (!alive && dead == 0) {
    // Of a row hidden by its partition's deletion or by a range nothing is left to count.
    const bool has_marker = !head.marker.is_none() && !deletion.covers(head.marker.timestamp);
    const bool is_deleted = !head.deletion.is_none() && head.deletion == deletion;
    dead = has_marker || is_deleted ? 1 : 0;
  }
  tally_->tombstones += dead;
  return alive;
}

Result<> PageBuilder::begin_partition(const PartitionContext& partition) {
  statics_.clear();
  static_live_ = false;
  const RowParts& row = partition.header.static_row;
  const Deletion deletion = std::max(partition.header.deletion, row.head.deletion);
  ColumnId deleted_column = 0;
  std::int64_t column_deleted_at = kNever;
  for (const auto& cell : row.cells) {
    if (cell.kind == CellKind::ColumnDeletion) {
      deleted_column = cell.column;
      column_deleted_at = cell.timestamp;
      continue;
    }
    if (!deletion.is_none() && deletion.covers(cell.timestamp)) continue;
    if (column_deleted_at != kNever && cell.column == deleted_column &&
        cell.timestamp <= column_deleted_at) {
      continue;
    }
    if (!cell.is_live(now_)) {
      ++tally_->tombstones;
      continue;
    }
    if (table_->find(cell.column) == nullptr) continue;
    static_live_ = true;
    statics_.push_back(cell);
  }
  return {};
}

void PageBuilder::copy_static() {
  for (const auto& cell : statics_) put_cell(cell);
}

Result<bool> PageBuilder::add_row(const PartitionContext& partition, BytesView clustering,
                                  BytesView value) {
  RowReader reader(value);
  const Deletion deletion =
      std::max(reader.head().deletion, partition.header.deletion_at(clustering));
  const std::size_t memory = page_.memory_.size();
  start_row();
  const bool alive = put_cells(reader.head(), reader, deletion);
  if (reader.is_damaged()) {
    return error(ErrorCode::Corrupt,
                 fmt::format("a row of table '{}.{}' is damaged", table_->keyspace, table_->name));
  }
  if (!alive) {
    page_.memory_.resize(memory);
    page_.cells_.resize(page_.rows_ * page_.columns_);
    if (with_times_) page_.times_.resize(page_.cells_.size());
    if (with_elements_) page_.elements_.resize(page_.cells_.size());
    for (auto& gathered : gathered_) gathered.cells.clear();
    return false;
  }
  copy_static();
  finish_collections();
  TRY(put_keys(partition, clustering, true));
  page_.static_only_.push_back(0);
  ++page_.rows_;
  return true;
}

Result<> PageBuilder::add_static_row(const PartitionContext& partition) {
  start_row();
  copy_static();
  finish_collections();
  TRY(put_keys(partition, {}, false));
  page_.static_only_.push_back(1);
  ++page_.rows_;
  return {};
}

void PageBuilder::finish_collections() {
  for (std::size_t slot = 0; slot < targets_.size(); ++slot) {
    if (!targets_[slot].is_multicell || gathered_[slot].cells.empty()) continue;
    assemble(slot, gathered_[slot]);
    gathered_[slot].cells.clear();
  }
}

// Elements come in the order of their paths' bytes; collections are shown in their type's order.
void PageBuilder::assemble(std::size_t slot, Gathered& gathered) {
  const CqlType& type = targets_[slot].column->type;
  auto& cells = gathered.cells;
  const bool by_key = type.kind == TypeKind::Set || type.kind == TypeKind::Map;
  if (by_key && !is_byte_ordered(type.element(0))) {
    std::ranges::sort(cells, [&](const CellView& a, const CellView& b) {
      return wire::cql::compare_values(type.element(0), a.path, b.path) < 0;
    });
  }
  scratch_.clear();
  ByteWriter out(scratch_);
  const auto put_sized = [&](BytesView value) {
    out.i32be(static_cast<std::int32_t>(value.size()));
    out.bytes(value);
  };
  if (type.kind == TypeKind::Udt) {
    std::size_t next = 0;
    for (std::size_t field = 0; field < type.parts->elements.size(); ++field) {
      const bool is_set = next < cells.size() && cells[next].path.size() == 2 &&
                          load_be<std::uint16_t>(cells[next].path.data()) == field;
      if (is_set) {
        put_sized(cells[next++].value);
      } else {
        out.i32be(-1);
      }
    }
  } else {
    out.i32be(static_cast<std::int32_t>(cells.size()));
    for (const auto& cell : cells) {
      if (by_key) put_sized(cell.path);
      if (type.kind != TypeKind::Set) put_sized(cell.value);
    }
  }
  put_value(slot, scratch_);
  for (const auto& cell : cells) put_times(slot, cell);
  if (!with_elements_) return;
  auto& elements = page_.elements_[page_.rows_ * page_.columns_ + slot];
  for (const auto& cell : cells) {
    elements.push_back({Bytes(cell.path.begin(), cell.path.end()),
                        Bytes(cell.value.begin(), cell.value.end()), cell.timestamp,
                        static_cast<std::int32_t>(cell.ttl),
                        static_cast<std::int64_t>(cell.expires)});
  }
}

Page PageBuilder::finish(Bytes resume) && {
  page_.resume_ = std::move(resume);
  return std::move(page_);
}

}  // namespace tidemill::tables::embedded
