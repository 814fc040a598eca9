// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/frame.h"

#include <gmock/gmock.h>

#include "wire/cql/compression.h"
#include "wire/cql/request.h"

namespace tidemill::wire::cql {
namespace {

TEST(CqlFrame, RefusesVersionsInTheWordsThatDriversLookFor) {
  EXPECT_TRUE(check_version(4, false).ok());
  EXPECT_THAT(
      check_version(66, false).error().message,
      testing::StartsWith("Invalid or unsupported protocol version (66); supported versions "
                          "are (3/v3, 4/v4, 5/v5"));
  EXPECT_THAT(check_version(6, false).error().message,
              testing::StartsWith("Beta version of the protocol used (6/v6-beta), but USE_BETA"));
}

TEST(CqlFrame, WritesTheLengthOnceItIsKnown) {
  ByteWriter out;
  const std::size_t at = begin_frame(out, 4, 7, Opcode::Result);
  out.text("abc");
  finish_frame(out, at);
  const FrameHeader header = read_header(out.buffer().data());
  EXPECT_EQ(header.version, 4);
  EXPECT_TRUE(header.response);
  EXPECT_EQ(header.stream, 7);
  EXPECT_EQ(header.length, 3U);
}

// As the python driver 3.29 sends it on v4: values, page size and client timestamp.
TEST(CqlRequest, ReadsAQueryWithItsOptions) {
  QueryOptions options;
  options.consistency = Consistency::LocalOne;
  options.values = {BoundValue::of(as_bytes("abc")), BoundValue::null(), BoundValue::unset()};
  options.page_size = 5000;
  options.timestamp = 1234567;
  options.serial_consistency = Consistency::Serial;
  for (const int version : {4, 5}) {
    ByteWriter out;
    encode_query(out, "SELECT 1", options, version);
    const auto back = decode_query(out.buffer(), version);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->query, "SELECT 1");
    ASSERT_EQ(back->options.values.size(), 3U);
    EXPECT_EQ(as_text(back->options.values[0].bytes), "abc");
    EXPECT_TRUE(back->options.values[1].is_null());
    EXPECT_TRUE(back->options.values[2].is_unset());
    EXPECT_EQ(back->options.page_size, 5000);
    EXPECT_EQ(back->options.timestamp, 1234567);
  }
}

TEST(CqlRequest, FailsCleanlyOnEveryTruncationOfABatch) {
  BatchRequest request;
  request.statements.push_back({.query = "INSERT", .values = {BoundValue::of(as_bytes("v"))}});
  request.statements.push_back({.prepared = true, .id = as_bytes("0123456789abcdef")});
  request.options.timestamp = 5;
  ByteWriter out;
  encode_batch(out, request, 4);
  ASSERT_TRUE(decode_batch(out.buffer(), 4).ok());
  for (std::size_t length = 0; length < out.size(); ++length) {
    const auto back = decode_batch(BytesView(out.buffer()).first(length), 4);
    ASSERT_FALSE(back.ok()) << length;
    EXPECT_EQ(back.error().code, CqlErrorCode::ProtocolError);
  }
}

TEST(CqlRequest, RefusesTextThatIsNotUtf8) {
  ByteWriter out;
  out.i32be(2);
  out.u8(0xFF);
  out.u8(0xFE);
  out.u16be(1);
  out.u8(0);
  EXPECT_EQ(decode_query(out.buffer(), 4).error().code, CqlErrorCode::ProtocolError);
}

TEST(CqlCompression, BringsBackWhatItPacked) {
  const Bytes body(10000, 7);
  for (const Compression how : {Compression::Lz4, Compression::Snappy}) {
    const Bytes packed = compress_body(how, body);
    EXPECT_LT(packed.size(), body.size());
    const auto back = decompress_body(how, packed, 1 << 20);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, body);
  }
}

TEST(CqlCompression, RefusesAClaimAboveTheLimit) {
  const Bytes claims{0x7F, 0, 0, 0, 1, 2, 3};
  EXPECT_EQ(decompress_body(Compression::Lz4, claims, 1 << 20).error().code, ErrorCode::TooLarge);
}

}  // namespace
}  // namespace tidemill::wire::cql
