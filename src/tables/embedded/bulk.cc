// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tables/embedded/row.h"
#include "wire/cql/error.h"
#include "wire/cql/value.h"

namespace tidemill::tables::embedded {

namespace {

Error invalid(std::string text) {
  return error(ErrorCode::InvalidArgument, std::move(text));
}

bool is_ascii(BytesView bytes) {
  std::size_t i = 0;
  std::uint64_t seen = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    seen |= word;
  }
  for (; i < bytes.size(); ++i) seen |= bytes[i];
  return (seen & 0x8080808080808080ULL) == 0;
}

// The shape of a column: offsets rise and stay inside.
Result<> check_shape(const Column& column, const ValueColumn& values, std::size_t rows) {
  const bool fits = values.offsets.size() == rows + 1 &&
                    values.offsets.back() <= values.data.size() &&
                    std::ranges::is_sorted(values.offsets) &&
                    (values.nulls.empty() || values.nulls.size() == rows);
  if (fits) return {};
  return invalid(fmt::format("column '{}' does not hold {} values", column.name, rows));
}

Result<> check_values(const Column& column, const ValueColumn& values, std::size_t rows) {
  const bool is_text = column.type.is_text();
  // A column that is ASCII as a whole needs no look at its values.
  if (column.type.kind == TypeKind::Blob || (is_text && is_ascii(values.data))) return {};
  const std::size_t fixed = wire::cql::fixed_length(column.type);
  const bool length_is_all = fixed != 0 && column.type.kind != TypeKind::Timeuuid;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!values.nulls.empty() && values.nulls[row] != 0) continue;
    const std::size_t size = values.offsets[row + 1] - values.offsets[row];
    if (length_is_all && size == fixed) continue;
    const BytesView value = BytesView(values.data).subspan(values.offsets[row], size);
    if (auto checked = wire::cql::check_value(column.type, value); !checked.ok()) {
      return wire::cql::to_error(std::move(checked).error())
          .context(fmt::format("in column '{}' of row {}", column.name, row));
    }
  }
  return {};
}

Result<> check_expiry(const UpsertBatch& batch, std::int32_t ttl) {
  if (batch.expires_at_s.empty()) return {};
  if (ttl <= 0 || batch.expires_at_s.size() != batch.rows) {
    return invalid(fmt::format("a batch of {} rows with ttl {} has {} times of expiry", batch.rows,
                               ttl, batch.expires_at_s.size()));
  }
  constexpr std::int64_t kLast = std::numeric_limits<std::uint32_t>::max();
  for (const std::int64_t at : batch.expires_at_s) {
    if (at < 0 || at > kLast) return invalid(fmt::format("a row cannot expire at {} s", at));
  }
  return {};
}

}  // namespace

Result<BulkRows> BulkRows::create(const Table& table, std::uint32_t incarnation,
                                  std::span<const ColumnId> columns, const UpsertBatch& batch,
                                  std::int64_t now_seconds) {
  BulkRows rows;
  rows.batch_ = &batch;
  const std::int32_t ttl = batch.ttl_seconds < 0 ? table.default_time_to_live : batch.ttl_seconds;
  if (ttl > kTtlSecondsMax) {
    return invalid(
        fmt::format("ttl is too large. requested ({}) maximum ({})", ttl, kTtlSecondsMax));
  }
  if (ttl > 0) {
    rows.ttl_ = static_cast<std::uint32_t>(ttl);
    rows.expires_ = static_cast<std::uint32_t>(now_seconds) + rows.ttl_;
  }
  TRY(check_expiry(batch, ttl));
  TRY(rows.bind(table, columns, batch));
  TRY(rows.build_keys(table, incarnation));
  rows.sort();
  return rows;
}

