// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "runtime/random.h"
#include "stream/state/changelog.h"
#include "stream/state/key.h"
#include "stream/state/key_table.h"
#include "stream/state/window_table.h"

namespace tidemill::stream {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// The changelog topic after compaction: the newest record of each key.
class Log {
 public:
  void append(const ChangelogBatch& batch) {
    for (const auto& record : batch.records()) {
      const std::string key(as_text(*record.key));
      latest_.erase(key);
      if (record.value) latest_[key] = {next_++, std::string(as_text(*record.value))};
    }
  }
  std::size_t size() const { return latest_.size(); }
  template <class Table>
  void replay(Table& table) const {
    std::map<std::size_t, std::string> in_order;
    for (const auto& [key, record] : latest_) in_order[record.first] = key;
    for (const auto& [place, key] : in_order) {
      const auto value = as_bytes(latest_.at(key).second);
      ASSERT_TRUE(table.apply(as_bytes(key).subspan(1), value.subspan(8)).ok());
    }
  }

 private:
  std::map<std::string, std::pair<std::size_t, std::string>> latest_;
  std::size_t next_ = 0;
};

void put(KeyTable& table, const std::string& key, std::int64_t value) {
  table.put(hash_key(as_bytes(key)), as_bytes(key), value);
}
std::optional<std::int64_t> find(const KeyTable& table, const std::string& key) {
  return table.find(hash_key(as_bytes(key)), as_bytes(key));
}

TEST(KeyTable, AgreesWithAMapThroughCommitsRollbacksAndRestores) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SeededRandom random(seed);
    KeyTable table;
    Log log;
    std::map<std::string, std::int64_t> committed;
    for (std::uint64_t epoch = 1; epoch <= 60; ++epoch) {
      auto now = committed;
      const auto changes = random.next() % 400;
      for (std::uint64_t i = 0; i < changes; ++i) {
        const auto key = fmt::format("key-{}", random.next() % 3000);
        const auto value = static_cast<std::int64_t>(random.next() % 1000);
        put(table, key, value);
        now[key] = value;
      }
      if (random.next() % 4 == 0) {
        table.rollback();
      } else {
        ChangelogBatch batch(epoch);
        table.write_changes(batch);
        log.append(batch);
        table.commit();
        committed = std::move(now);
      }
      if (epoch % 20 == 0) {
        const auto gone = table.forget_below(static_cast<std::int64_t>(epoch));
        EXPECT_EQ(gone, std::erase_if(committed, [&](const auto& entry) {
                    return entry.second < static_cast<std::int64_t>(epoch);
                  }));
      }
      ASSERT_EQ(table.size(), committed.size()) << "seed " << seed << " epoch " << epoch;
    }
    KeyTable replayed;
    log.replay(replayed);
    ByteWriter bytes;
    table.save(bytes);
    KeyTable loaded;
    ByteReader in(bytes.buffer());
    ASSERT_TRUE(loaded.load(in).ok());
    EXPECT_EQ(loaded.size(), committed.size());
    for (const auto& [key, value] : committed) {
      EXPECT_EQ(find(table, key), value);
      EXPECT_EQ(find(loaded, key), value);
      EXPECT_EQ(find(replayed, key), value);
    }
    EXPECT_EQ(find(table, "never"), std::nullopt);
  }
}

