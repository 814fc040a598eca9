// SPDX-License-Identifier: Apache-2.0
// The open windows of a tumbling GROUP BY: partial aggregates merged by (window, keys). In memory,
// changes undone until commit().
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stream/query.h"
#include "stream/state/changelog.h"
#include "stream/state/key.h"

namespace tidemill::stream {

// One accumulator of one group. Which member counts, its column's type says.
struct Cell {
  bool is_set = false;
  std::int64_t integer = 0;  // also booleans, dates and times
  double real = 0;
  HugeInt huge;  // also UUIDs
  std::string text;
  bool operator==(const Cell&) const = default;
};

struct WindowGroup {
  std::string key;  // as append_key() writes it
  std::vector<Cell> cells;
  std::int64_t last_write_us = INT64_MIN;
};

// Thread: one at a time.
class WindowTable {
 public:
  explicit WindowTable(const WindowAggregate& plan);

  // Merges rows (window_start, keys, accumulators). `write_us`: the earliest write time of what
  // they change, raised where a group was written at that time or later.
  // Errors: InvalidArgument when a sum leaves its type's range.
  Result<> merge(const Chunk& partial, std::int64_t write_us);

  // Every group of the windows that end at or before, oldest first; commit() then drops them.
  std::vector<std::pair<std::int64_t, const WindowGroup*>> close_until(std::int64_t end_us);
  // Groups changed since the last commit() in windows that stay.
  std::vector<std::pair<std::int64_t, const WindowGroup*>> changed() const;
  // The end of the oldest open window; INT64_MAX when none is open.
  std::int64_t oldest_end_us() const;
  // The end of the newest one that ends at or before `limit_us`; INT64_MIN when none does.
  std::int64_t newest_end_us(std::int64_t limit_us) const;

  // The rows that final_sql reads: window_start, window_end, keys, accumulators.
  Result<Chunk> rows(std::span<const std::pair<std::int64_t, const WindowGroup*>> groups) const;
  std::vector<Column> columns() const;  // theirs

  void write_changes(ChangelogBatch& out) const;
  void commit();
  void rollback();
  // From the changelog; `key` without its leading 'W'.
  Result<> apply(BytesView key, std::optional<BytesView> payload);

  void save(ByteWriter& out) const;
  Result<> load(ByteReader& in);
  void clear();

  std::size_t size() const { return groups_; }
  std::size_t memory_bytes() const;
  std::uint64_t rows_updated() const { return undo_.size(); }

 private:
  struct Hash {
    std::size_t operator()(std::string_view key) const { return hash_key(as_bytes(key)); }
    using is_transparent = void;
  };
  using Groups = std::unordered_map<std::string, WindowGroup, Hash, std::equal_to<>>;
  struct Undo {
    std::int64_t window;
    std::string key;
    bool existed;
    WindowGroup before;
  };

  WindowGroup& touch(std::int64_t window, std::string_view key);
  Result<> merge_cell(std::size_t index, const ColumnView& column, std::size_t at,
                      Cell& cell) const;
  void encode_cells(const WindowGroup& group, ByteWriter& out) const;
  Result<WindowGroup> decode_cells(std::string_view key, ByteReader& in) const;

  std::int64_t size_us_;
  std::vector<Column> keys_;
  std::vector<Accumulator> accumulators_;
  std::map<std::int64_t, Groups> windows_;  // by start
  std::size_t groups_ = 0;
  std::vector<Undo> undo_;
  std::map<std::int64_t, std::unordered_map<std::string, std::size_t>> touched_;  // -> undo_
  std::vector<std::int64_t> closing_;
};

}  // namespace tidemill::stream
