// SPDX-License-Identifier: Apache-2.0
// Cassandra's rules for cells, markers and deletions, and the property RocksDB needs of a merge: in
// whatever order and grouping operands meet, the row is the same.
#include "tables/embedded/row.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "runtime/clock.h"
#include "tables/embedded/header.h"
#include "tables/embedded/keys.h"
#include "tables/embedded/rules.h"

namespace tidemill::tables::embedded {
namespace {

using testing::HasSubstr;

CellView live(ColumnId column, std::int64_t timestamp, std::string_view value) {
  CellView cell;
  cell.column = column;
  cell.timestamp = timestamp;
  cell.value = as_bytes(value);
  return cell;
}
CellView expiring(ColumnId column, std::int64_t timestamp, std::string_view value,
                  std::uint32_t ttl, std::uint32_t expires) {
  CellView cell = live(column, timestamp, value);
  cell.ttl = ttl;
  cell.expires = expires;
  return cell;
}
CellView tombstone(ColumnId column, std::int64_t timestamp, std::uint32_t local) {
  CellView cell;
  cell.column = column;
  cell.kind = CellKind::Tombstone;
  cell.timestamp = timestamp;
  cell.local_seconds = local;
  return cell;
}

std::string winner(CellView a, const CellView& b) {
  CellView other = b;
  CellView first = a;
  reconcile(a, b);
  reconcile(other, first);
  RowParts one;
  one.cells = {a};
  RowParts two;
  two.cells = {other};
  EXPECT_EQ(to_text(one), to_text(two)) << "depends on the order of arrival";
  return to_text(one);
}

TEST(Reconcile, TheHigherTimestampWins) {
  EXPECT_THAT(winner(live(1, 10, "z"), live(1, 11, "a")), HasSubstr("@11"));
  EXPECT_THAT(winner(tombstone(1, 10, 99), live(1, 11, "a")), HasSubstr("@11"));
}

TEST(Reconcile, AtEqualTimestampsTombstonesBeatExpiringCellsWhichBeatPlainOnes) {
  EXPECT_THAT(winner(live(1, 10, "z"), expiring(1, 10, "a", 5, 50)), HasSubstr("/5/50"));
  EXPECT_THAT(winner(expiring(1, 10, "a", 5, 50), tombstone(1, 10, 1)), HasSubstr("tombstone"));
  EXPECT_THAT(winner(live(1, 10, "z"), tombstone(1, 10, 1)), HasSubstr("tombstone"));
}

TEST(Reconcile, AmongEqualKindsTheLaterDeletionTimeThenTheLargerValueWins) {
  EXPECT_THAT(winner(expiring(1, 10, "z", 5, 50), expiring(1, 10, "a", 5, 60)), HasSubstr("/5/60"));
  EXPECT_THAT(winner(tombstone(1, 10, 7), tombstone(1, 10, 8)), HasSubstr("tombstone/8"));
  EXPECT_THAT(winner(live(1, 10, "a"), live(1, 10, "b")), HasSubstr("=62"));
  EXPECT_THAT(winner(live(1, 10, "a"), live(1, 10, "aa")), HasSubstr("=6161"));
}

TEST(Reconcile, ADeletedCounterStaysDeleted) {
  CellView count;
  count.column = 1;
  count.kind = CellKind::Counter;
  count.timestamp = 20;
  count.total = 5;
  CellView deleted = tombstone(1, 10, 1);
  deleted.kind = CellKind::DeletedCounter;
  EXPECT_THAT(winner(count, deleted), HasSubstr("tombstone"));
}

TEST(Settle, ADeletionCoversItsOwnTimestamp) {
  RowParts row;
  row.head.deletion = {10, 1};
  row.head.marker = {10, 0, 0};
  row.cells = {live(1, 10, "a"), live(2, 11, "b")};
  settle(row);
  EXPECT_EQ(to_text(row), "deleted@10/1 2=62@11 ");
}

TEST(RowBytes, ComeBackAsWritten) {
  RowParts row;
  row.head.marker = {1000, 60, 5000};
  row.head.deletion = {900, 4000};
  CellView cleared;
  cleared.column = 3;
  cleared.kind = CellKind::ColumnDeletion;
  cleared.timestamp = 950;
  cleared.local_seconds = 4100;
  CellView element = live(3, 1000, "v");
  element.path = as_bytes("key");
  row.cells = {expiring(1, 1000, "a", 60, 5000), tombstone(2, 1001, 4200), cleared, element,
               expiring(4, std::numeric_limits<std::int64_t>::max(), "far", 1, 9)};
  std::string bytes;
  encode_row(row, bytes);

  RowParts back;
  ASSERT_TRUE(add_row(as_bytes(bytes), back));

  EXPECT_EQ(to_text(back), to_text(row));
  for (std::size_t size = 0; size < 10; ++size) {
    RowParts cut;
    EXPECT_FALSE(add_row(as_bytes(bytes).first(size), cut)) << size;
  }
}

TEST(RowBytes, ThePlainRowOfTheBulkPathIsTheOneOfTheSlowPath) {
  RowParts row;
  row.head.marker = {1000, 60, 5000};
  row.cells = {expiring(1, 1000, "a", 60, 5000), expiring(200, 1000, "b", 60, 5000)};
  std::string slow;
  encode_row(row, slow);
  Bytes fast;
  begin_plain_row(1000, 60, 5000, fast);
  append_plain_cell(1, true, as_bytes("a"), fast);
  append_plain_cell(200, true, as_bytes("b"), fast);
  EXPECT_EQ(to_hex(fast), to_hex(as_bytes(slow)));
}

// --- the property ---

// Small numbers, so that equal timestamps, columns and bounds are frequent.
class Operands {
 public:
  explicit Operands(std::uint32_t seed) : random_(seed) {}