TEST(KeyTable, ManySmallEpochsDoNotPileUpRecords) {
  KeyTable table;
  Log log;
  for (std::uint64_t epoch = 1; epoch <= 1000; ++epoch) {
    ChangelogBatch batch(epoch);
    for (int i = 0; i < 20; ++i) put(table, fmt::format("{}-{}", epoch, i), 1);
    table.write_changes(batch);
    log.append(batch);
    table.commit();
  }
  EXPECT_LT(log.size(), 128U * 500);
  KeyTable replayed;
  log.replay(replayed);
  EXPECT_EQ(replayed.size(), 20'000U);
}

TEST(KeyTable, RewriteThatRolledBackComesAgain) {
  KeyTable table;
  Log log;
  put(table, "old", 1);
  put(table, "new", 9);
  ChangelogBatch first(1);
  table.write_changes(first);
  log.append(first);
  table.commit();
  EXPECT_EQ(table.forget_below(5), 1U);
  ChangelogBatch lost(2);
  table.write_changes(lost);
  table.rollback();
  ChangelogBatch second(2);
  table.write_changes(second);
  log.append(second);
  table.commit();
  KeyTable replayed;
  log.replay(replayed);
  EXPECT_EQ(find(replayed, "old"), std::nullopt);
  EXPECT_EQ(find(replayed, "new"), 9);
}

TEST(KeyTable, CutEntryIsCorrupt) {
  KeyTable table;
  const std::uint8_t key[9] = {0, 0, 0, 0, 0, 0, 0, 0, 1};
  const Bytes cut(11, 0);
  EXPECT_EQ(table.apply(key, cut).error().code, ErrorCode::Corrupt);
  const std::uint8_t far[9] = {200};
  EXPECT_EQ(table.apply(far, Bytes{}).error().code, ErrorCode::Corrupt);
}

TEST(StateKey, RoundTripsEveryTypeAndNull) {
  const std::vector<ColumnType> types = {ColumnType::Boolean, ColumnType::Integer,
                                         ColumnType::BigInt, ColumnType::Uuid, ColumnType::Varchar};
  auto from = ChunkBuffer::make(types);
  from->reset(2);
  from->set(0, 0, true);
  from->set(1, 0, std::int32_t{-7});
  from->set(2, 0, std::int64_t{1} << 40);
  from->set(3, 0, HugeInt{3, 4});
  from->set(4, 0, TextRef(from->arena().copy("a text beyond twelve bytes")));
  auto to = ChunkBuffer::make(types);
  to->reset(2);
  std::vector<Bytes> keys(2);
  for (std::size_t row = 0; row < 2; ++row) {
    append_key(from->chunk(2).columns(), row, keys[row]);
    ASSERT_TRUE(read_key(keys[row], *to, 0, types.size(), row).ok());
  }
  const Chunk chunk = to->chunk(2);
  EXPECT_TRUE(chunk.column(0).value<bool>(0));
  EXPECT_EQ(chunk.column(1).value<std::int32_t>(0), -7);
  EXPECT_EQ(chunk.column(2).value<std::int64_t>(0), std::int64_t{1} << 40);
  EXPECT_EQ(chunk.column(3).value<HugeInt>(0), (HugeInt{3, 4}));
  EXPECT_EQ(chunk.column(4).text(0), "a text beyond twelve bytes");
  for (std::size_t column = 0; column < types.size(); ++column) {
    EXPECT_TRUE(chunk.column(column).is_null(1));
  }
  for (std::size_t cut = 0; cut < keys[0].size(); ++cut) {
    EXPECT_FALSE(read_key(BytesView(keys[0]).first(cut), *to, 0, types.size(), 0).ok());
  }
}

TEST(EpochRecord, RoundTripsAndRefusesEveryTruncation) {
  EpochRecord record{.epoch = 7,
                     .run = 2,
                     .query_id = {},
                     .plan_hash = "abc",
                     .topic = "users",
                     .positions = {{0, 10, 99}, {1, 0, INT64_MIN}},
                     .watermark_us = 42,
                     .input_rows = 5,
                     .output_rows = 4,
                     .rejected_rows = 1,
                     .duplicate_rows = 0,
                     .late_rows = 0,
                     .rejected_by_rule = {{"json", 1}}};
  const Bytes bytes = encode(record);
  EXPECT_EQ(*decode_epoch(bytes), record);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(decode_epoch(BytesView(bytes).first(cut)).ok()) << cut;
  }
}

class WindowTableTest : public testing::Test {
 protected:
  static WindowAggregate plan() {
    WindowAggregate window;
    window.size = std::chrono::microseconds(100);
    window.keys = {{"gender", ColumnType::Varchar}};
    window.accumulators = {{{"n", ColumnType::BigInt}, Merge::Sum},
                           {{"low", ColumnType::Double}, Merge::Min},
                           {{"high", ColumnType::Varchar}, Merge::Max}};
    return window;
  }
  struct Row {
    std::int64_t start;
    const char* key;
    std::int64_t n;
    double low;
    const char* high;
  };
  void merge(const std::vector<Row>& rows, std::int64_t write_us = 0) {
    const std::vector<ColumnType> types = {ColumnType::Timestamp, ColumnType::Varchar,
                                           ColumnType::BigInt, ColumnType::Double,
                                           ColumnType::Varchar};
    auto buffer = ChunkBuffer::make(types);
    buffer->reset(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      buffer->set(0, i, rows[i].start);
      if (rows[i].key != nullptr) buffer->set(1, i, TextRef(std::string_view(rows[i].key)));
      buffer->set(2, i, rows[i].n);
      buffer->set(3, i, rows[i].low);
      if (rows[i].high != nullptr) buffer->set(4, i, TextRef(std::string_view(rows[i].high)));
    }
    ASSERT_TRUE(table_.merge(buffer->chunk(rows.size()), write_us).ok());
  }
  void commit() {
    ChangelogBatch batch(++epoch_);
    table_.write_changes(batch);
    log_.append(batch);
    table_.commit();
  }
  static std::vector<std::string> print(
      const WindowTable& table,
      const std::vector<std::pair<std::int64_t, const WindowGroup*>>& groups) {
    const Chunk chunk = *table.rows(groups);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      lines.push_back(fmt::format("{} {} {} {} {}", chunk.column(0).value<std::int64_t>(i),
                                  chunk.column(2).is_null(i) ? "null" : chunk.column(2).text(i),
                                  chunk.column(3).value<std::int64_t>(i),
                                  chunk.column(4).value<double>(i),
                                  chunk.column(5).is_null(i) ? "null" : chunk.column(5).text(i)));
    }
    return lines;
  }

  WindowTable table_{plan()};
  Log log_;
  std::uint64_t epoch_ = 0;
};

