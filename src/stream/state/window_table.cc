// SPDX-License-Identifier: Apache-2.0
#include "stream/state/window_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidemill::stream {
namespace {

constexpr std::size_t kFixedColumns = 2;  // window_start, window_end

std::int64_t load_integer(const ColumnView& column, std::size_t at) {
  switch (width_of(column.type)) {
    case 1:
      return column.value<std::uint8_t>(at);
    case 4:
      return column.value<std::int32_t>(at);
    default:
      return column.value<std::int64_t>(at);
  }
}

bool less(std::int64_t a, std::int64_t b) {
  return a < b;
}
// DuckDB sorts NaN above every number.
bool less(double a, double b) {
  return std::isnan(b) ? !std::isnan(a) : a < b;
}
bool less(const HugeInt& a, const HugeInt& b) {
  return a.upper != b.upper ? a.upper < b.upper : a.lower < b.lower;
}

bool add(HugeInt& sum, const HugeInt& more) {
  const auto join = [](const HugeInt& n) {
    return static_cast<__int128>((static_cast<unsigned __int128>(n.upper) << 64) | n.lower);
  };
  __int128 total = 0;
  if (__builtin_add_overflow(join(sum), join(more), &total)) return false;
  sum = {static_cast<std::uint64_t>(total),
         static_cast<std::int64_t>(static_cast<unsigned __int128>(total) >> 64)};
  return true;
}

template <class T>
void keep_extreme(Merge merge, T& kept, const T& value) {
  if (merge == Merge::Min ? less(value, kept) : less(kept, value)) kept = value;
}

std::string window_key(std::int64_t window, std::string_view key) {
  std::uint8_t start[9];
  start[0] = 'W';
  store_be(start + 1, window);
  return std::string(reinterpret_cast<const char*>(start), sizeof start).append(key);
}

}  // namespace

WindowTable::WindowTable(const WindowAggregate& plan)
    : size_us_(plan.size.count()), keys_(plan.keys), accumulators_(plan.accumulators) {}

std::vector<Column> WindowTable::columns() const {
  std::vector<Column> all = {{"window_start", ColumnType::Timestamp},
                             {"window_end", ColumnType::Timestamp}};
  all.insert(all.end(), keys_.begin(), keys_.end());
  for (const auto& accumulator : accumulators_) all.push_back(accumulator.column);
  return all;
}

// The group, remembered as it was before this epoch.
WindowGroup& WindowTable::touch(std::int64_t window, std::string_view key) {
  Groups& groups = windows_[window];
  auto found = groups.find(key);
  const bool existed = found != groups.end();
  if (!existed) {
    found = groups.emplace(std::string(key), WindowGroup{std::string(key), {}}).first;
    found->second.cells.resize(accumulators_.size());
    ++groups_;
  }
  if (touched_[window].emplace(found->first, undo_.size()).second) {
    undo_.push_back({window, found->first, existed, existed ? found->second : WindowGroup{}});
  }
  return found->second;
}

Result<> WindowTable::merge_cell(std::size_t index, const ColumnView& column, std::size_t at,
                                 Cell& cell) const {
  if (column.is_null(at)) return {};
  const auto& accumulator = accumulators_[index];
  const bool first = !cell.is_set;
  cell.is_set = true;
  const auto overflow = [&] {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("the sum '{}' left the range of {}", accumulator.column.name,
                             name_of(accumulator.column.type)));
  };
  switch (accumulator.column.type) {
    case ColumnType::Double: {
      const double value = column.value<double>(at);
      if (first) {
        cell.real = value;
      } else if (accumulator.merge == Merge::Sum) {
        cell.real += value;
      } else {
        keep_extreme(accumulator.merge, cell.real, value);
      }
      return {};
    }
    case ColumnType::HugeInt:
    case ColumnType::Uuid: {
      const auto& value = column.value<HugeInt>(at);
      if (first) {
        cell.huge = value;
      } else if (accumulator.merge == Merge::Sum) {
        if (!add(cell.huge, value)) return overflow();
      } else {
        keep_extreme(accumulator.merge, cell.huge, value);
      }
      return {};
    }
    case ColumnType::Varchar:
    case ColumnType::Blob: {
      const std::string_view value = column.text(at);
      if (first || (accumulator.merge == Merge::Min ? value < cell.text : cell.text < value)) {
        cell.text = value;
      }
      return {};
    }
    case ColumnType::Boolean:
    case ColumnType::Integer:
    case ColumnType::BigInt:
    case ColumnType::Date:
    case ColumnType::Timestamp:
    case ColumnType::TimestampTz: {
      const std::int64_t value = load_integer(column, at);
      if (first) {
        cell.integer = value;
      } else if (accumulator.merge == Merge::Sum) {
        if (__builtin_add_overflow(cell.integer, value, &cell.integer)) return overflow();
        if (width_of(accumulator.column.type) == 4 &&
            cell.integer != static_cast<std::int32_t>(cell.integer)) {
          return overflow();
        }
      } else {
        keep_extreme(accumulator.merge, cell.integer, value);
      }
      return {};
    }
  }
  return {};
}

