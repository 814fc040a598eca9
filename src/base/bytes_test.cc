// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace tidemill {

TEST(ByteReader, ReadsBackWhatTheWriterWrote) {
  ByteWriter out;
  out.i16be(-2);
  out.u32be(7);
  out.varint64(-12345678901);
  out.varint32(-64);
  out.uvarint64(UINT64_MAX);
  out.text("abc");
  ByteReader in(out.buffer());
  EXPECT_EQ(*in.i16be(), -2);
  EXPECT_EQ(*in.u32be(), 7u);
  EXPECT_EQ(*in.varint64(), -12345678901);
  EXPECT_EQ(*in.varint32(), -64);
  EXPECT_EQ(*in.uvarint64(), UINT64_MAX);
  EXPECT_EQ(*in.text(3), "abc");
  EXPECT_TRUE(in.at_end());
}

TEST(ByteReader, NamesThePositionOfATruncatedField) {
  const Bytes bytes{1, 2, 3};
  ByteReader in(bytes);
  ASSERT_TRUE(in.u8().ok());
  const auto value = in.i32be();
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(value.error().message, "needs 4 bytes at byte 1, only 2 are left");
}

TEST(ByteReader, RefusesAVarintThatNeverEnds) {
  const Bytes bytes(11, 0xff);
  ByteReader in(bytes);
  EXPECT_FALSE(in.uvarint64().ok());
}

TEST(Base64, RoundTripsEveryLength) {
  for (std::size_t n = 0; n < 10; ++n) {
    Bytes bytes;
    for (std::size_t i = 0; i < n; ++i) bytes.push_back(static_cast<std::uint8_t>(250 + i));
    EXPECT_EQ(*from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_FALSE(from_base64("a*b=").ok());
}

TEST(Utf8, RefusesOverlongSurrogatesAndCutSequences) {
  EXPECT_TRUE(is_utf8("gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8a"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xe2\x82"));
}

}  // namespace tidemill
