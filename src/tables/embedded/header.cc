// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tidemill::tables::embedded {

namespace {

enum HeaderFlag : std::uint8_t { kDeletion = 0x01, kStaticRow = 0x02, kRanges = 0x04 };

bool less(BytesView a, BytesView b) {
  return std::ranges::lexicographical_compare(a, b);
}

void put_uvarint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}
void put_bytes(std::string& out, BytesView bytes) {
  put_uvarint(out, bytes.size());
  out.append(as_text(bytes));
}
void put_deletion(std::string& out, const Deletion& deletion) {
  const std::size_t at = out.size();
  out.resize(at + 8);
  store_be(reinterpret_cast<std::uint8_t*>(out.data() + at), deletion.timestamp);
  put_uvarint(out, static_cast<std::uint64_t>(deletion.local_seconds));
}

Result<Deletion> take_deletion(ByteReader& in) {
  Deletion deletion;
  deletion.timestamp = TRY(in.i64be());
  deletion.local_seconds = static_cast<std::int64_t>(TRY(in.uvarint64()));
  return deletion;
}
Result<BytesView> take_bytes(ByteReader& in) {
  return in.bytes(TRY(in.uvarint64()));
}

Result<> decode(BytesView bytes, HeaderParts& header) {
  ByteReader in(bytes);
  const Error damaged = error(ErrorCode::Corrupt, "a partition header is damaged");
  if (TRY(in.u8()) != kHeaderVersion) return damaged;
  const std::uint8_t flags = TRY(in.u8());
  if ((flags & kDeletion) != 0) {
    header.deletion = std::max(header.deletion, TRY(take_deletion(in)));
  }
  if ((flags & kStaticRow) != 0 && !add_row(TRY(take_bytes(in)), header.static_row)) {
    return damaged;
  }
  if ((flags & kRanges) != 0) {
    for (std::uint64_t count = TRY(in.uvarint64()); count > 0; --count) {
      RangeTombstone range;
      range.start = TRY(take_bytes(in));
      range.end = TRY(take_bytes(in));
      range.deletion = TRY(take_deletion(in));
      header.ranges.push_back(range);
    }
  }
  return {};
}

// One end of a range on the way through the keys in order.
struct Edge {
  BytesView key;
  Deletion deletion;
  bool opens;
};

void settle_ranges(std::vector<RangeTombstone>& ranges, const Deletion& partition) {
  std::vector<Edge> edges;
  edges.reserve(ranges.size() * 2);
  for (const auto& range : ranges) {
    if (!less(range.start, range.end) || partition.covers(range.deletion.timestamp)) continue;
    edges.push_back({range.start, range.deletion, true});
    edges.push_back({range.end, range.deletion, false});
  }
  std::ranges::sort(edges, [](const Edge& a, const Edge& b) { return less(a.key, b.key); });
  ranges.clear();
  std::multiset<Deletion> open;
  for (std::size_t i = 0; i < edges.size();) {
    const BytesView key = edges[i].key;
    for (; i < edges.size() && std::ranges::equal(edges[i].key, key); ++i) {
      if (edges[i].opens) {
        open.insert(edges[i].deletion);
      } else {
        // Opened before: an end never sorts before its start, and equal keys were left out.
        if (const auto at = open.find(edges[i].deletion); at != open.end()) open.erase(at);
      }
    }
    if (open.empty()) continue;
    const BytesView end = edges[i].key;  // something open closes later
    const Deletion strongest = *open.rbegin();
    if (!ranges.empty() && std::ranges::equal(ranges.back().end, key) &&
        ranges.back().deletion == strongest) {
      ranges.back().end = end;
    } else {
      ranges.push_back({key, end, strongest});
    }
  }
}

}  // namespace

Deletion HeaderParts::deletion_at(BytesView clustering) const {
  Deletion strongest = deletion;
  const auto after = std::ranges::upper_bound(ranges, clustering, less, &RangeTombstone::start);
  if (after != ranges.begin()) {
    const auto& range = *std::prev(after);
    if (less(clustering, range.end)) strongest = std::max(strongest, range.deletion);
  }
  return strongest;
}

bool add_header(BytesView bytes, HeaderParts& header) {
  return decode(bytes, header).ok();
}

void settle(HeaderParts& header) {
  settle(header.static_row);
  settle_ranges(header.ranges, header.deletion);
}

void encode_header(const HeaderParts& header, std::string& out) {
  const RowParts& row = header.static_row;
  const bool has_row =
      !row.cells.empty() || !row.head.marker.is_none() || !row.head.deletion.is_none();
  unsigned flags = 0;
  if (!header.deletion.is_none()) flags |= kDeletion;
  if (has_row) flags |= kStaticRow;
  if (!header.ranges.empty()) flags |= kRanges;
  out.push_back(static_cast<char>(kHeaderVersion));
  out.push_back(static_cast<char>(flags));
  if (!header.deletion.is_none()) put_deletion(out, header.deletion);
  if (has_row) {
    std::string bytes;
    encode_row(row, bytes);
    put_bytes(out, as_bytes(bytes));
  }
  if (header.ranges.empty()) return;
  put_uvarint(out, header.ranges.size());
  for (const auto& range : header.ranges) {
    put_bytes(out, range.start);
    put_bytes(out, range.end);
    put_deletion(out, range.deletion);
  }
}

std::string to_text(const HeaderParts& header) {
  std::string text;
  if (!header.deletion.is_none()) {
    text += fmt::format("partition deleted@{}/{} ", header.deletion.timestamp,
                        header.deletion.local_seconds);
  }
  text += to_text(header.static_row);
  for (const auto& range : header.ranges) {
    text += fmt::format("[{}, {}) deleted@{}/{} ", to_hex(range.start), to_hex(range.end),
                        range.deletion.timestamp, range.deletion.local_seconds);
  }
  return text;
}

}  // namespace tidemill::tables::embedded
