// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/segment.h"

#include <fmt/format.h>
#include <zlib.h>

#include "wire/cql/compression.h"

namespace tidemill::wire::cql {
namespace {

constexpr std::size_t kCrc24Bytes = 3;
constexpr std::size_t kCrc32Bytes = 4;

std::uint64_t load_le(const std::uint8_t* from, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i > 0; --i) value = value << 8 | from[i - 1];
  return value;
}

void append_le(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

}  // namespace

std::uint32_t crc24(std::uint64_t header, std::size_t bytes) {
  std::uint32_t crc = 0x875060;
  for (std::size_t i = 0; i < bytes; ++i) {
    crc ^= static_cast<std::uint32_t>(header >> 8 * i & 0xFF) << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1974F0B;
    }
  }
  return crc & 0xFFFFFF;
}

std::uint32_t segment_crc32(BytesView payload) {
  // Seeded with four bytes by every implementation, though the specification is silent on it.
  static constexpr std::uint8_t kSeed[] = {0xFA, 0x2D, 0x55, 0xCA};
  const auto seeded = ::crc32(0, kSeed, sizeof kSeed);
  if (payload.empty()) return static_cast<std::uint32_t>(seeded);  // zlib restarts at null
  return static_cast<std::uint32_t>(
      ::crc32(seeded, payload.data(), static_cast<unsigned int>(payload.size())));
}

void append_segment(Bytes& out, BytesView payload, bool self_contained, bool lz4) {
  while (payload.size() > kMaxSegmentPayload) {
    append_segment(out, payload.first(kMaxSegmentPayload), false, lz4);
    payload = payload.subspan(kMaxSegmentPayload);
    self_contained = false;
  }
  Bytes packed;
  std::uint64_t uncompressed = 0;
  BytesView stored = payload;
  if (lz4) {
    packed = compress_lz4_block(payload);
    if (packed.size() < payload.size()) {
      stored = packed;
      uncompressed = payload.size();
    }
  }
  const std::size_t header_bytes = lz4 ? 5 : 3;
  std::uint64_t header = stored.size();
  if (lz4) {
    header |= uncompressed << 17 | (self_contained ? 1ULL << 34 : 0);
  } else {
    header |= self_contained ? 1ULL << 17 : 0;
  }
  append_le(out, header, header_bytes);
  append_le(out, crc24(header, header_bytes), kCrc24Bytes);
  out.insert(out.end(), stored.begin(), stored.end());
  append_le(out, segment_crc32(stored), kCrc32Bytes);
}

Result<std::optional<Segment>> read_segment(BytesView bytes, bool lz4) {
  const std::size_t header_bytes = lz4 ? 5 : 3;
  if (bytes.size() < header_bytes + kCrc24Bytes) return std::optional<Segment>{};
  const std::uint64_t header = load_le(bytes.data(), header_bytes);
  if (load_le(bytes.data() + header_bytes, kCrc24Bytes) != crc24(header, header_bytes)) {
    return error(ErrorCode::Corrupt, "segment header checksum mismatch");
  }
  const std::size_t length = header & 0x1FFFF;
  const std::size_t uncompressed = lz4 ? header >> 17 & 0x1FFFF : 0;
  const std::size_t at = header_bytes + kCrc24Bytes;
  if (bytes.size() < at + length + kCrc32Bytes) return std::optional<Segment>{};
  const BytesView payload = bytes.subspan(at, length);
  if (load_le(bytes.data() + at + length, kCrc32Bytes) != segment_crc32(payload)) {
    return error(ErrorCode::Corrupt, "segment payload checksum mismatch");
  }
  Segment segment;
  segment.self_contained = (header >> (lz4 ? 34 : 17) & 1) != 0;
  segment.consumed = at + length + kCrc32Bytes;
  if (uncompressed > 0) {
    segment.payload = TRY(decompress_lz4_block(payload, uncompressed));
  } else {
    segment.payload.assign(payload.begin(), payload.end());
  }
  return std::optional<Segment>{std::move(segment)};
}

}  // namespace tidemill::wire::cql