Result<> WindowTable::merge(const Chunk& partial, std::int64_t write_us) {
  const std::span<const ColumnView> columns(partial.columns());
  const auto keys = columns.subspan(1, keys_.size());
  Bytes key;
  for (std::size_t i = 0; i < partial.rows(); ++i) {
    const std::size_t at = partial.at(i);
    if (columns[0].is_null(at)) continue;  // a row without event time is in no window
    key.clear();
    append_key(keys, at, key);
    WindowGroup& group = touch(columns[0].value<std::int64_t>(at), as_text(key));
    for (std::size_t c = 0; c < accumulators_.size(); ++c) {
      TRY(merge_cell(c, columns[1 + keys_.size() + c], at, group.cells[c]));
    }
    // Several slices of one epoch change a group before it is written once.
    const auto undo = touched_[columns[0].value<std::int64_t>(at)].at(group.key);
    const std::int64_t before = undo_[undo].before.last_write_us;
    group.last_write_us = undo_[undo].existed ? std::max(before + 1, write_us) : write_us;
  }
  return {};
}

std::vector<std::pair<std::int64_t, const WindowGroup*>> WindowTable::close_until(
    std::int64_t end_us) {
  std::vector<std::pair<std::int64_t, const WindowGroup*>> closed;
  for (const auto& [start, groups] : windows_) {
    if (start + size_us_ > end_us) break;
    closing_.push_back(start);
    for (const auto& [key, group] : groups) closed.emplace_back(start, &group);
  }
  return closed;
}

std::vector<std::pair<std::int64_t, const WindowGroup*>> WindowTable::changed() const {
  std::vector<std::pair<std::int64_t, const WindowGroup*>> groups;
  for (const auto& undo : undo_) {
    // What closes is always a beginning of the windows.
    if (!closing_.empty() && undo.window <= closing_.back()) continue;
    groups.emplace_back(undo.window, &windows_.at(undo.window).find(undo.key)->second);
  }
  return groups;
}

std::int64_t WindowTable::oldest_end_us() const {
  return windows_.empty() ? INT64_MAX : windows_.begin()->first + size_us_;
}

std::int64_t WindowTable::newest_end_us(std::int64_t limit_us) const {
  std::int64_t newest = INT64_MIN;
  for (const auto& [start, groups] : windows_) {
    if (start + size_us_ > limit_us) break;
    newest = start + size_us_;
  }
  return newest;
}

Result<Chunk> WindowTable::rows(
    std::span<const std::pair<std::int64_t, const WindowGroup*>> groups) const {
  std::vector<ColumnType> types;
  for (const auto& column : columns()) types.push_back(column.type);
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(groups.size());
  for (std::size_t row = 0; row < groups.size(); ++row) {
    const auto& [start, group] = groups[row];
    buffer->set(0, row, start);
    buffer->set(1, row, start + size_us_);
    TRY(read_key(as_bytes(buffer->arena().copy(group->key)), *buffer, kFixedColumns, keys_.size(),
                 row));
    for (std::size_t c = 0; c < accumulators_.size(); ++c) {
      const Cell& cell = group->cells[c];
      if (!cell.is_set) continue;
      const std::size_t column = kFixedColumns + keys_.size() + c;
      switch (accumulators_[c].column.type) {
        case ColumnType::Double:
          buffer->set(column, row, cell.real);
          break;
        case ColumnType::HugeInt:
        case ColumnType::Uuid:
          buffer->set(column, row, cell.huge);
          break;
        case ColumnType::Varchar:
        case ColumnType::Blob:
          buffer->set(column, row, TextRef(buffer->arena().copy(cell.text)));
          break;
        case ColumnType::Boolean:
          buffer->set(column, row, cell.integer != 0);
          break;
        case ColumnType::Integer:
        case ColumnType::Date:
          buffer->set(column, row, static_cast<std::int32_t>(cell.integer));
          break;
        case ColumnType::BigInt:
        case ColumnType::Timestamp:
        case ColumnType::TimestampTz:
          buffer->set(column, row, cell.integer);
          break;
      }
    }
  }
  return buffer->chunk(groups.size());
}

