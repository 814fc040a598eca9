// SPDX-License-Identifier: Apache-2.0
// Writes, reads and the schema through the store's contract. Deletions: deletion_test.cc; pages:
// paging_test.cc.
#include "tables/embedded/store.h"

#include <gmock/gmock.h>

#include "tables/embedded/store_fixture.h"

namespace tidemill::tables::embedded {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(StoreTest, GivesBackRowsInClusteringOrder) {
  insert("a", 2, "two", 10);
  insert("a", -1, "minus one", 10);
  insert("a", 1, "one", 10);

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/-1/minus one", "a/1/one", "a/2/two"));
}

TEST_F(StoreTest, KeepsTheLatestWriteWhateverTheOrderOfArrival) {
  insert("a", 1, "new", 20);
  insert("a", 1, "old", 10);

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/new"));
}

TEST_F(StoreTest, EqualTimestampsKeepTheLargerValue) {
  insert("a", 1, "b", 10);
  insert("a", 1, "a", 10);
  insert("a", 1, "aa", 10);

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/b"));
}

TEST_F(StoreTest, AcknowledgedRowsAreThereAfterReopening) {
  insert("a", 1, "one", 10);
  reopen();
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/one"));
}

TEST_F(StoreTest, ARowMadeByUpdateGoesWithItsLastCell) {
  RowChange update = row(1, 10);
  update.cells = {set("v", text("x"))};
  apply(mutation("a", {update}));
  insert("a", 2, "y", 10);
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/x", "a/2/y"));

  for (const int ck : {1, 2}) {
    RowChange remove = row(ck, 20);
    remove.cells = {change(CellChange::Kind::DeleteCell, "v")};
    apply(mutation("a", {remove}));
  }

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/2/-"));
}

TEST_F(StoreTest, CellsExpireAtTheirSecond) {
  insert("a", 1, "x", 10, 60);
  turn_clock(std::chrono::seconds(59));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/x"));

  turn_clock(std::chrono::seconds(1));

  EXPECT_THAT(rows(all_of({"a"})), IsEmpty());
}

TEST_F(StoreTest, TellsWriteTimesAndExpiries) {
  insert("a", 1, "x", 10, 60);
  ReadRequest request = all_of({"a"});
  request.with_times = true;

  const auto page = must(store_->read(request));

  EXPECT_EQ(page.timestamp(0, 2), 10);
  EXPECT_EQ(page.expires_at(0, 2), clock_.wall_ms() / 1000 + 60);
  EXPECT_EQ(page.timestamp(0, 0), Page::kNoTime);
}

TEST_F(StoreTest, MapElementsMergeOneByOneAndComeInTheirTypesOrder) {
  RowChange first = row(1, 10);
  first.cells = {change(CellChange::Kind::SetElement, "m", number(5), text("five")),
                 change(CellChange::Kind::SetElement, "m", number(-5), text("minus"))};
  apply(mutation("a", {first}));
  RowChange second = row(1, 20);
  second.cells = {change(CellChange::Kind::SetElement, "m", number(1), text("one")),
                  change(CellChange::Kind::DeleteElement, "m", number(5))};
  apply(mutation("a", {second}));

  ReadRequest request = all_of({"a"});
  request.columns = {id("m")};
  EXPECT_THAT(rows(request), ElementsAre("-5:minus,1:one,"));

  RowChange replace = row(1, 30);
  replace.cells = {change(CellChange::Kind::ClearBefore, "m"),
                   change(CellChange::Kind::SetElement, "m", number(9), text("nine"))};
  apply(mutation("a", {replace}));
  EXPECT_THAT(rows(request), ElementsAre("9:nine,"));
}

TEST_F(StoreTest, ListPathsRiseAndPrependedOnesComeFirst) {
  const Bytes first = store_->list_path(false);
  const Bytes second = store_->list_path(false);
  const Bytes front = store_->list_path(true);
  const Bytes more_front = store_->list_path(true);

  EXPECT_LT(first, second);
  EXPECT_LT(front, first);
  EXPECT_LT(more_front, front);
}

TEST_F(StoreTest, StaticCellsAreSharedByTheRowsOfAPartition) {
  insert("a", 1, "x", 10);
  insert("a", 2, "y", 10);
  RowChange statics;
  statics.is_static = true;
  statics.timestamp = 10;
  statics.cells = {set("s", text("shared"))};
  apply(mutation("a", {statics}));
  apply(mutation("b", {statics}));

  ReadRequest request = all_of({"a", "b"});
  request.columns = {id("pk"), id("ck"), id("s")};
  EXPECT_THAT(rows(request), ElementsAre("a/1/shared", "a/2/shared", "b/-/shared"));

  request.partitions.clear();
  EXPECT_THAT(rows(request), UnorderedElementsAre("a/1/shared", "a/2/shared", "b/-/shared"));
  request.static_only_rows = false;
  EXPECT_THAT(rows(request), UnorderedElementsAre("a/1/shared", "a/2/shared"));
}

TEST_F(StoreTest, CountersAddUp) {
  Table draft;
  draft.keyspace = "ks";
  draft.name = "hits";
  draft.columns = {column("pk", "text", ColumnKind::PartitionKey), column("c", "counter")};
  const auto counters = must(store_->create_table(draft));
  for (const std::int64_t delta : {5, -2, 10}) {
    Mutation add;
    add.table = counters;
    add.partition_key = partition("a");
    RowChange change;
    change.timestamp = 10;
    CellChange cell;
    cell.kind = CellChange::Kind::AddToCounter;
    cell.column = counters->find("c")->id;
    cell.delta = delta;
    change.cells = {cell};
    add.rows = {change};
    apply(std::move(add));
  }
  must(store_->flush());

  ReadRequest request;
  request.table = counters;
  request.columns = {counters->find("c")->id};
  request.partitions = {partition("a")};
  const auto page = must(store_->read(request));
  ASSERT_EQ(page.rows(), 1U);
  EXPECT_EQ(wire::cql::decode_integer(*page.value(0, 0)), 13);
}

TEST_F(StoreTest, ManyMergesOfOneKeyFoldInMemoryAndAcrossFiles) {
  for (int i = 0; i < 100; ++i) {
    insert("a", 1, std::to_string(i), i);
    if (i % 30 == 29) must(store_->flush());
  }
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/99"));
  must(store_->compact(*table_));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/99"));
}

TEST_F(StoreTest, RefusesWhatCannotBeWritten) {
  RowChange late = row(1, std::numeric_limits<std::int64_t>::min());
  late.cells = {set("v", text("x"))};
  std::vector<Mutation> bad{mutation("a", {late})};
  EXPECT_THAT(store_->apply_and_wait(std::move(bad)).error().message,
              HasSubstr("Out of bound timestamp"));

  RowChange old = row(1, 10);
  old.ttl_seconds = 630720001;
  std::vector<Mutation> long_lived{mutation("a", {old})};
  EXPECT_THAT(store_->apply_and_wait(std::move(long_lived)).error().message,
              HasSubstr("ttl is too large. requested (630720001) maximum (630720000)"));
}

TEST_F(StoreTest, ReadModifyWriteSeesWhatItDecidesOn) {
  const auto insert_if_absent = [&](std::string_view v) {
    return store_->read_modify_write(*table_, partition("a"),
                                     [&]() -> Result<std::vector<Mutation>> {
                                       auto page = TRY(store_->read(all_of({"a"})));
                                       std::vector<Mutation> writes;
                                       if (page.rows() != 0) return writes;
                                       RowChange change = row(1, 10);
                                       change.marker = true;
                                       change.cells = {set("v", text(v))};
                                       writes.push_back(mutation("a", {std::move(change)}));
                                       return writes;
                                     });
  };
  must(insert_if_absent("first"));
  must(insert_if_absent("second"));
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/first"));
}

// --- schema ---

TEST_F(StoreTest, SchemaSurvivesReopeningWithItsVersion) {
  const Uuid version = store_->schema()->version;
  const std::string before = encode_table(*table_);
  reopen();
  EXPECT_EQ(store_->schema()->version, version);
  EXPECT_EQ(encode_table(*table_), before);
}

TEST_F(StoreTest, EachChangeGetsANewVersionAndIsToldToListeners) {
  std::vector<std::string> told;
  const auto number = store_->add_schema_listener(
      [&](const SchemaChange& change) { told.push_back(change.keyspace + "." + change.name); });
  const Uuid before = store_->schema()->version;
  TableAlteration add;
  add.add.push_back({"extra", *parse_type("int", {}), false});
  must(store_->alter_table("ks", "t", add));
  EXPECT_NE(store_->schema()->version, before);

  store_->remove_schema_listener(number);
  must(store_->drop_table("ks", "t"));
  EXPECT_THAT(told, ElementsAre("ks.t"));
}

TEST_F(StoreTest, ADroppedColumnsCellsStayGoneWhenItComesBack) {
  insert("a", 1, "x", 10);
  TableAlteration drop;
  drop.drop = {"v"};
  must(store_->alter_table("ks", "t", drop));
  TableAlteration add;
  add.add.push_back({"v", *parse_type("text", {}), false});
  table_ = must(store_->alter_table("ks", "t", add));

  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/-"));
}

TEST_F(StoreTest, TruncateRemovesRowsAlsoForHoldersOfTheOldTable) {
  insert("a", 1, "x", 10);
  must(store_->truncate("ks", "t"));
  EXPECT_THAT(rows(all_of({"a"})), IsEmpty());

  insert("a", 1, "y", 5);
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/y"));
  reopen();
  EXPECT_THAT(rows(all_of({"a"})), ElementsAre("a/1/y"));
}

TEST_F(StoreTest, ADroppedTableRefusesReadsAndWrites) {
  must(store_->drop_table("ks", "t"));
  std::vector<Mutation> late{mutation("a", {row(1, 10)})};
  EXPECT_EQ(store_->apply_and_wait(std::move(late)).error().code, ErrorCode::NotFound);
  EXPECT_EQ(store_->read(all_of({"a"})).error().code, ErrorCode::NotFound);
  EXPECT_EQ(store_->schema()->find_table("ks", "t"), nullptr);
}

TEST_F(StoreTest, AUserTypeInUseCannotBeDropped) {
  UserType type{CqlType::udt("ks", "address", {"street"}, {CqlType::of(TypeKind::Text)})};
  must(store_->create_type(type));
  TableAlteration add;
  add.add.push_back({"home", type.type.freeze(), false});
  must(store_->alter_table("ks", "t", add));
  EXPECT_THAT(store_->drop_type("ks", "address").error().message,
              HasSubstr("still used by tables t"));

  reopen();
  EXPECT_EQ(to_string(table_->find("home")->type), "frozen<address>");
}

TEST_F(StoreTest, KeepsTheServersOwnValues) {
  must(store_->put_local("host_id", text("h")));
  must(store_->put_local("prepared/1", text("p")));
  reopen();
  EXPECT_EQ(*must(store_->get_local("host_id")), text("h"));
  EXPECT_EQ(must(store_->list_local("prepared/")).size(), 1U);
  must(store_->remove_local("host_id"));
  EXPECT_FALSE(must(store_->get_local("host_id")).has_value());
}

TEST_F(StoreTest, ATypeDerivedFromAnOlderSchemaIsRefused) {
  const auto with_fields = [](std::vector<std::string> names) {
    std::vector<CqlType> types(names.size(), CqlType::of(TypeKind::Int));
    return UserType{CqlType::udt("ks", "ty", std::move(names), std::move(types))};
  };
  must(store_->create_type(with_fields({"a"})));
  const auto from = store_->schema();
  must(store_->alter_type(with_fields({"a", "b"}), *from));
  EXPECT_EQ(store_->alter_type(with_fields({"a", "c"}), *from).error().code, ErrorCode::Conflict);
  must(store_->alter_type(with_fields({"a", "b", "c"}), *store_->schema()));
}

}  // namespace
}  // namespace tidemill::tables::embedded
