// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tidemill::tables::embedded {

namespace {

enum RowFlag : std::uint8_t {
  kExpiring = 0x01,  // the base has a ttl and an expiry
  kMarker = 0x02,    // a marker at the base's time and expiry
  kDeleted = 0x04,
};

enum CellFlag : std::uint8_t {
  kOwnTime = 0x01,
  kBaseExpiry = 0x02,
  kOwnExpiry = 0x04,
  kTombstone = 0x08,
  kPath = 0x10,
  kColumnDeletion = 0x20,
  kCounter = 0x40,
};

template <class Buffer>
void put(Buffer& out, std::uint8_t byte) {
  out.push_back(static_cast<typename Buffer::value_type>(byte));
}
template <class Buffer>
void put_uvarint(Buffer& out, std::uint64_t value) {
  while (value >= 0x80) {
    put(out, static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  put(out, static_cast<std::uint8_t>(value));
}
template <class Buffer>
void put_svarint(Buffer& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  put_uvarint(out, (bits << 1) ^ (value < 0 ? ~0ULL : 0ULL));
}
template <class Buffer, class T>
void put_be(Buffer& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  store_be(reinterpret_cast<std::uint8_t*>(out.data() + at), value);
}
template <class Buffer>
void put_bytes(Buffer& out, BytesView bytes) {
  put_uvarint(out, bytes.size());
  const auto* from = reinterpret_cast<const typename Buffer::value_type*>(bytes.data());
  out.insert(out.end(), from, from + bytes.size());
}
// Differences of timestamps wrap around: clients may send any 64 bits.
std::int64_t relative(std::int64_t time, std::int64_t base) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time) -
                                   static_cast<std::uint64_t>(base));
}

int compare(BytesView a, BytesView b) {
  const std::size_t shared = std::min(a.size(), b.size());
  const int order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
  if (order != 0) return order;
  return a.size() < b.size() ? -1 : (a.size() > b.size() ? 1 : 0);
}

int compare_places(const CellView& a, const CellView& b) {
  if (a.column != b.column) return a.column < b.column ? -1 : 1;
  const bool a_first = a.kind == CellKind::ColumnDeletion;
  const bool b_first = b.kind == CellKind::ColumnDeletion;
  if (a_first != b_first) return a_first ? -1 : 1;
  return compare(a.path, b.path);
}

// Pure tombstones beat expiring cells, both beat plain ones.
int rank(const CellView& cell) {
  if (cell.kind == CellKind::Tombstone) return 2;
  return cell.expires != 0 ? 1 : 0;
}

bool supersedes(const CellView& b, const CellView& a) {
  if (a.timestamp != b.timestamp) return b.timestamp > a.timestamp;
  if (rank(a) != rank(b)) return rank(b) > rank(a);
  if (a.kind == CellKind::Tombstone) return b.local_seconds > a.local_seconds;
  if (a.expires != b.expires) return b.expires > a.expires;
  if (const int order = compare(a.value, b.value); order != 0) return order < 0;
  return b.ttl > a.ttl;
}

struct Base {
  std::int64_t time = 0;
  std::uint32_t ttl = 0;
  std::uint32_t expires = 0;
};

// The marker's time and expiry, or the first cell's: what most cells of a row share.
Base choose_base(const RowParts& row) {
  if (!row.head.marker.is_none()) {
    return {row.head.marker.timestamp, row.head.marker.ttl, row.head.marker.expires};
  }
  for (const auto& cell : row.cells) {
    if (cell.kind != CellKind::ColumnDeletion) return {cell.timestamp, cell.ttl, cell.expires};
  }
  if (!row.cells.empty()) return {row.cells.front().timestamp, 0, 0};
  if (!row.head.deletion.is_none()) return {row.head.deletion.timestamp, 0, 0};
  return {};
}

