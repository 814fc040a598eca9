// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/keys.h"

#include <gmock/gmock.h>

#include "wire/cql/value.h"

namespace tidemill::tables::embedded {
namespace {

using testing::HasSubstr;

// A table with partition key (p text, q int) and the given clustering columns, all int.
Table table_with(std::vector<bool> descending) {
  Table draft;
  draft.keyspace = "ks";
  draft.name = "t";
  const auto add = [&](std::string name, TypeKind type, ColumnKind kind, bool down) {
    Column column;
    column.name = std::move(name);
    column.type = CqlType::of(type);
    column.kind = kind;
    column.descending = down;
    draft.columns.push_back(std::move(column));
  };
  add("p", TypeKind::Text, ColumnKind::PartitionKey, false);
  add("q", TypeKind::Int, ColumnKind::PartitionKey, false);
  for (std::size_t i = 0; i < descending.size(); ++i) {
    add("c" + std::to_string(i), TypeKind::Int, ColumnKind::Clustering, descending[i]);
  }
  return *finish_table(std::move(draft));
}

using Point = std::vector<std::int32_t>;

Bytes encode(const Table& table, const Point& point) {
  std::vector<Bytes> values;
  for (const auto each : point) values.push_back(wire::cql::encode_be(each));
  const std::vector<BytesView> views(values.begin(), values.end());
  return *encode_clustering(table, views);
}

// The bound compares by value, column after column, as CQL's (a, b) > (x, y).
bool satisfies(const Point& point, std::size_t first, const Point& bound, bool inclusive,
               bool is_lower) {
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const auto value = point[first + i];
    if (value != bound[i]) return is_lower ? value > bound[i] : value < bound[i];
  }
  return inclusive;
}

class RangesTest : public testing::TestWithParam<std::vector<bool>> {};

TEST_P(RangesTest, HoldExactlyTheRowsThatSatisfyTheBounds) {
  const Table table = table_with(GetParam());
  std::vector<Point> points;
  for (int a = -1; a < 2; ++a) {
    for (int b = -1; b < 2; ++b) points.push_back({a, b});
  }
  const std::vector<std::optional<Point>> bounds{std::nullopt, Point{0}, Point{0, 0}, Point{-1, 1}};
  for (const auto& low : bounds) {
    for (const auto& high : bounds) {
      for (const bool inclusive : {false, true}) {
        std::vector<Bytes> memory;
        const auto bound_of = [&](const Point& point) {
          ClusteringBound bound;
          bound.inclusive = inclusive;
          for (const auto each : point) memory.push_back(wire::cql::encode_be(each));
          return bound;
        };
        memory.reserve(8);
        std::optional<ClusteringBound> lower;
        std::optional<ClusteringBound> upper;
        if (low) lower = bound_of(*low);
        const std::size_t split = memory.size();
        if (high) upper = bound_of(*high);
        for (std::size_t i = 0; i < memory.size(); ++i) {
          (i < split ? lower : upper)->values.push_back(memory[i]);
        }
        const auto ranges = clustering_ranges(table, {}, lower, upper);
        ASSERT_TRUE(ranges.ok());
        for (const auto& point : points) {
          const bool expected = (!low || satisfies(point, 0, *low, inclusive, true)) &&
                                (!high || satisfies(point, 0, *high, inclusive, false));
          const Bytes key = encode(table, point);
          const bool got = std::ranges::any_of(
              *ranges, [&](const auto& range) { return range.start <= key && key < range.end; });
          ASSERT_EQ(got, expected) << point[0] << ',' << point[1];
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, RangesTest,
                         testing::Values(std::vector<bool>{false, false},
                                         std::vector<bool>{true, true},
                                         std::vector<bool>{false, true},
                                         std::vector<bool>{true, false}));

TEST(ClusteringRanges, AllColumnsEqualIsOneRow) {
  const Table table = table_with({false, true});
  const Bytes one = wire::cql::encode_be(std::int32_t{1});
  const BytesView both[] = {one, one};
  const auto row = clustering_ranges(table, both, {}, {});
  ASSERT_TRUE(row.ok());
  EXPECT_TRUE(row->at(0).is_row);
  EXPECT_EQ(row->at(0).start, encode(table, {1, 1}));

  const auto prefix = clustering_ranges(table, std::span(both).first(1), {}, {});
  EXPECT_FALSE(prefix->at(0).is_row);
  EXPECT_LT(encode(table, {1, 5}), prefix->at(0).end);
  EXPECT_GE(encode(table, {1, 5}), prefix->at(0).start);
}

TEST(NormalizeRanges, JoinsWhatTouchesAndDropsWhatIsEmpty) {
  std::vector<ClusteringRange> ranges(4);
  ranges[0] = {{5}, {7}};
  ranges[1] = {{1}, {3}};
  ranges[2] = {{3}, {5}};
  ranges[3] = {{9}, {9}};
  normalize_ranges(ranges);
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].start, Bytes{1});
  EXPECT_EQ(ranges[0].end, Bytes{7});
}

TEST(PartitionKey, IsCassandrasSerializedForm) {
  const Table table = table_with({});
  const Bytes q = wire::cql::encode_be(std::int32_t{7});
  const BytesView values[] = {as_bytes("ab"), q};
  const Bytes key = *encode_partition_key(table, values);
  EXPECT_EQ(to_hex(key),
            "0002616200"
            "00040000000700");
  const auto back = *split_partition_key(table, key);
  EXPECT_EQ(as_text(back[0]), "ab");
  EXPECT_EQ(to_hex(back[1]), "00000007");
  EXPECT_FALSE(split_partition_key(table, BytesView(key).first(5)).ok());
}

TEST(PartitionKey, RefusesWrongValues) {
  const Table table = table_with({});
  const BytesView one[] = {as_bytes("ab")};
  EXPECT_FALSE(encode_partition_key(table, one).ok());
  const Bytes large(65530, 'x');
  const Bytes q = wire::cql::encode_be(std::int32_t{7});
  const BytesView too_large[] = {large, q};
  EXPECT_THAT(encode_partition_key(table, too_large).error().message,
              HasSubstr("longer than maximum of 65535"));
  const BytesView no_int[] = {as_bytes("ab"), as_bytes("abc")};
  EXPECT_THAT(encode_partition_key(table, no_int).error().message, HasSubstr("4 or 0 byte int"));
}

TEST(StoreKey, ComesApartAsItWasMadeAndOrdersByToken) {
  Bytes low;
  append_partition_prefix(3, -5, as_bytes("k"), low);
  Bytes high;
  append_partition_prefix(3, 5, as_bytes("a"), high);
  EXPECT_LT(low, high);
  low.push_back(1);
  low.push_back(0x42);
  const auto key = *parse_store_key(low);
  EXPECT_EQ(key.incarnation, 3U);
  EXPECT_EQ(key.token, -5);
  EXPECT_EQ(as_text(key.partition_key), "k");
  EXPECT_EQ(key.kind, KeyKind::Row);
  EXPECT_EQ(to_hex(key.clustering), "42");
  for (std::size_t size = 0; size + 1 < low.size(); ++size) {
    EXPECT_FALSE(parse_store_key(BytesView(low).first(size)).ok());
  }
}

}  // namespace
}  // namespace tidemill::tables::embedded
