// SPDX-License-Identifier: Apache-2.0
// A row's value in the store: reading, writing and merging it by Cassandra's rules.
// docs/dev/formats/rows.md explains the bytes:
//
//   row      := 01 flags:u8 base_time:i64be [ttl:u32be expires:u32be]   flags & Expiring
//               [time local:uvarint]                                    flags & Deleted
//               cell*
//   cell     := column:uvarint flags:u8 [time]                          cell & OwnTime
//               [ttl:uvarint expires:uvarint]                           cell & OwnExpiry
//               [local:uvarint]                                         cell & (Tombstone | Column)
//               [size:uvarint path]                                     cell & Path
//               [total:svarint]                                         Counter, not Tombstone
//               [size:uvarint value]                                    otherwise, but for
//               tombstones
//   time     := svarint, relative to base_time
//   flags & Marker: a row marker at the base's time and expiry
//   cells rise by (column, whole-column deletion first, path)
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tables/schema.h"

namespace tidemill::tables::embedded {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::uint8_t kRowVersion = 0x01;

// Removes what was written at or before its time. `local_seconds`: when it was made, for gc_grace.
struct Deletion {
  std::int64_t timestamp = kNever;
  std::int64_t local_seconds = 0;
  auto operator<=>(const Deletion&) const = default;
  bool is_none() const { return timestamp == kNever; }
  bool covers(std::int64_t written) const { return written <= timestamp; }
};

// The row marker an INSERT leaves.
struct Marker {
  std::int64_t timestamp = kNever;
  std::uint32_t ttl = 0;
  std::uint32_t expires = 0;  // seconds since the epoch; 0: never
  bool operator==(const Marker&) const = default;
  bool is_none() const { return timestamp == kNever; }
  bool is_live(std::int64_t now) const {
    return !is_none() && (expires == 0 || static_cast<std::int64_t>(expires) > now);
  }
};

enum class CellKind : std::uint8_t { ColumnDeletion, Tombstone, Live, Counter, DeletedCounter };

// One cell; path and value point into the bytes it was read from.
struct CellView {
  ColumnId column = 0;
  CellKind kind = CellKind::Live;
  std::int64_t timestamp = 0;
  std::uint32_t ttl = 0;
  std::uint32_t expires = 0;        // Live: when it expires, 0: never
  std::uint32_t local_seconds = 0;  // the deletions
  BytesView path;
  BytesView value;
  std::int64_t total = 0;  // Counter

  bool is_deletion() const {
    return kind == CellKind::Tombstone || kind == CellKind::ColumnDeletion ||
           kind == CellKind::DeletedCounter;
  }
  bool counts() const { return kind == CellKind::Counter || kind == CellKind::DeletedCounter; }
  bool is_live(std::int64_t now) const {
    return kind == CellKind::Counter ||
           (kind == CellKind::Live && (expires == 0 || static_cast<std::int64_t>(expires) > now));
  }
};

struct RowHead {
  Marker marker;
  Deletion deletion;
};

// Walks an encoded row. Corrupt bytes end it with is_damaged().
class RowReader {
 public:
  explicit RowReader(BytesView row);
  const RowHead& head() const { return head_; }
  // The next cell; false at the end.
  bool next(CellView& cell);
  bool is_damaged() const { return damaged_; }

 private:
  bool read_uvarint(std::uint64_t& value);
  bool read_svarint(std::int64_t& value);
  bool read_bytes(BytesView& bytes);
  bool read_time(std::int64_t& time);
  bool fail() {
    damaged_ = true;
    return false;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::int64_t base_time_ = 0;
  std::uint32_t base_ttl_ = 0;
  std::uint32_t base_expires_ = 0;
  RowHead head_;
  bool damaged_ = false;
};

// What a row holds: the head and its cells in order, views into other bytes.
struct RowParts {
  RowHead head;
  std::vector<CellView> cells;
  void clear() {
    head = {};
    cells.clear();
  }
};

// Which of two of the same column and path stays (Cassandra 5.0 Cells.java, LivenessInfo.java).
// Commutative and associative; counters add up into `a`.
void reconcile(CellView& a, const CellView& b);
Marker reconcile(const Marker& a, const Marker& b);

// Sorts the cells, reconciles those of the same column and path, and drops what deletions of the
// row or a column cover. Counters are kept beside a deletion: it is judged when they are read.
void settle(RowParts& row);

// Appends the bytes of a settled row.
void encode_row(const RowParts& row, std::string& out);
// Decodes into `row`, behind cells it has, so that several can be settled together; heads are
// reconciled. False: damaged.
bool add_row(BytesView bytes, RowParts& row);

// For the bulk path: begins a row whose cells, rising by column, all have the time and expiry of
// its marker.
void begin_plain_row(std::int64_t timestamp, std::uint32_t ttl, std::uint32_t expires, Bytes& out);
void append_plain_cell(ColumnId column, bool expiring, BytesView value, Bytes& out);

// Whether age_row would change anything; quick.
bool needs_ageing(BytesView row, std::int64_t now, std::int64_t purge_before);

// What compaction does to a row nothing older lies below: expired cells turn into tombstones, and
// deletions made before `purge_before` go. `is_empty`: nothing is left.
struct Aged {
  bool changed = false;
  bool is_empty = false;
};
Aged age_row(RowParts& row, std::int64_t now, std::int64_t purge_before);

// For tests and `tidemill table dump`: one line of text that is the same for equal rows.
std::string to_text(const RowParts& row);

}  // namespace tidemill::tables::embedded