void encode_cell(const CellView& cell, const Base& base, std::string& out) {
  put_uvarint(out, cell.column);
  const bool expiring = cell.kind == CellKind::Live && cell.expires != 0;
  const bool as_base = expiring && base.expires == cell.expires && base.ttl == cell.ttl;
  unsigned flags = 0;
  if (cell.timestamp != base.time) flags |= kOwnTime;
  if (expiring) flags |= as_base ? kBaseExpiry : kOwnExpiry;
  if (cell.kind == CellKind::Tombstone) flags |= kTombstone;
  if (cell.kind == CellKind::ColumnDeletion) flags |= kColumnDeletion;
  if (cell.kind == CellKind::Counter) flags |= kCounter;
  if (cell.kind == CellKind::DeletedCounter) flags |= kCounter | kTombstone;
  if (!cell.path.empty()) flags |= kPath;
  put(out, static_cast<std::uint8_t>(flags));
  if ((flags & kOwnTime) != 0) put_svarint(out, relative(cell.timestamp, base.time));
  if ((flags & kOwnExpiry) != 0) {
    put_uvarint(out, cell.ttl);
    put_uvarint(out, cell.expires);
  }
  if ((flags & (kTombstone | kColumnDeletion)) != 0) put_uvarint(out, cell.local_seconds);
  if ((flags & kPath) != 0) put_bytes(out, cell.path);
  if (cell.kind == CellKind::Counter) return put_svarint(out, cell.total);
  if (cell.kind == CellKind::Live) put_bytes(out, cell.value);
}

}  // namespace

// --- reading ---

RowReader::RowReader(BytesView row) : at_(row.data()), end_(row.data() + row.size()) {
  constexpr std::size_t kFixed = 10;
  if (row.size() < kFixed || row[0] != kRowVersion) {
    at_ = end_;
    damaged_ = true;
    return;
  }
  const std::uint8_t flags = row[1];
  base_time_ = load_be<std::int64_t>(row.data() + 2);
  at_ += kFixed;
  bool intact = true;
  if ((flags & kExpiring) != 0) {
    intact = end_ - at_ >= 8;
    if (intact) {
      base_ttl_ = load_be<std::uint32_t>(at_);
      base_expires_ = load_be<std::uint32_t>(at_ + 4);
      at_ += 8;
    }
  }
  if ((flags & kMarker) != 0) head_.marker = {base_time_, base_ttl_, base_expires_};
  std::uint64_t number = 0;
  if (intact && (flags & kDeleted) != 0) {
    intact = read_time(head_.deletion.timestamp) && read_uvarint(number);
    head_.deletion.local_seconds = static_cast<std::int64_t>(number);
  }
  if (!intact) {
    at_ = end_;
    damaged_ = true;
  }
}

bool RowReader::read_uvarint(std::uint64_t& value) {
  if (at_ != end_ && *at_ < 0x80) {
    value = *at_++;
    return true;
  }
  value = 0;
  for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
    const std::uint8_t byte = *at_++;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return fail();
}

bool RowReader::read_svarint(std::int64_t& value) {
  std::uint64_t bits = 0;
  if (!read_uvarint(bits)) return false;
  value = static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  return true;
}

bool RowReader::read_time(std::int64_t& time) {
  std::int64_t delta = 0;
  if (!read_svarint(delta)) return false;
  time = static_cast<std::int64_t>(static_cast<std::uint64_t>(base_time_) +
                                   static_cast<std::uint64_t>(delta));
  return true;
}

bool RowReader::read_bytes(BytesView& bytes) {
  std::uint64_t size = 0;
  if (!read_uvarint(size)) return false;
  if (size > static_cast<std::uint64_t>(end_ - at_)) return fail();
  bytes = {at_, static_cast<std::size_t>(size)};
  at_ += size;
  return true;
}

bool RowReader::next(CellView& cell) {
  if (at_ == end_ || damaged_) return false;
  std::uint64_t number = 0;
  if (!read_uvarint(number) || at_ == end_) return fail();
  cell = CellView{};
  cell.column = static_cast<ColumnId>(number);
  const std::uint8_t flags = *at_++;
  cell.timestamp = base_time_;
  if ((flags & kOwnTime) != 0 && !read_time(cell.timestamp)) return fail();
  if ((flags & kBaseExpiry) != 0) {
    cell.ttl = base_ttl_;
    cell.expires = base_expires_;
  }
  if ((flags & kOwnExpiry) != 0) {
    if (!read_uvarint(number)) return fail();
    cell.ttl = static_cast<std::uint32_t>(number);
    if (!read_uvarint(number)) return fail();
    cell.expires = static_cast<std::uint32_t>(number);
  }
  if ((flags & (kTombstone | kColumnDeletion)) != 0) {
    cell.kind = (flags & kTombstone) != 0 ? CellKind::Tombstone : CellKind::ColumnDeletion;
    if (!read_uvarint(number)) return fail();
    cell.local_seconds = static_cast<std::uint32_t>(number);
  }
  if ((flags & kPath) != 0 && !read_bytes(cell.path)) return fail();
  if ((flags & kCounter) != 0) {
    cell.kind = (flags & kTombstone) != 0 ? CellKind::DeletedCounter : CellKind::Counter;
    return cell.kind == CellKind::DeletedCounter || read_svarint(cell.total) || fail();
  }
  if (cell.kind == CellKind::Live && !read_bytes(cell.value)) return fail();
  return true;
}

