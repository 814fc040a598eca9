// SPDX-License-Identifier: Apache-2.0
// What a SELECT asks of the store, and a page of rows.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tables/embedded/keys.h"

namespace tidemill::tables::embedded {

// Tokens t with start <= t <= end.
struct TokenRange {
  std::int64_t start = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
};

// A range of an index's entries, by the bytes of their components (index_entries.h).
struct IndexLookup {
  std::string index;
  Bytes lower;
  Bytes upper;  // empty: to the last
};

// What a SELECT met while it read, in Cassandra's counts: a dead cell is one tombstone, so is a row
// of which only its deletion or its expired marker is left, and each end of a range tombstone. What
// a deletion hides is not counted. Parts count by themselves: each named partition is one.
struct ReadTally {
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kWarnedMax = 100;

  std::uint64_t tombstone_warn_threshold = kNoLimit;
  std::uint64_t tombstone_failure_threshold = kNoLimit;  // one more ends the read

  // The part at hand, over all pages read of it.
  std::uint64_t tombstones = 0;
  std::uint64_t live_rows = 0;
  Bytes partition_key;  // the last one
  // The read was ended, at this row (its encoded clustering key; empty: at a range or a static
  // row).
  bool is_overwhelmed = false;
  Bytes clustering;

  struct Warned {
    std::uint64_t tombstones = 0;
    std::uint64_t live_rows = 0;
    Bytes partition_key;
  };
  std::vector<Warned> warned;  // parts with more than tombstone_warn_threshold

  void end_part() {
    if (tombstones > tombstone_warn_threshold && warned.size() < kWarnedMax) {
      warned.push_back({tombstones, live_rows, partition_key});
    }
    tombstones = 0;
    live_rows = 0;
  }
};

// Rows of named partitions (in the order given) or, without any, of all partitions in a token
// range, in token order. Filters beyond the primary key are the caller's,
// and so is comparing what an index was asked for.
struct ReadRequest {
  std::shared_ptr<const Table> table;
  std::vector<ColumnId> columns;  // what the page holds, in this order; may be empty (count)
  std::vector<Bytes> partitions;  // encode_partition_key; empty: `tokens`
  TokenRange tokens;
  std::optional<IndexLookup> lookup;    // rows found in it, in its order; without `partitions`
  std::vector<ClusteringRange> ranges;  // normalized; empty: all rows
  bool reversed = false;                // rows of each partition backwards; named partitions only
  bool distinct = false;                // SELECT DISTINCT: one row per partition that has any
  // A partition with a static row but no row in the result gives one row without clustering (CQL
  // does so unless the statement restricts clustering columns).
  bool static_only_rows = true;
  std::uint32_t per_partition_limit = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t page_rows = 5000;       // the page ends after so many rows ...
  std::uint32_t page_bytes = 1U << 20;  // ... or when it holds so many bytes, whatever is first
  bool with_times = false;              // fill timestamps and expiries
  bool with_elements = false;           // fill elements of multicell columns
  std::int64_t now_seconds = 0;         // 0: the store's clock; decides what has expired
  Bytes resume;                         // from the page before; empty: from the start
  ReadTally* tally = nullptr;           // counts and limits of the whole SELECT, if it has any
};

// One element of a multicell column, with what list-by-index and writetime() of elements need.
struct Element {
  Bytes path;
  Bytes value;
  std::int64_t timestamp = 0;
  std::int32_t ttl_seconds = 0;
  std::int64_t expires_at = 0;
};

// Rows in memory of their own: one buffer, no allocation per row.
class Page {
 public:
  static constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  // Null or the value in CQL's binary form; multicell columns as whole collections in their order.
  std::optional<BytesView> value(std::size_t row, std::size_t column) const {
    const Cell& cell = cells_[row * columns_ + column];
    if (cell.size < 0) return std::nullopt;
    return BytesView(memory_).subspan(cell.at, static_cast<std::size_t>(cell.size));
  }
  // writetime(): kNoTime for null and key columns; of a multicell column the latest element's.
  // Only with ReadRequest::with_times.
  std::int64_t timestamp(std::size_t row, std::size_t column) const {
    return times_[row * columns_ + column].timestamp;
  }
  // When the cell expires, in seconds since the epoch; 0: never. ttl() is that minus now.
  std::int64_t expires_at(std::size_t row, std::size_t column) const {
    return times_[row * columns_ + column].expires_at;
  }
  // The row carries only static columns and the partition key.
  bool is_static_only(std::size_t row) const { return static_only_[row] != 0; }
  // Only with ReadRequest::with_elements; empty for simple columns.
  const std::vector<Element>& elements(std::size_t row, std::size_t column) const;
  // Where the next page starts; empty: there is none. Opaque, checked when it comes back.
  const Bytes& resume() const { return resume_; }
  bool is_last() const { return resume_.empty(); }

 private:
  friend class PageBuilder;
  struct Cell {
    std::uint32_t at = 0;
    std::int32_t size = -1;
  };
  struct Times {
    std::int64_t timestamp = kNoTime;
    std::int64_t expires_at = 0;
  };
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  Bytes memory_;
  std::vector<Cell> cells_;
  std::vector<Times> times_;
  std::vector<std::vector<Element>> elements_;
  std::vector<std::uint8_t> static_only_;
  Bytes resume_;
};

}  // namespace tidemill::tables::embedded
