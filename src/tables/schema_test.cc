// SPDX-License-Identifier: Apache-2.0
#include "tables/schema.h"

#include <gmock/gmock.h>

namespace tidemill::tables {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Column column(std::string name, TypeKind type, ColumnKind kind = ColumnKind::Regular) {
  Column out;
  out.name = std::move(name);
  out.type = CqlType::of(type);
  out.kind = kind;
  return out;
}

Table draft() {
  Table table;
  table.keyspace = "ks";
  table.name = "t";
  table.columns = {column("z", TypeKind::Int),
                   column("pk", TypeKind::Text, ColumnKind::PartitionKey),
                   column("ck", TypeKind::Int, ColumnKind::Clustering), column("a", TypeKind::Text),
                   column("s", TypeKind::Int, ColumnKind::Static)};
  return table;
}

std::vector<std::string> names(const Table& table) {
  std::vector<std::string> out;
  for (const auto& each : table.columns) out.push_back(each.name);
  return out;
}

TEST(FinishTable, OrdersColumnsAndNumbersThem) {
  const auto table = finish_table(draft());

  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(names(*table), ElementsAre("pk", "ck", "s", "a", "z"));
  EXPECT_EQ(table->partition_columns, 1U);
  EXPECT_EQ(table->clustering_columns, 1U);
  EXPECT_EQ(table->find("ck")->position, 0);
  EXPECT_EQ(table->find("a")->position, -1);
}

TEST(FinishTable, ReadsTheOptionsTheStoreObeys) {
  Table table = draft();
  table.options.scalars["default_time_to_live"] = "600";
  table.options.scalars["gc_grace_seconds"] = "10";
  const auto finished = finish_table(table);
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->default_time_to_live, 600);
  EXPECT_EQ(finished->gc_grace_seconds, 10);

  table.options.scalars["default_time_to_live"] = "630720001";
  EXPECT_THAT(finish_table(table).error().message, HasSubstr("630720000 (got 630720001)"));
}

TEST(FinishTable, RefusesWhatNoTableMayBe) {
  Table counters = draft();
  counters.columns.push_back(column("c", TypeKind::Counter));
  EXPECT_THAT(finish_table(counters).error().message, HasSubstr("Cannot mix counter"));

  Table keyless = draft();
  std::erase_if(keyless.columns,
                [](const Column& c) { return c.kind == ColumnKind::PartitionKey; });
  EXPECT_THAT(finish_table(keyless).error().message, HasSubstr("No PRIMARY KEY"));

  Table twice = draft();
  twice.columns.push_back(column("a", TypeKind::Int));
  EXPECT_THAT(finish_table(twice).error().message, HasSubstr("Duplicate column 'a'"));

  Table statics = draft();
  std::erase_if(statics.columns, [](const Column& c) { return c.kind == ColumnKind::Clustering; });
  EXPECT_THAT(finish_table(statics).error().message, HasSubstr("Static columns are only useful"));

  Table collection_key = draft();
  collection_key.columns[1].type = CqlType::list(CqlType::of(TypeKind::Int));
  EXPECT_THAT(finish_table(collection_key).error().message,
              HasSubstr("Invalid non-frozen collection type"));
}

TEST(Altered, NeverGivesOutAnIdTwice) {
  const Table table = *finish_table(draft());
  const ColumnId old_id = table.find("a")->id;

  TableAlteration drop;
  drop.drop = {"a"};
  const auto without = altered(table, drop, 77);
  ASSERT_TRUE(without.ok());
  TableAlteration add;
  add.add.push_back({"a", CqlType::of(TypeKind::Text), false});
  const auto again = altered(*without, add, 78);
  ASSERT_TRUE(again.ok());

  EXPECT_GT(again->find("a")->id, old_id);
  EXPECT_EQ(again->find("z")->id, table.find("z")->id);
  ASSERT_EQ(again->dropped.size(), 1U);
  EXPECT_EQ(again->dropped[0].dropped_us, 77);
  EXPECT_EQ(again->version, table.version + 2);
}

TEST(Altered, RefusesTouchingThePrimaryKeyOtherThanByRename) {
  const Table table = *finish_table(draft());
  TableAlteration drop;
  drop.drop = {"pk"};
  EXPECT_THAT(altered(table, drop, 0).error().message,
              HasSubstr("Cannot drop PRIMARY KEY column pk"));

  TableAlteration rename;
  rename.rename = {{"ck", "renamed"}};
  const auto renamed = altered(table, rename, 0);
  ASSERT_TRUE(renamed.ok());
  EXPECT_EQ(renamed->find("renamed")->id, table.find("ck")->id);

  rename.rename = {{"a", "b"}};
  EXPECT_FALSE(altered(table, rename, 0).ok());
}

TEST(Catalogue, RecordsComeBackAsTheyWere) {
  Table original = draft();
  original.columns[2].descending = true;
  original.options.scalars["comment"] = "it's \"here\"";
  original.options.maps["compaction"]["class"] = "SizeTieredCompactionStrategy";
  Table table = *finish_table(original);
  table.incarnation = 9;
  table.id.bytes[0] = 0xAB;

  const auto back = decode_table(encode_table(table), {});

  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(encode_table(*back), encode_table(table));
  EXPECT_TRUE(back->find("ck")->descending);
  EXPECT_EQ(back->options, table.options);
}

TEST(Catalogue, DamagedRecordsGiveAnError) {
  const std::string whole = encode_table(*finish_table(draft()));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_FALSE(decode_table(std::string_view(whole).substr(0, size), {}).ok());
  }
  EXPECT_THAT(decode_table(R"({"v":2})", {}).error().message, HasSubstr("version 2"));
}

}  // namespace
}  // namespace tidemill::tables