bool add_row(BytesView bytes, RowParts& row) {
  RowReader reader(bytes);
  row.head.marker = reconcile(row.head.marker, reader.head().marker);
  row.head.deletion = std::max(row.head.deletion, reader.head().deletion);
  CellView cell;
  while (reader.next(cell)) row.cells.push_back(cell);
  return !reader.is_damaged();
}

// --- merging ---

namespace {

// Adding to a deleted counter does not bring it back (a deletion stays whatever its
// time, as Cassandra leaves it undefined).
void reconcile_counters(CellView& a, const CellView& b) {
  const std::int64_t timestamp = std::max(a.timestamp, b.timestamp);
  if (a.kind == b.kind && a.kind == CellKind::Counter) {
    a.total = static_cast<std::int64_t>(static_cast<std::uint64_t>(a.total) +
                                        static_cast<std::uint64_t>(b.total));
  } else {
    a.kind = CellKind::DeletedCounter;
    a.total = 0;
    a.local_seconds = std::max(a.local_seconds, b.local_seconds);
  }
  a.timestamp = timestamp;
}

}  // namespace

void reconcile(CellView& a, const CellView& b) {
  if (a.kind == CellKind::ColumnDeletion) {
    if (Deletion{b.timestamp, b.local_seconds} > Deletion{a.timestamp, a.local_seconds}) a = b;
    return;
  }
  if (a.counts() && b.counts()) return reconcile_counters(a, b);
  if (supersedes(b, a)) a = b;
}

Marker reconcile(const Marker& a, const Marker& b) {
  if (a.timestamp != b.timestamp) return a.timestamp > b.timestamp ? a : b;
  if (a.expires != b.expires) return a.expires > b.expires ? a : b;
  return a.ttl >= b.ttl ? a : b;
}

void settle(RowParts& row) {
  auto& cells = row.cells;
  const auto before = [](const CellView& a, const CellView& b) { return compare_places(a, b) < 0; };
  if (!std::ranges::is_sorted(cells, before)) std::ranges::sort(cells, before);

  const Deletion& deletion = row.head.deletion;
  if (!row.head.marker.is_none() && deletion.covers(row.head.marker.timestamp)) {
    row.head.marker = {};
  }
  std::size_t kept = 0;
  ColumnId deleted_column = 0;
  std::int64_t column_deleted_at = kNever;
  for (std::size_t i = 0; i < cells.size();) {
    CellView cell = cells[i];
    for (++i; i < cells.size() && compare_places(cell, cells[i]) == 0; ++i) {
      reconcile(cell, cells[i]);
    }
    if (!cell.counts()) {
      if (!deletion.is_none() && deletion.covers(cell.timestamp)) continue;
      if (cell.kind == CellKind::ColumnDeletion) {
        deleted_column = cell.column;
        column_deleted_at = cell.timestamp;
      } else if (column_deleted_at != kNever && cell.column == deleted_column &&
                 cell.timestamp <= column_deleted_at) {
        continue;
      }
    }
    cells[kept++] = cell;
  }
  cells.resize(kept);
}

// --- writing ---

void encode_row(const RowParts& row, std::string& out) {
  const Base base = choose_base(row);
  const bool has_marker = !row.head.marker.is_none();  // then it is the base
  unsigned flags = 0;
  if (base.expires != 0) flags |= kExpiring;
  if (has_marker) flags |= kMarker;
  if (!row.head.deletion.is_none()) flags |= kDeleted;
  put(out, kRowVersion);
  put(out, static_cast<std::uint8_t>(flags));
  put_be(out, base.time);
  if (base.expires != 0) {
    put_be(out, base.ttl);
    put_be(out, base.expires);
  }
  if (!row.head.deletion.is_none()) {
    put_svarint(out, relative(row.head.deletion.timestamp, base.time));
    put_uvarint(out, static_cast<std::uint64_t>(row.head.deletion.local_seconds));
  }
  for (const auto& cell : row.cells) encode_cell(cell, base, out);
}