Result<> BulkRows::bind(const Table& table, std::span<const ColumnId> columns,
                        const UpsertBatch& batch) {
  if (batch.columns.size() != columns.size() || batch.write_timestamps.size() != batch.rows ||
      batch.rows > std::numeric_limits<std::uint32_t>::max()) {
    return invalid(
        fmt::format("table '{}.{}': a batch of {} rows has {} columns of {} and {} timestamps",
                    table.keyspace, table.name, batch.rows, batch.columns.size(), columns.size(),
                    batch.write_timestamps.size()));
  }
  partition_.resize(table.partition_columns);
  clustering_.resize(table.clustering_columns);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column* column = table.find(columns[i]);
    if (column == nullptr) {
      return error(ErrorCode::NotFound,
                   fmt::format("table '{}.{}' has no column with id {} any more", table.keyspace,
                               table.name, columns[i]));
    }
    if (column->kind == ColumnKind::Static || column->type.is_multi_cell() ||
        column->type.kind == TypeKind::Counter) {
      return error(
          ErrorCode::Unsupported,
          fmt::format("column '{}' of type {} cannot be written in bulk", column->name,
                      column->kind == ColumnKind::Static ? "static" : to_string(column->type)));
    }
    TRY(check_shape(*column, batch.columns[i], batch.rows));
    TRY(check_values(*column, batch.columns[i], batch.rows));
    const Source source{column, &batch.columns[i]};
    if (column->kind == ColumnKind::PartitionKey) {
      partition_[static_cast<std::size_t>(column->position)] = source;
    } else if (column->kind == ColumnKind::Clustering) {
      clustering_[static_cast<std::size_t>(column->position)] = source;
    } else {
      cells_.push_back(source);
    }
  }
  for (const auto* keys : {&partition_, &clustering_}) {
    for (const auto& source : *keys) {
      if (source.column == nullptr) {
        return invalid(fmt::format("table '{}.{}': the batch lacks a primary key column",
                                   table.keyspace, table.name));
      }
      const auto& nulls = source.values->nulls;
      if (const auto at = std::ranges::find_if(nulls, [](std::uint8_t null) { return null != 0; });
          at != nulls.end()) {
        return invalid(fmt::format("Invalid null value in condition for column {} (row {})",
                                   source.column->name, at - nulls.begin()));
      }
    }
  }
  std::ranges::sort(cells_, {}, [](const Source& source) { return source.column->id; });
  return {};
}

Result<> BulkRows::build_keys(const Table& table, std::uint32_t incarnation) {
  const std::size_t rows = batch_->rows;
  key_at_.resize(rows + 1);
  order_.resize(rows);
  std::size_t key_bytes = 0;
  for (const auto* keys : {&partition_, &clustering_}) {
    for (const auto& source : *keys) key_bytes += source.values->data.size();
  }
  keys_.reserve(key_bytes + rows * (24 + 4 * clustering_.size()));
  std::vector<BytesView> parts(partition_.size());
  for (std::size_t row = 0; row < rows; ++row) {
    key_at_[row] = static_cast<std::uint32_t>(keys_.size());
    if (keys_.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
      return error(ErrorCode::TooLarge, "the keys of a batch exceed 2 GiB; write smaller batches");
    }
    BytesView partition_key = partition_[0].value(row);
    Bytes composite;
    if (partition_.size() > 1) {
      for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = partition_[i].value(row);
      composite = TRY(encode_partition_key(table, parts));
      partition_key = composite;
    } else if (partition_key.empty()) {
      return invalid(fmt::format("Key may not be empty (row {})", row));
    } else if (partition_key.size() > 65535) {
      return invalid(
          fmt::format("Key length of {} is longer than maximum of 65535", partition_key.size()));
    }
    const std::int64_t token = token_of(partition_key);
    append_partition_prefix(incarnation, token, partition_key, keys_);
    keys_.push_back(static_cast<std::uint8_t>(KeyKind::Row));
    for (const auto& source : clustering_) {
      TRY(append_ordered(source.column->type, source.value(row), source.column->descending, keys_));
    }
    order_[row] = {ordered_token(token), static_cast<std::uint32_t>(row)};
    if (batch_->write_timestamps[row] <= kNever + 1) {
      return invalid(fmt::format("Out of bound timestamp (row {})", row));
    }
  }
  key_at_[rows] = static_cast<std::uint32_t>(keys_.size());
  return {};
}

void BulkRows::sort() {
  std::ranges::sort(order_, [this](const Place& a, const Place& b) {
    if (a.token != b.token) return a.token < b.token;
    const BytesView left = key_of(a.row);
    const BytesView right = key_of(b.row);
    const int order = std::memcmp(left.data(), right.data(), std::min(left.size(), right.size()));
    if (order != 0) return order < 0;
    if (left.size() != right.size()) return left.size() < right.size();
    return a.row < b.row;
  });
}

void BulkRows::encode(std::size_t row) {
  value_.clear();
  const bool own = !batch_->expires_at_s.empty() && batch_->expires_at_s[row] != 0;
  const auto expires = own ? static_cast<std::uint32_t>(batch_->expires_at_s[row]) : expires_;
  begin_plain_row(batch_->write_timestamps[row], ttl_, expires, value_);
  for (const auto& source : cells_) {
    if (source.is_null(row)) continue;
    append_plain_cell(source.column->id, expires_ != 0, source.value(row), value_);
  }
}

void BulkRows::fold(std::size_t row) {
  const Bytes first = value_;
  encode(row);
  RowParts both;
  // Own encodings: they cannot be damaged.
  add_row(first, both);
  add_row(value_, both);
  settle(both);
  std::string merged;
  encode_row(both, merged);
  value_.assign(merged.begin(), merged.end());
}

}  // namespace tidemill::tables::embedded