void WindowTable::encode_cells(const WindowGroup& group, ByteWriter& out) const {
  out.be(group.last_write_us);
  for (std::size_t c = 0; c < accumulators_.size(); ++c) {
    const Cell& cell = group.cells[c];
    out.u8(cell.is_set ? 1 : 0);
    if (!cell.is_set) continue;
    switch (accumulators_[c].column.type) {
      case ColumnType::Double:
        out.f64be(cell.real);
        break;
      case ColumnType::HugeInt:
      case ColumnType::Uuid:
        out.be(cell.huge.upper);
        out.be(cell.huge.lower);
        break;
      case ColumnType::Varchar:
      case ColumnType::Blob:
        out.be(static_cast<std::uint32_t>(cell.text.size()));
        out.text(cell.text);
        break;
      default:
        out.be(cell.integer);
    }
  }
}

Result<WindowGroup> WindowTable::decode_cells(std::string_view key, ByteReader& in) const {
  WindowGroup group{std::string(key), {}};
  group.cells.resize(accumulators_.size());
  group.last_write_us = TRY(in.i64be());
  for (std::size_t c = 0; c < accumulators_.size(); ++c) {
    Cell& cell = group.cells[c];
    cell.is_set = TRY(in.u8()) != 0;
    if (!cell.is_set) continue;
    switch (accumulators_[c].column.type) {
      case ColumnType::Double:
        cell.real = TRY(in.f64be());
        break;
      case ColumnType::HugeInt:
      case ColumnType::Uuid:
        cell.huge.upper = TRY(in.i64be());
        cell.huge.lower = TRY(in.be<std::uint64_t>());
        break;
      case ColumnType::Varchar:
      case ColumnType::Blob:
        cell.text = TRY(in.text(TRY(in.u32be())));
        break;
      default:
        cell.integer = TRY(in.i64be());
    }
  }
  return group;
}

void WindowTable::write_changes(ChangelogBatch& out) const {
  for (const std::int64_t start : closing_) {
    const auto touched = touched_.find(start);
    for (const auto& [key, group] : windows_.at(start)) {
      // A group that came and went within the epoch was never in the log.
      if (touched != touched_.end()) {
        const auto found = touched->second.find(key);
        if (found != touched->second.end() && !undo_[found->second].existed) continue;
      }
      out.remove(as_bytes(window_key(start, key)));
    }
  }
  for (const auto& [start, group] : changed()) {
    ByteWriter cells;
    encode_cells(*group, cells);
    out.put(as_bytes(window_key(start, group->key)), cells.buffer());
  }
}

void WindowTable::commit() {
  for (const std::int64_t start : closing_) {
    const auto window = windows_.find(start);
    groups_ -= window->second.size();
    windows_.erase(window);
  }
  closing_.clear();
  undo_.clear();
  touched_.clear();
}

void WindowTable::rollback() {
  closing_.clear();
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    Groups& groups = windows_.at(undo->window);
    if (undo->existed) {
      groups.find(undo->key)->second = std::move(undo->before);
    } else {
      groups.erase(groups.find(undo->key));
      --groups_;
      if (groups.empty()) windows_.erase(undo->window);
    }
  }
  undo_.clear();
  touched_.clear();
}

Result<> WindowTable::apply(BytesView key, std::optional<BytesView> payload) {
  ByteReader in(key);
  const std::int64_t start = TRY(in.i64be());
  const std::string_view rest = as_text(in.rest());
  Groups& groups = windows_[start];
  if (const auto found = groups.find(rest); found != groups.end()) {
    groups.erase(found);
    --groups_;
  }
  if (payload) {
    ByteReader cells(*payload);
    groups.emplace(std::string(rest), TRY(decode_cells(rest, cells)));
    ++groups_;
  }
  if (groups.empty()) windows_.erase(start);
  return {};
}

void WindowTable::save(ByteWriter& out) const {
  out.be(static_cast<std::uint64_t>(groups_));
  for (const auto& [start, groups] : windows_) {
    for (const auto& [key, group] : groups) {
      out.be(start);
      out.be(static_cast<std::uint32_t>(key.size()));
      out.text(key);
      encode_cells(group, out);
    }
  }
}

Result<> WindowTable::load(ByteReader& in) {
  clear();
  const auto count = TRY(in.be<std::uint64_t>());
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto start = TRY(in.i64be());
    const std::string key(TRY(in.text(TRY(in.u32be()))));
    windows_[start].emplace(key, TRY(decode_cells(key, in)));
    ++groups_;
  }
  return {};
}

void WindowTable::clear() {
  windows_.clear();
  groups_ = 0;
  undo_.clear();
  touched_.clear();
  closing_.clear();
}

std::size_t WindowTable::memory_bytes() const {
  // Two copies of the key, the node and the cells; close enough for a budget.
  return groups_ * (160 + accumulators_.size() * sizeof(Cell));
}

}  // namespace tidemill::stream