void begin_plain_row(std::int64_t timestamp, std::uint32_t ttl, std::uint32_t expires, Bytes& out) {
  put(out, kRowVersion);
  put(out, static_cast<std::uint8_t>(expires != 0 ? kMarker | kExpiring : kMarker));
  put_be(out, timestamp);
  if (expires != 0) {
    put_be(out, ttl);
    put_be(out, expires);
  }
}

void append_plain_cell(ColumnId column, bool expiring, BytesView value, Bytes& out) {
  put_uvarint(out, column);
  put(out, static_cast<std::uint8_t>(expiring ? kBaseExpiry : 0));
  put_bytes(out, value);
}

// --- ageing ---

bool needs_ageing(BytesView bytes, std::int64_t now, std::int64_t purge_before) {
  RowReader reader(bytes);
  const RowHead& head = reader.head();
  if (!head.deletion.is_none() && head.deletion.local_seconds < purge_before) return true;
  if (head.marker.expires != 0 && head.marker.expires < purge_before) return true;
  CellView cell;
  while (reader.next(cell)) {
    if (cell.is_deletion() && static_cast<std::int64_t>(cell.local_seconds) < purge_before)
      return true;
    if (cell.kind == CellKind::Live && !cell.is_live(now)) return true;
  }
  return false;
}

Aged age_row(RowParts& row, std::int64_t now, std::int64_t purge_before) {
  Aged aged;
  if (!row.head.deletion.is_none() && row.head.deletion.local_seconds < purge_before) {
    std::erase_if(row.cells, [&](const CellView& cell) {
      return row.head.deletion.covers(cell.timestamp);  // counters, see settle()
    });
    row.head.deletion = {};
    aged.changed = true;
  }
  if (!row.head.marker.is_none() && !row.head.marker.is_live(now) &&
      row.head.marker.expires < purge_before) {
    row.head.marker = {};
    aged.changed = true;
  }
  std::size_t kept = 0;
  for (CellView cell : row.cells) {
    if (cell.kind == CellKind::Live && !cell.is_live(now)) {
      // Its value is not needed any more, its time still hides older writes.
      cell.kind = CellKind::Tombstone;
      cell.local_seconds = cell.expires - std::min(cell.ttl, cell.expires);
      cell.ttl = 0;
      cell.expires = 0;
      cell.value = {};
      aged.changed = true;
    }
    if (cell.is_deletion() && static_cast<std::int64_t>(cell.local_seconds) < purge_before) {
      aged.changed = true;
      continue;
    }
    row.cells[kept++] = cell;
  }
  row.cells.resize(kept);
  aged.is_empty = row.cells.empty() && row.head.marker.is_none() && row.head.deletion.is_none();
  return aged;
}

std::string to_text(const RowParts& row) {
  std::string text;
  if (const Marker& marker = row.head.marker; !marker.is_none()) {
    text += fmt::format("marker@{}/{}/{} ", marker.timestamp, marker.ttl, marker.expires);
  }
  if (const Deletion& deletion = row.head.deletion; !deletion.is_none()) {
    text += fmt::format("deleted@{}/{} ", deletion.timestamp, deletion.local_seconds);
  }
  for (const auto& cell : row.cells) {
    text += fmt::format("{}", cell.column);
    if (!cell.path.empty()) text += fmt::format("[{}]", to_hex(cell.path));
    switch (cell.kind) {
      case CellKind::Live:
        text += fmt::format("={}", to_hex(cell.value));
        break;
      case CellKind::Counter:
        text += fmt::format("+{}", cell.total);
        break;
      case CellKind::Tombstone:
      case CellKind::DeletedCounter:
        text += fmt::format(" tombstone/{}", cell.local_seconds);
        break;
      case CellKind::ColumnDeletion:
        text += fmt::format(" cleared/{}", cell.local_seconds);
        break;
    }
    text += fmt::format("@{}", cell.timestamp);
    if (cell.expires != 0) text += fmt::format("/{}/{}", cell.ttl, cell.expires);
    text += ' ';
  }
  return text;
}

}  // namespace tidemill::tables::embedded
