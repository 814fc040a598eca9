// SPDX-License-Identifier: Apache-2.0
#include "model/record.h"

#include <gmock/gmock.h>

namespace tidemill {
namespace {

TEST(RecordHeaders, RoundTripKeepsNullApartFromEmpty) {
  Bytes bytes;
  encode_headers({{"a", as_bytes("1")}, {"b", std::nullopt}, {"c", as_bytes("")}}, bytes);
  const auto headers = decode_headers(bytes);
  ASSERT_TRUE(headers.ok());
  ASSERT_EQ(headers.value().size(), 3U);
  EXPECT_EQ(as_text(*headers.value()[0].value), "1");
  EXPECT_FALSE(headers.value()[1].value.has_value());
  EXPECT_TRUE(headers.value()[2].value.has_value());
}

TEST(RecordHeaders, EveryTruncationFailsCleanly) {
  Bytes bytes;
  encode_headers({{"key", as_bytes("value")}, {"other", as_bytes("x")}}, bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_headers(BytesView{bytes}.first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace tidemill
