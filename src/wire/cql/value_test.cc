// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/value.h"

#include <gmock/gmock.h>

#include "wire/cql/literal.h"

namespace tidemill::wire::cql {
namespace {

Bytes scalar(std::string_view type, std::string_view text) {
  auto value = parse_scalar(*parse_type(type), text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : Bytes{};
}

TEST(CqlValue, OrdersEachTypeItsOwnWay) {
  const auto before = [](std::string_view type, std::string_view a, std::string_view b) {
    return compare_values(*parse_type(type), scalar(type, a), scalar(type, b)) < 0;
  };
  EXPECT_TRUE(before("int", "-1", "1"));
  EXPECT_TRUE(before("varint", "-300", "5"));
  EXPECT_TRUE(before("decimal", "1.50", "1.6"));
  EXPECT_TRUE(before("double", "-0.5", "0.25"));
  EXPECT_TRUE(before("double", "Infinity", "NaN"));
  EXPECT_TRUE(before("text", "a", "ab"));
  EXPECT_TRUE(before("date", "1900-01-01", "2000-01-01"));
  // The time bits of the second are later though its bytes are smaller.
  EXPECT_TRUE(before("timeuuid", "8cb2bb00-d705-11ee-8000-000000000000",
                     "00000000-d706-11ee-8000-000000000000"));
}

TEST(CqlValue, KnowsEqualDecimalsOfDifferentScale) {
  EXPECT_EQ(
      compare_values(Type::of(Kind::Decimal), scalar("decimal", "1.5"), scalar("decimal", "1.500")),
      0);
}

TEST(CqlValue, RefusesWrongLengthsInCassandrasWords) {
  const Bytes three{1, 2, 3};
  EXPECT_EQ(check_value(Type::of(Kind::Int), three).error().message,
            "Expected 4 or 0 byte int (3)");
  EXPECT_EQ(check_value(Type::of(Kind::Bigint), three).error().message,
            "Expected 8 or 0 byte long (3)");
  EXPECT_TRUE(check_value(Type::of(Kind::Int), {}).ok());
}

TEST(CqlValue, RefusesACollectionThatClaimsMoreThanItHolds) {
  const Bytes claims{0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
  EXPECT_FALSE(check_value(*parse_type("list<int>"), claims).ok());
  EXPECT_FALSE(check_value(*parse_type("map<int, int>"), claims).ok());
}

TEST(CqlValue, SortsSetsAndDropsRepeats) {
  std::vector<Bytes> elements{scalar("int", "3"), scalar("int", "-1"), scalar("int", "3")};
  normalise_set(Type::of(Kind::Int), elements);
  EXPECT_THAT(elements, testing::ElementsAre(scalar("int", "-1"), scalar("int", "3")));
}

TEST(CqlValue, KeepsTheLastValueOfARepeatedKey) {
  std::vector<Bytes> entries{scalar("int", "2"),  scalar("text", "a"), scalar("int", "1"),
                             scalar("text", "b"), scalar("int", "2"),  scalar("text", "c")};
  normalise_map(Type::of(Kind::Int), entries);
  EXPECT_THAT(entries, testing::ElementsAre(scalar("int", "1"), scalar("text", "b"),
                                            scalar("int", "2"), scalar("text", "c")));
}

TEST(CqlValue, BuildsTheBoundsOfAMillisecond) {
  const std::int64_t ms = *parse_timestamp_ms("2024-02-29 12:34:56.789+0000");
  EXPECT_EQ(to_string(min_timeuuid(ms)), "f2293c50-d6fe-11ee-8080-808080808080");
  EXPECT_EQ(to_string(max_timeuuid(ms)), "f229635f-d6fe-11ee-7f7f-7f7f7f7f7f7f");
  EXPECT_EQ(timeuuid_ms(min_timeuuid(ms)), ms);
}

TEST(CqlValue, PadsAShortTupleWithNull) {
  const std::vector<Value> fields{encode_text("x")};
  const auto back = decode_fields(encode_fields(fields), 2);
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE((*back)[0].has_value());
  EXPECT_FALSE((*back)[1].has_value());
}

}  // namespace
}  // namespace tidemill::wire::cql
