// SPDX-License-Identifier: Apache-2.0
// docs/dev/formats/rows.md says the truth: its examples are the bytes this program writes.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "tables/embedded/encode.h"
#include "tables/embedded/header.h"
#include "tables/embedded/rules.h"
#include "tables/embedded/store_fixture.h"

namespace tidemill::tables::embedded {
namespace {

// The bytes of a fenced block: the first column of each line; two spaces start the explanation.
std::string example(std::string_view name) {
  std::ifstream file(TIDEMILL_SOURCE_DIR "/docs/dev/formats/rows.md");
  const std::string fence = "```" + std::string(name);
  std::string hex;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == fence) {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      for (const char c : line.substr(0, line.find("  "))) {
        if (c != ' ') hex += c;
      }
    }
  }
  return hex;
}

class FormatsTest : public testing::Test {
 protected:
  static constexpr std::int64_t kNow = 1700000000;

  FormatsTest() {
    Table draft;
    draft.keyspace = "ks";
    draft.name = "t";
    draft.columns = {column("pk", "text", ColumnKind::PartitionKey),
                     column("ck", "int", ColumnKind::Clustering), column("v", "text"),
                     column("n", "int")};
    draft.columns[1].descending = true;
    draft.incarnation = 1;
    table_ = std::make_shared<const Table>(*finish_table(std::move(draft)));
  }

  Bytes clustering(std::int32_t ck) const {
    const Bytes value = wire::cql::encode_be(ck);
    const BytesView values[] = {value};
    return *encode_clustering(*table_, values);
  }
  Mutation mutation(std::vector<RowChange> rows) const {
    Mutation out;
    out.table = table_;
    out.partition_key = wire::cql::encode_text("a");
    out.rows = std::move(rows);
    return out;
  }
  void write(const Mutation& mutation) {
    EncodedWrites writes;
    ASSERT_TRUE(encode_mutation(mutation, kNow, writes).ok());
    writes.for_each([&](BytesView key, BytesView operand) {
      key_ = to_hex(key);
      operands_.emplace_back(as_text(operand));
    });
  }
  std::string folded() {
    ManualClock clock;
    const RowRules rules(clock, 0);
    const std::vector<std::string_view> views(operands_.begin(), operands_.end());
    std::string out;
    EXPECT_TRUE(rules.merge(views, out));
    return to_hex(as_bytes(out));
  }

  std::shared_ptr<const Table> table_;
  std::string key_;
  std::vector<std::string> operands_;
};

TEST_F(FormatsTest, TheRowInTheDocumentIsTheRowWritten) {
  RowChange insert;
  insert.clustering = clustering(1);
  insert.timestamp = kNow * 1000000;
  insert.ttl_seconds = 60;
  insert.marker = true;
  CellChange value;
  value.column = table_->find("v")->id;
  value.value = wire::cql::encode_text("one");
  insert.cells = {value};
  write(mutation({insert}));

  RowChange remove;
  remove.clustering = clustering(1);
  remove.timestamp = kNow * 1000000 + 1;
  CellChange tombstone;
  tombstone.kind = CellChange::Kind::DeleteCell;
  tombstone.column = table_->find("n")->id;
  remove.cells = {tombstone};
  write(mutation({remove}));

  EXPECT_EQ(key_, example("key"));
  EXPECT_EQ(folded(), example("row"));
}

TEST_F(FormatsTest, TheHeaderInTheDocumentIsTheHeaderWritten) {
  const Bytes five = wire::cql::encode_be(std::int32_t{5});
  const auto ranges =
      clustering_ranges(*table_, {}, ClusteringBound{{BytesView(five)}, false}, std::nullopt);
  Mutation remove = mutation({});
  for (const auto& range : *ranges) remove.ranges.push_back({range, kNow * 1000000 + 2});
  write(remove);

  EXPECT_EQ(folded(), example("header"));
}

}  // namespace
}  // namespace tidemill::tables::embedded
