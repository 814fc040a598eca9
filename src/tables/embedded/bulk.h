// SPDX-License-Identifier: Apache-2.0
// Upserts of many rows by column, sorted into a file that RocksDB takes over as a whole: no log, no
// memory table, and half the processor time of a batched write (bench/tables_upsert).
#pragma once

#include <span>
#include <vector>

#include "tables/embedded/encode.h"
#include "tables/tables.h"

namespace tidemill::tables::embedded {

// The rows of an UpsertBatch with their keys, in key order.
//
// Thread: one. Views into the table and the batch, which must outlive it.
class BulkRows {
 public:
  // Checks everything before anything is written. Errors: InvalidArgument with the row and column.
  static Result<BulkRows> create(const Table& table, std::uint32_t incarnation,
                                 std::span<const ColumnId> columns, const UpsertBatch& batch,
                                 std::int64_t now_seconds);

  std::size_t count() const { return order_.size(); }
  // Calls write(key, operand) with strictly rising keys; rows of the same key are merged.
  template <class Write>
  Result<> for_each(Write write) {
    for (std::size_t i = 0; i < order_.size();) {
      const BytesView key = key_of(order_[i].row);
      encode(order_[i].row);
      for (++i; i < order_.size() && std::ranges::equal(key, key_of(order_[i].row)); ++i) {
        fold(order_[i].row);
      }
      TRY(write(key, BytesView(value_)));
    }
    return {};
  }

 private:
  struct Place {
    std::uint64_t token;
    std::uint32_t row;
  };
  struct Source {
    const Column* column = nullptr;
    const ValueColumn* values = nullptr;
    BytesView value(std::size_t row) const {
      return BytesView(values->data)
          .subspan(values->offsets[row], values->offsets[row + 1] - values->offsets[row]);
    }
    bool is_null(std::size_t row) const {
      return !values->nulls.empty() && values->nulls[row] != 0;
    }
  };

  BulkRows() = default;
  Result<> bind(const Table& table, std::span<const ColumnId> columns, const UpsertBatch& batch);
  Result<> build_keys(const Table& table, std::uint32_t incarnation);
  void sort();
  BytesView key_of(std::size_t row) const {
    return BytesView(keys_).subspan(key_at_[row], key_at_[row + 1] - key_at_[row]);
  }
  void encode(std::size_t row);  // into value_
  void fold(std::size_t row);    // merges the row into value_

  std::vector<Source> partition_;
  std::vector<Source> clustering_;
  std::vector<Source> cells_;  // by rising column id
  const UpsertBatch* batch_ = nullptr;
  std::uint32_t ttl_ = 0;
  std::uint32_t expires_ = 0;
  Bytes keys_;
  std::vector<std::uint32_t> key_at_;
  std::vector<Place> order_;
  Bytes value_;
};

}  // namespace tidemill::tables::embedded
