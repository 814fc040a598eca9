// SPDX-License-Identifier: Apache-2.0
#include "model/chunk.h"

#include <gmock/gmock.h>

namespace tidemill {
namespace {

TEST(TextRef, ShortTextIsInsideAndLongTextIsPointedTo) {
  const std::string twelve(12, 'x');
  const TextRef inside{std::string_view(twelve)};
  EXPECT_NE(inside.view().data(), twelve.data());
  EXPECT_EQ(inside.view(), twelve);
  const std::string thirteen(13, 'y');
  const TextRef outside{std::string_view(thirteen)};
  EXPECT_EQ(outside.view().data(), thirteen.data());
  EXPECT_EQ(std::string_view(outside.start, 4), "yyyy");
}

TEST(HugeInt, UuidRoundTripsThroughTheFlippedNumber) {
  const auto uuid = *parse_uuid("80000000-0000-0000-0000-000000000001");
  EXPECT_EQ(to_hugeint(uuid), (HugeInt{1, 0}));
  EXPECT_EQ(to_uuid(to_hugeint(uuid)), uuid);
}

TEST(ChunkBuffer, RowsAreNullUntilSet) {
  const std::vector<ColumnType> types = {ColumnType::BigInt, ColumnType::Varchar};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(70);
  buffer->set(0, 69, std::int64_t{7});
  const auto text = buffer->arena().copy("a text that is longer than twelve");
  buffer->set(1, 1, TextRef(text));
  const Chunk chunk = buffer->chunk(70);
  EXPECT_TRUE(chunk.column(0).is_null(0));
  EXPECT_FALSE(chunk.column(0).is_null(69));
  EXPECT_EQ(chunk.column(0).value<std::int64_t>(69), 7);
  EXPECT_EQ(chunk.column(1).text(1), "a text that is longer than twelve");
  EXPECT_EQ(buffer.use_count(), 2);
}

TEST(Chunk, SelectionNamesPlacesOfTheColumns) {
  const std::vector<ColumnType> types = {ColumnType::Integer};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(3);
  for (std::int32_t i = 0; i < 3; ++i) buffer->set(0, static_cast<std::size_t>(i), i * 10);
  const Chunk chosen = buffer->chunk(3).select({2, 0});
  ASSERT_EQ(chosen.rows(), 2U);
  EXPECT_EQ(chosen.column(0).value<std::int32_t>(chosen.at(0)), 20);
  EXPECT_EQ(chosen.column(0).value<std::int32_t>(chosen.at(1)), 0);
}

TEST(TextArena, AddressesStayWhileItGrows) {
  TextArena arena;
  const auto first = arena.copy("first");
  for (int i = 0; i < 100; ++i) arena.copy(std::string(10'000, 'z'));
  EXPECT_EQ(first, "first");
}

TEST(TextArena, ResetLetsGiantBlocksGo) {
  TextArena arena;
  arena.copy("small");
  arena.copy(std::string(5'000'000, 'z'));
  EXPECT_GT(arena.capacity(), 5'000'000U);
  arena.reset();
  EXPECT_LT(arena.capacity(), 1'000'000U);
}

}  // namespace
}  // namespace tidemill
