// SPDX-License-Identifier: Apache-2.0
// The checked outer framing of protocol v5, used on a connection after STARTUP was answered:
//   segment := header crc24:u24le payload crc32:u32le
//   header  := length:17 self_contained:1 0:6                        (24 bits, little-endian)
//   header  := length:17 uncompressed:17 self_contained:1 0:5        (40 bits, with lz4)
// uncompressed = 0 means that the payload is stored as it is. A self-contained segment holds whole
// envelopes; others hold a part of one, in order.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemill::wire::cql {

constexpr std::size_t kMaxSegmentPayload = 131071;

std::uint32_t crc24(std::uint64_t header, std::size_t bytes);
std::uint32_t segment_crc32(BytesView payload);

// Wraps envelopes: whole ones go into self-contained segments, a longer one is cut.
void append_segment(Bytes& out, BytesView payload, bool self_contained, bool lz4);

struct Segment {
  Bytes payload;
  bool self_contained = false;
  std::size_t consumed = 0;  // bytes of the input
};
// The next segment of `bytes`, nothing when more bytes are needed; Corrupt when a checksum differs.
Result<std::optional<Segment>> read_segment(BytesView bytes, bool lz4);

}  // namespace tidemill::wire::cql
