// SPDX-License-Identifier: Apache-2.0
// The property that keys stand on: memcmp of encodings agrees with the order of values.
#include <gmock/gmock.h>

#include <random>

#include "tables/types.h"
#include "wire/cql/literal.h"
#include "wire/cql/value.h"

namespace tidemill::tables {
namespace {

int sign(int order) {
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

class Generator {
 public:
  Bytes value(const CqlType& type, int depth = 0) {
    switch (type.kind) {
      case TypeKind::Ascii:
      case TypeKind::Text:
        return text();
      case TypeKind::Blob:
        return blob(pick(4));
      case TypeKind::Boolean:
        return {static_cast<std::uint8_t>(pick(2))};
      case TypeKind::Inet:
        return blob(pick(2) == 0 ? 4 : 16);
      case TypeKind::Varint:
        return blob(1 + pick(5));
      case TypeKind::Decimal: {
        Bytes out = wire::cql::encode_be(static_cast<std::int32_t>(pick(7)) - 3);
        const Bytes unscaled = blob(1 + pick(3));
        out.insert(out.end(), unscaled.begin(), unscaled.end());
        return out;
      }
      case TypeKind::Uuid:
      case TypeKind::Timeuuid: {
        Bytes out = blob(16);
        const auto version = type.kind == TypeKind::Timeuuid || pick(2) == 0 ? 0x10U : 0x40U;
        out[6] = static_cast<std::uint8_t>((out[6] & 0x0F) | version);
        return out;
      }
      case TypeKind::List:
      case TypeKind::Set: {
        std::vector<Bytes> elements;
        for (auto i = pick(3); i > 0; --i) elements.push_back(value(type.element(), depth + 1));
        return wire::cql::encode_elements(std::span<const Bytes>(elements), false);
      }
      case TypeKind::Tuple: {
        std::vector<wire::cql::Value> fields;
        for (const auto& field : type.parts->elements) {
          fields.push_back(pick(4) == 0 ? wire::cql::Value{} : value(field, depth + 1));
        }
        return wire::cql::encode_fields(fields);
      }
      default:
        return blob(wire::cql::fixed_length(type));
    }
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  // Few different bytes, so that equal prefixes and escapes are frequent.
  Bytes blob(std::size_t size) {
    static constexpr std::uint8_t kFew[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
    Bytes out(size);
    for (auto& byte : out) byte = kFew[pick(6)];
    return out;
  }
  Bytes text() {
    Bytes out(pick(5));
    for (auto& byte : out) byte = static_cast<std::uint8_t>("\0ab\x01"[pick(4)]);
    return out;
  }
  std::mt19937 random_{7};
};

class OrderedTest : public testing::TestWithParam<const char*> {};

TEST_P(OrderedTest, EncodingsCompareLikeValuesAndComeBack) {
  const CqlType type = *parse_type(GetParam(), {});
  Generator generate;
  for (int round = 0; round < 3000; ++round) {
    const Bytes a = generate.value(type);
    const Bytes b = generate.value(type);
    if (!wire::cql::check_value(type, a).ok() || !wire::cql::check_value(type, b).ok()) continue;
    const bool descending = round % 2 == 1;
    Bytes left;
    Bytes right;
    ASSERT_TRUE(append_ordered(type, a, descending, left).ok());
    ASSERT_TRUE(append_ordered(type, b, descending, right).ok());
    const auto order = left <=> right;
    const int got = order < 0 ? -1 : (order > 0 ? 1 : 0);
    ASSERT_EQ(descending ? -got : got, sign(wire::cql::compare_values(type, a, b)))
        << GetParam() << ' ' << to_hex(a) << ' ' << to_hex(b);
    ASSERT_NE(left[0], 0x00);
    ASSERT_NE(left[0], 0xFF);

    // Another component behind it does not disturb reading it back.
    left.push_back(0x42);
    ByteReader in(left);
    Bytes back;
    ASSERT_TRUE(take_ordered(type, descending, in, back).ok());
    ASSERT_EQ(in.remaining(), 1U);
    ASSERT_EQ(wire::cql::compare_values(type, a, back), 0) << to_hex(a) << ' ' << to_hex(back);
  }
}

INSTANTIATE_TEST_SUITE_P(AllTypes, OrderedTest,
                         testing::Values("ascii", "text", "blob", "boolean", "tinyint", "smallint",
                                         "int", "bigint", "timestamp", "date", "time", "float",
                                         "double", "inet", "varint", "decimal", "uuid", "timeuuid",
                                         "frozen<list<int>>", "frozen<set<text>>",
                                         "frozen<tuple<int, text>>"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (auto& c : name) c = std::isalnum(c) != 0 ? c : '_';
                           return name;
                         });

TEST(Ordered, EmptyComesFirst) {
  const CqlType type = CqlType::of(TypeKind::Int);
  Bytes empty;
  Bytes lowest;
  ASSERT_TRUE(append_ordered(type, {}, false, empty).ok());
  ASSERT_TRUE(
      append_ordered(type, wire::cql::encode_be(std::int32_t{-2147483647 - 1}), false, lowest)
          .ok());
  EXPECT_LT(empty, lowest);
}

TEST(Ordered, RefusesBytesThatAreNoValue) {
  Bytes out;
  EXPECT_FALSE(append_ordered(CqlType::of(TypeKind::Int), Bytes{1, 2}, false, out).ok());
  EXPECT_TRUE(out.empty());
}

TEST(Ordered, DamagedBytesGiveAnErrorAtEveryLength) {
  const CqlType type = *parse_type("frozen<tuple<int, text>>", {});
  Generator generate;
  Bytes encoded;
  ASSERT_TRUE(append_ordered(type, generate.value(type), false, encoded).ok());
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    ByteReader in(BytesView(encoded).first(size));
    Bytes out;
    EXPECT_FALSE(take_ordered(type, false, in, out).ok()) << size;
  }
}

}  // namespace
}  // namespace tidemill::tables