  std::string row() {
    RowParts row;
    fill(row);
    settle(row);
    std::string bytes;
    encode_row(row, bytes);
    return bytes;
  }
  std::string header() {
    HeaderParts header;
    if (pick(4) == 0) header.deletion = deletion();
    if (pick(3) == 0) fill(header.static_row);
    for (auto i = pick(4); i > 0; --i) {
      static constexpr std::string_view kKeys[] = {"", "b", "bb", "c", "d", "\xFF"};
      const auto from = pick(5);
      const auto to = from + 1 + pick(5 - from);
      header.ranges.push_back({as_bytes(kKeys[from]), as_bytes(kKeys[to]), deletion()});
    }
    settle(header);
    std::string bytes;
    encode_header(header, bytes);
    return bytes;
  }
  std::size_t pick(std::size_t below) { return random_() % below; }
  std::mt19937& random() { return random_; }

 private:
  Deletion deletion() {
    return {static_cast<std::int64_t>(pick(6)), static_cast<std::int64_t>(pick(3))};
  }
  void fill(RowParts& row) {
    if (pick(2) == 0) {
      row.head.marker.timestamp = static_cast<std::int64_t>(pick(6));
      if (pick(2) == 0) {
        row.head.marker.ttl = static_cast<std::uint32_t>(1 + pick(2));
        row.head.marker.expires = static_cast<std::uint32_t>(10 + pick(3));
      }
    }
    if (pick(5) == 0) row.head.deletion = deletion();
    for (auto i = pick(5); i > 0; --i) {
      static constexpr std::string_view kValues[] = {"", "a", "b", "ab"};
      CellView cell = live(static_cast<ColumnId>(1 + pick(4)), static_cast<std::int64_t>(pick(6)),
                           kValues[pick(4)]);
      if (cell.column == 4) {  // the counter
        cell.kind = pick(6) == 0 ? CellKind::DeletedCounter : CellKind::Counter;
        cell.value = {};
        cell.total = static_cast<std::int64_t>(pick(5)) - 2;
        if (cell.kind == CellKind::DeletedCounter) cell.total = 0;
      } else if (cell.column == 3) {  // the collection
        cell.path = as_bytes(kValues[1 + pick(3)]);
        if (pick(4) == 0) {
          cell.kind = CellKind::ColumnDeletion;
          cell.path = {};
          cell.value = {};
          cell.local_seconds = static_cast<std::uint32_t>(pick(3));
        }
      }
      if (cell.kind == CellKind::Live && pick(3) == 0) {
        cell.ttl = static_cast<std::uint32_t>(1 + pick(2));
        cell.expires = static_cast<std::uint32_t>(10 + pick(3));
      } else if (cell.kind == CellKind::Live && pick(4) == 0) {
        cell.kind = CellKind::Tombstone;
        cell.value = {};
        cell.local_seconds = static_cast<std::uint32_t>(pick(3));
      }
      row.cells.push_back(cell);
    }
  }
  std::mt19937 random_;
};

std::string merge(const RowRules& rules, std::span<const std::string> operands) {
  std::vector<std::string_view> views(operands.begin(), operands.end());
  std::string out;
  EXPECT_TRUE(rules.merge(views, out));
  return out;
}

// Merges neighbours of a shuffled sequence in random groups until one is left.
std::string merge_somehow(const RowRules& rules, std::vector<std::string> operands,
                          Operands& source) {
  std::ranges::shuffle(operands, source.random());
  while (operands.size() > 1) {
    const std::size_t at = source.pick(operands.size() - 1);
    const std::size_t count = 2 + source.pick(operands.size() - at - 1);
    const std::span<const std::string> group(operands.data() + at, count);
    operands[at] = merge(rules, group);
    operands.erase(operands.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                   operands.begin() + static_cast<std::ptrdiff_t>(at + count));
  }
  return operands[0];
}

class MergeProperty : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MergeProperty, OrderAndGroupingOfOperandsDoNotMatter) {
  ManualClock clock;
  const RowRules rules(clock, 0);
  Operands source(GetParam());
  for (int round = 0; round < 300; ++round) {
    for (const bool is_header : {false, true}) {
      std::vector<std::string> operands;
      for (auto i = 2 + source.pick(6); i > 0; --i) {
        operands.push_back(is_header ? source.header() : source.row());
      }
      const std::string expected = to_hex(as_bytes(merge(rules, operands)));
      for (int shuffle = 0; shuffle < 4; ++shuffle) {
        ASSERT_EQ(to_hex(as_bytes(merge_somehow(rules, operands, source))), expected)
            << "seed " << GetParam() << " round " << round << (is_header ? " header" : " row");
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MergeProperty, testing::Range(1U, 9U));

TEST(Header, RangesBecomeDisjointAndTheLatestDeletionStays) {
  HeaderParts header;
  header.ranges = {{as_bytes("a"), as_bytes("m"), {10, 1}},
                   {as_bytes("f"), as_bytes("z"), {20, 2}},
                   {as_bytes("b"), as_bytes("c"), {5, 9}}};
  settle(header);
  EXPECT_EQ(to_text(header), "[61, 66) deleted@10/1 [66, 7a) deleted@20/2 ");
  EXPECT_EQ(header.deletion_at(as_bytes("b")).timestamp, 10);
  EXPECT_EQ(header.deletion_at(as_bytes("f")).timestamp, 20);
  EXPECT_TRUE(header.deletion_at(as_bytes("z")).is_none());
  EXPECT_TRUE(header.deletion_at(as_bytes("A")).is_none());
}

TEST(Header, DamagedBytesAreRefusedAtEveryLength) {
  Operands source(3);
  const std::string whole = source.header();
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    HeaderParts header;
    add_header(as_bytes(whole).first(size), header);  // must not crash
  }
  HeaderParts header;
  EXPECT_FALSE(add_header(as_bytes("\x02"), header));
  EXPECT_FALSE(add_header(as_bytes("\x07\x07"), header));
}

// --- ageing ---

TEST(AgeRow, ExpiredCellsBecomeTombstonesAndGoAfterGrace) {
  RowParts row;
  row.cells = {expiring(1, 10, "a", 60, 1060), live(2, 10, "b")};
  Aged aged = age_row(row, 1059, 0);
  EXPECT_FALSE(aged.changed);

  aged = age_row(row, 1060, 0);
  EXPECT_TRUE(aged.changed);
  EXPECT_EQ(to_text(row), "1 tombstone/1000@10 2=62@10 ");

  age_row(row, 2000, 1001);
  EXPECT_EQ(to_text(row), "2=62@10 ");
}

TEST(RowRules, OperandsLoseNothingButThoseOfDeadTables) {
  ManualClock clock;
  RowRules rules(clock, 0);
  RowParts row;
  row.cells = {tombstone(1, 10, 1)};
  std::string value;
  encode_row(row, value);
  Bytes key;
  append_partition_prefix(7, 1, as_bytes("k"), key);
  key.push_back(static_cast<std::uint8_t>(KeyKind::Row));
  using store::rocks::Verdict;
  const auto look = [&](bool complete) {
    std::string changed;
    return rules.begin_compaction()->look(as_text(key), value, complete, changed);
  };

  EXPECT_EQ(look(false), Verdict::Keep) << "knows nothing yet";
  rules.learn({{7, 0}});
  EXPECT_EQ(look(false), Verdict::Keep) << "an operand";
  EXPECT_EQ(look(true), Verdict::Remove) << "purged";
  rules.learn({{8, 0}});
  EXPECT_EQ(look(false), Verdict::Remove) << "dropped table";
}

}  // namespace
}  // namespace tidemill::tables::embedded
