// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/murmur3.h"

#include <gmock/gmock.h>

#include <array>

namespace tidemill::wire::cql {
namespace {

std::int64_t token_of(std::string_view text) {
  return murmur3_token(as_bytes(text));
}

Bytes ascending(std::uint8_t first, std::size_t count) {
  Bytes out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

TEST(Murmur3, GivesTheTokensThatCassandraGives) {
  EXPECT_EQ(token_of(""), 0);
  EXPECT_EQ(token_of(std::string_view("\0", 1)), 5048724184180415669);
  EXPECT_EQ(token_of("a"), -8839064797231613815);
  EXPECT_EQ(token_of("test"), -6017608668500074083);
  EXPECT_EQ(token_of(std::string_view("\0\0\0\1", 4)), -4069959284402364209);
}

TEST(Murmur3, ExtendsTheSignOfTailBytes) {
  EXPECT_EQ(token_of("\xff"), -4442228696663692417);
  EXPECT_EQ(token_of("\x80\x81\x82"), 4805209697930042770);
}

TEST(Murmur3, CrossesTheBlockBoundary) {
  EXPECT_EQ(murmur3_token(ascending(0xc8, 16)), 718616588775281580);
  EXPECT_EQ(murmur3_token(ascending(0xc8, 17)), 2736879660807782764);
  EXPECT_EQ(token_of("123456789012345"), -8615384237594390570);
  EXPECT_EQ(token_of("1234567890123456"), 5746133278497385720);
  EXPECT_EQ(token_of("12345678901234567"), 8396424490441422718);
}

TEST(Murmur3, PutsLengthsAndAZeroAroundTheComponentsOfACompositeKey) {
  const Bytes one{0, 0, 0, 1};
  const std::array<BytesView, 2> parts{BytesView(one), as_bytes("x")};
  const Bytes key = routing_key(parts);
  EXPECT_EQ(to_hex(key), "0004000000010000017800");
  EXPECT_EQ(murmur3_token(key), 746584927563629270);
}

TEST(Murmur3, LeavesASingleComponentAsItIs) {
  const std::array<BytesView, 1> parts{as_bytes("a")};
  EXPECT_EQ(to_hex(routing_key(parts)), "61");
}

}  // namespace
}  // namespace tidemill::wire::cql