TEST_F(WindowTableTest, MergesByWindowAndKeyAndClosesWhatEnded) {
  merge({{0, "m", 2, 5, "a"}, {0, nullptr, 1, 7, nullptr}, {100, "m", 1, 1, "z"}});
  merge({{0, "m", 3, 4.5, "b"}});
  EXPECT_EQ(table_.size(), 3U);
  EXPECT_THAT(print(table_, table_.changed()),
              UnorderedElementsAre("0 m 5 4.5 b", "0 null 1 7 null", "100 m 1 1 z"));
  EXPECT_THAT(print(table_, table_.close_until(199)),
              UnorderedElementsAre("0 m 5 4.5 b", "0 null 1 7 null"));
  commit();
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_EQ(table_.oldest_end_us(), 200);
  EXPECT_EQ(log_.size(), 1U);
}

TEST_F(WindowTableTest, RollbackRestoresGroupsAndKeepsClosingWindows) {
  merge({{0, "m", 2, 5, "a"}});
  commit();
  merge({{0, "m", 9, 1, "z"}, {0, "f", 1, 1, "f"}, {100, "m", 1, 1, "x"}});
  table_.close_until(1000);
  table_.rollback();
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_THAT(print(table_, table_.close_until(100)), ElementsAre("0 m 2 5 a"));
}

TEST_F(WindowTableTest, ReplayAndSnapshotGiveTheSameGroups) {
  merge({{0, "m", 2, 5, "a"}, {100, "f", 1, 1, nullptr}});
  commit();
  merge({{100, "f", 1, 0.5, "b"}, {200, "x", 1, 1, "x"}});
  table_.close_until(100);
  commit();
  WindowTable replayed(plan());
  log_.replay(replayed);
  EXPECT_THAT(print(replayed, replayed.close_until(INT64_MAX)),
              ElementsAre("100 f 2 0.5 b", "200 x 1 1 x"));
  ByteWriter bytes;
  table_.save(bytes);
  WindowTable loaded(plan());
  ByteReader in(bytes.buffer());
  ASSERT_TRUE(loaded.load(in).ok());
  EXPECT_THAT(print(loaded, loaded.close_until(INT64_MAX)),
              ElementsAre("100 f 2 0.5 b", "200 x 1 1 x"));
}

TEST_F(WindowTableTest, WriteTimesOfAGroupGrow) {
  merge({{0, "m", 1, 1, "a"}}, 50);
  merge({{0, "m", 1, 1, "a"}}, 50);
  EXPECT_EQ(table_.changed()[0].second->last_write_us, 50);
  commit();
  merge({{0, "m", 1, 1, "a"}}, 50);
  EXPECT_EQ(table_.changed()[0].second->last_write_us, 51);
  commit();
  merge({{0, "m", 1, 1, "a"}}, 90);
  EXPECT_EQ(table_.changed()[0].second->last_write_us, 90);
}

TEST_F(WindowTableTest, SumThatOverflowsIsAnError) {
  merge({{0, "m", INT64_MAX, 1, "a"}});
  const std::vector<ColumnType> types = {ColumnType::Timestamp, ColumnType::Varchar,
                                         ColumnType::BigInt, ColumnType::Double,
                                         ColumnType::Varchar};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(1);
  buffer->set(0, 0, std::int64_t{0});
  buffer->set(1, 0, TextRef(std::string_view("m")));
  buffer->set(2, 0, std::int64_t{1});
  EXPECT_FALSE(table_.merge(buffer->chunk(1), 0).ok());
}

}  // namespace
}  // namespace tidemill::stream
