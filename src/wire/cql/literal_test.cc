// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/literal.h"

#include <gmock/gmock.h>

namespace tidemill::wire::cql {
namespace {

std::string bytes_of(std::string_view type, std::string_view text) {
  auto value = parse_scalar(*parse_type(type), text);
  return value.ok() ? to_hex(*value) : value.error().message;
}
std::string shown(std::string_view type, std::string_view text) {
  const Type t = *parse_type(type);
  auto value = parse_scalar(t, text);
  return value.ok() ? to_cast_text(t, *value) : value.error().message;
}

TEST(CqlLiteral, ReadsNumbersIntoTheirWidth) {
  EXPECT_EQ(bytes_of("int", "2147483647"), "7fffffff");
  EXPECT_EQ(bytes_of("tinyint", "-128"), "80");
  EXPECT_EQ(bytes_of("bigint", "-1"), "ffffffffffffffff");
  EXPECT_EQ(bytes_of("int", "2147483648"), "Unable to make int from '2147483648'");
}

TEST(CqlLiteral, ReadsIntegersOfAnyLength) {
  EXPECT_EQ(bytes_of("varint", "0"), "00");
  EXPECT_EQ(bytes_of("varint", "-128"), "80");
  EXPECT_EQ(bytes_of("varint", "128"), "0080");
  for (const char* text : {"1267650600228229401496703205377", "-1267650600228229401496703205377",
                           "-1", "255", "-129"}) {
    EXPECT_EQ(shown("varint", text), text);
  }
}

TEST(CqlLiteral, KeepsTheScaleOfADecimal) {
  EXPECT_EQ(bytes_of("decimal", "1.50"), "000000020096");
  for (const char* text : {"0", "1.50", "-0.001", "12345678901234567890.0987654321"}) {
    EXPECT_EQ(shown("decimal", text), text);
  }
  EXPECT_EQ(shown("decimal", "1e3"), "1000");
}

TEST(CqlLiteral, ReadsTimestampsInTheirForms) {
  EXPECT_EQ(shown("timestamp", "2024-02-29 12:34:56.789+0000"), "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(shown("timestamp", "2024-02-29T13:34:56+01:00"), "2024-02-29T12:34:56.000Z");
  EXPECT_EQ(shown("timestamp", "1969-12-31 23:59:59.999+0000"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(shown("timestamp", "2024-01-01+0000"), "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(shown("timestamp", "2013-01-01 00:05+0000"), "2013-01-01T00:05:00.000Z");
  EXPECT_EQ(shown("timestamp", "2024-01-02 03:04:05.678Z"), "2024-01-02T03:04:05.678Z");
  EXPECT_EQ(shown("timestamp", "yesterday"), "Unable to parse a date/time from 'yesterday'");
}

TEST(CqlLiteral, ReadsDatesAndTimes) {
  EXPECT_EQ(shown("date", "1900-01-01"), "1900-01-01");
  EXPECT_EQ(bytes_of("date", "1970-01-01"), "80000000");
  EXPECT_EQ(shown("date", "2024-13-01"),
            "Unable to coerce '2024-13-01' to a formatted date (long)");
  EXPECT_EQ(shown("date", "2023-02-29"),
            "Unable to coerce '2023-02-29' to a formatted date (long)");
  EXPECT_EQ(shown("time", "08:12:54.123456789"), "08:12:54.123456789");
  EXPECT_EQ(shown("time", "23:59"), "23:59:00.000000000");
}

TEST(CqlLiteral, ReadsDurationsInTheirForms) {
  const auto one = parse_duration("1y2mo3d4h5m6s7ms8us9ns");
  ASSERT_TRUE(one);
  EXPECT_EQ(*one, (Duration{14, 3, 14706007008009}));
  EXPECT_EQ(*parse_duration("-2w"), (Duration{0, -14, 0}));
  EXPECT_EQ(*parse_duration("P1Y2M3DT4H5M6S"), (Duration{14, 3, 14706000000000}));
  EXPECT_EQ(*parse_duration("P0001-02-03T04:05:06"), (Duration{14, 3, 14706000000000}));
  EXPECT_FALSE(parse_duration("1x"));
  EXPECT_FALSE(parse_duration("99999999999999999y"));
}

TEST(CqlLiteral, CarriesDurationsThroughTheirVints) {
  for (const Duration d : {Duration{14, 3, 14706007008009}, Duration{0, -14, 0}, Duration{},
                           Duration{-1, -1, INT64_MIN + 1}, Duration{INT32_MAX, 0, INT64_MAX}}) {
    const auto back = decode_duration(encode_duration(d));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, d);
  }
  EXPECT_EQ(to_hex(encode_duration({1, 2, 3})), "020406");
}

TEST(CqlLiteral, ReadsAddresses) {
  EXPECT_EQ(bytes_of("inet", "127.0.0.1"), "7f000001");
  EXPECT_EQ(shown("inet", "2001:db8::ff00:42:8329"), "2001:db8::ff00:42:8329");
  EXPECT_EQ(shown("inet", "300.1.1.1"), "Unable to make inet address from '300.1.1.1'");
}

TEST(CqlLiteral, PrintsDoublesAsJavaDoes) {
  EXPECT_EQ(format_java_double(2.5), "2.5");
  EXPECT_EQ(format_java_double(3), "3.0");
  EXPECT_EQ(format_java_double(1e10), "1.0E10");
  EXPECT_EQ(format_java_double(1.25e-5), "1.25E-5");
  EXPECT_EQ(format_java_float(0.1F), "0.1");
}

TEST(CqlLiteral, PrintsNestedValuesAsShellsShowThem) {
  const Type type = *parse_type("map<text, frozen<list<int>>>");
  const std::vector<Bytes> list{encode_be(std::int32_t{1}), encode_be(std::int32_t{2})};
  const std::vector<Bytes> map{encode_text("it's"), encode_elements(std::span(list), false)};
  EXPECT_EQ(to_shell_text(type, encode_elements(std::span(map), true)), "{'it''s': [1, 2]}");
  EXPECT_EQ(to_json_text(type, encode_elements(std::span(map), true)), "{\"it's\": [1, 2]}");
}

}  // namespace
}  // namespace tidemill::wire::cql
