// SPDX-License-Identifier: Apache-2.0
// A partition's header: its deletion, its static row and its range tombstones, in one value that
// sorts before the partition's rows. Written only where there is one of these.
//
//   header := 02 flags:u8 [time:i64be local:uvarint]   flags & 01: the partition's deletion
//             [size:uvarint row]                       flags & 02: the static row, as in row.h
//             [count:uvarint range{count}]             flags & 04
//   range  := size:uvarint start size:uvarint end time:i64be local:uvarint
//   ranges rise, do not overlap, and start <= k < end on encoded clustering keys
#pragma once

#include <string>
#include <vector>

#include "tables/embedded/row.h"

namespace tidemill::tables::embedded {

constexpr std::uint8_t kHeaderVersion = 0x02;

struct RangeTombstone {
  BytesView start;
  BytesView end;
  Deletion deletion;
};

struct HeaderParts {
  Deletion deletion;
  RowParts static_row;
  std::vector<RangeTombstone> ranges;
  void clear() {
    deletion = {};
    static_row.clear();
    ranges.clear();
  }
  // The strongest deletion of the partition or a range at the clustering key. Ranges settled.
  Deletion deletion_at(BytesView clustering) const;
};

// Decodes behind what is there, so that several can be settled together. False: damaged.
bool add_header(BytesView bytes, HeaderParts& header);
// Settles the static row and makes the ranges disjoint: at each key the latest deletion stays.
void settle(HeaderParts& header);
// Appends the bytes of a settled header.
void encode_header(const HeaderParts& header, std::string& out);

std::string to_text(const HeaderParts& header);

}  // namespace tidemill::tables::embedded
