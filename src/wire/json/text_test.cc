// SPDX-License-Identifier: Apache-2.0
#include "wire/json/text.h"

#include <gmock/gmock.h>

#include <string>

#include "wire/json/scalar.h"

namespace tidemill::wire::json {
namespace {

std::optional<std::string> compacted(std::string_view text, std::size_t depth_max = 128) {
  std::string out(text.size(), '\0');
  const auto size = compact(text, out.data(), depth_max);
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out(text.size(), '\0');
  const auto size = unescape(text, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

TEST(JsonCompact, DropsSpacesAndNeedlessEscapes) {
  EXPECT_EQ(compacted(R"( { "a" : [ 1 , -2.50e3, true,null ] , "b":{ } ,"c" : "\u00e9\/\n" } )"),
            "{\"a\":[1,-2.50e3,true,null],\"b\":{},\"c\":\"\xc3\xa9/\\n\"}");
}

TEST(JsonCompact, RefusesWhatIsNotOneValue) {
  for (const auto* text : {"", "{", "{\"a\"}", "{\"a\":}", "[1,]", "[1 2]", "{\"a\":1,}", "tru",
                           "01", "1.", "\"a", "[1]]", "{1:2}", "\"\\x\"", "nul", "[,1]"}) {
    EXPECT_EQ(compacted(text), std::nullopt) << text;
  }
}

TEST(JsonCompact, RefusesWhatIsTooDeep) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(compacted(deep, 100), deep);
  EXPECT_EQ(compacted(deep, 99), std::nullopt);
  EXPECT_EQ(compacted(std::string(100'000, '['), 200'000), std::nullopt);
}

TEST(JsonUnescape, SurrogatesMustComeInPairs) {
  EXPECT_EQ(unescaped(R"(\ud83d\ude00!)"), "\xf0\x9f\x98\x80!");
  EXPECT_EQ(unescaped(R"(\ud83d)"), std::nullopt);
  EXPECT_EQ(unescaped(R"(\ude00)"), std::nullopt);
  EXPECT_EQ(unescaped(R"(\ud83dA)"), std::nullopt);
  EXPECT_EQ(unescaped("\\"), std::nullopt);
  EXPECT_EQ(unescaped("\\u12"), std::nullopt);
}

TEST(JsonString, AppendEscapesOnlyWhatMustBe) {
  Bytes out;
  append_string(out, std::string_view("a\"\\\n\x01\xc3\xa9", 7));
  EXPECT_EQ(as_text(out), "\"a\\\"\\\\\\n\\u0001\xc3\xa9\"");
}

TEST(JsonScalar, TimestampsOfManyWriters) {
  constexpr std::int64_t kTime = 1620381673437000;
  EXPECT_EQ(parse_timestamp("2021-05-07T10:01:13.437Z"), kTime);
  EXPECT_EQ(parse_timestamp("2021-05-07 12:01:13.437+02:00"), kTime);
  EXPECT_EQ(parse_timestamp("2021-05-07T08:31:13.437000-0130"), kTime);
  EXPECT_EQ(parse_timestamp("2021-05-07T10:01:13,437"), kTime);
  EXPECT_EQ(parse_timestamp("1970-01-01"), 0);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59"), -60'000'000);
  for (const auto* text : {"", "2021-02-29", "2021-05-07T24:00:00Z", "2021-05-07T10:01:13.",
                           "2021-05-07T10:01:13Zx", "2021-5-07", "now"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(JsonScalar, UuidHasDashesAndNothingAround) {
  EXPECT_TRUE(parse_uuid_text("EFBA91FE-f362-46c0-947d-381d203c6ab9"));
  for (const auto* text :
       {"efba91fef36246c0947d381d203c6ab9", "{fba91fe-f362-46c0-947d-381d203c6ab9}",
        "efba91fe-f362-46c0-947d-381d203c6ab", "efba91fe-f362-46c0-947d-381d203c6ab9 ",
        "efba91fe-f362-46c0-947d-381d203c6-b9", "efba91fe-f362-46c0-947d-381d203c6+b9"}) {
    EXPECT_FALSE(parse_uuid_text(text)) << text;
  }
}

TEST(JsonScalar, HugeNumbersUpToTheirBounds) {
  EXPECT_EQ(parse_hugeint("170141183460469231731687303715884105727"),
            (HugeInt{~std::uint64_t{0}, INT64_MAX}));
  EXPECT_EQ(parse_hugeint("170141183460469231731687303715884105728"), std::nullopt);
  EXPECT_EQ(parse_hugeint("-1"), (HugeInt{~std::uint64_t{0}, -1}));
}

}  // namespace
}  // namespace tidemill::wire::json
