// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/segment.h"

#include <gmock/gmock.h>

namespace tidemill::wire::cql {
namespace {

Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31);
  return out;
}

TEST(CqlSegment, BringsBackWhatItWrapped) {
  for (const bool lz4 : {false, true}) {
    const Bytes payload(5000, 42);
    Bytes wire;
    append_segment(wire, payload, true, lz4);
    const auto back = read_segment(wire, lz4);
    ASSERT_TRUE(back.ok() && *back) << lz4;
    EXPECT_EQ((*back)->payload, payload);
    EXPECT_TRUE((*back)->self_contained);
    EXPECT_EQ((*back)->consumed, wire.size());
  }
}

TEST(CqlSegment, CutsWhatIsLongerThanOneSegment) {
  const Bytes payload = pattern(400000);
  Bytes wire;
  append_segment(wire, payload, true, false);
  Bytes joined;
  std::size_t at = 0;
  int segments = 0;
  while (at < wire.size()) {
    const auto part = read_segment(BytesView(wire).subspan(at), false);
    ASSERT_TRUE(part.ok() && *part);
    EXPECT_FALSE((*part)->self_contained);
    joined.insert(joined.end(), (*part)->payload.begin(), (*part)->payload.end());
    at += (*part)->consumed;
    ++segments;
  }
  EXPECT_EQ(joined, payload);
  EXPECT_EQ(segments, 4);
}

TEST(CqlSegment, AsksForMoreBytesOnEveryTruncation) {
  Bytes wire;
  append_segment(wire, pattern(100), true, false);
  for (std::size_t length = 0; length < wire.size(); ++length) {
    const auto part = read_segment(BytesView(wire).first(length), false);
    ASSERT_TRUE(part.ok()) << length;
    EXPECT_FALSE(part->has_value());
  }
}

TEST(CqlSegment, NoticesEveryFlippedByte) {
  Bytes wire;
  append_segment(wire, pattern(50), true, false);
  for (std::size_t i = 0; i < wire.size(); ++i) {
    Bytes damaged = wire;
    damaged[i] ^= 0xFF;
    const auto part = read_segment(damaged, false);
    EXPECT_FALSE(part.ok() && *part) << i;
  }
}

// Both checksums of an empty self-contained segment, computed apart from this code with zlib.
TEST(CqlSegment, ComputesTheProtocolsChecksums) {
  Bytes wire;
  append_segment(wire, {}, true, false);
  EXPECT_EQ(to_hex(wire), "0000026a36c4d37e7744");
}

}  // namespace
}  // namespace tidemill::wire::cql
