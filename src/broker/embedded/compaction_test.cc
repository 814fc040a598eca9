// SPDX-License-Identifier: Apache-2.0
// Compaction of topics with cleanup.policy=compact, on a disk that loses power and with a clock
// turned by hand.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "broker/embedded/key_offsets.h"
#include "broker/embedded/test_broker.h"

namespace tidemill::broker::embedded {
namespace {

using testing::ElementsAre;
using wire::kafka::BatchBuilder;
using wire::kafka::Compression;

using Configs = std::map<std::string, std::string>;

class CompactionTest : public EmbeddedTest {
 protected:
  // Every batch fills a segment; anything dirty is enough.
  void make_compacted(Configs more = {}) {
    Configs configs{{"cleanup.policy", "compact"},
                    {"segment.bytes", "100"},
                    {"min.cleanable.dirty.ratio", "0"}};
    for (auto& [name, value] : more) configs[name] = value;
    make_topic("users", 1, configs);
  }
  struct Entry {
    std::string_view key;
    std::optional<std::string_view> value;
  };
  Bytes keyed(const std::vector<Entry>& entries, Compression codec = Compression::None,
              BatchBuilder::Producer producer = {}) {
    BatchBuilder builder(clock_.wall_ms(), producer);
    for (const Entry& entry : entries) {
      NewRecord record;
      record.key = as_bytes(entry.key);
      if (entry.value) record.value = as_bytes(*entry.value);
      builder.add(record);
    }
    return *builder.finish(codec);
  }
  void put(const std::vector<Entry>& entries, Compression codec = Compression::None) {
    const auto appended = append("users", keyed(entries, codec));
    ASSERT_TRUE(appended.ok()) << appended.error().message;
  }
  void put(std::string_view key, std::string_view value) { put({{key, value}}); }
  void remove(std::string_view key) { put({{key, std::nullopt}}); }
  // A pass over everything but the batch appended last; the restart seals what is full.
  void compact() {
    restart();
    broker_->run_housekeeping();
  }
  // "offset key=value" of every record, "offset key" of tombstones.
  std::vector<std::string> records(Isolation isolation = Isolation::ReadCommitted) {
    std::vector<std::string> found;
    FetchPosition position{{"users", 0}, partition("users")->offsets().log_start_offset};
    while (true) {
      const auto chunks =
          broker_->fetch(std::span(&position, 1), {.max_bytes = 100, .isolation = isolation});
      EXPECT_TRUE(chunks.ok()) << chunks.error().message;
      if (!chunks.ok() || chunks->empty()) return found;
      for (const RecordView& one : chunks->front().records) {
        std::string text = std::to_string(one.offset) + " " + std::string(as_text(one.key));
        if (one.has_value()) text += "=" + std::string(as_text(one.value));
        found.push_back(std::move(text));
      }
      EXPECT_GT(chunks->front().next_offset, position.offset);
      position.offset = chunks->front().next_offset;
    }
  }
  std::vector<std::string> files() { return *disk_.list("data/logs/users-0"); }
};

TEST_F(CompactionTest, KeepsTheNewestRecordOfEachKeyAtItsOffset) {
  make_compacted();
  put("a", "1");
  put("b", "1");
  put("a", "2");
  put("c", "1");
  put("a", "3");
  put("z", "end");
  compact();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "3 c=1", "4 a=3", "5 z=end"));
  EXPECT_EQ(partition("users")->offsets().log_start_offset, 0);
  EXPECT_EQ(partition("users")->offsets().high_watermark, 6);
  restart();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "3 c=1", "4 a=3", "5 z=end"));
}

TEST_F(CompactionTest, LeavesTheSegmentThatIsAppendedToAlone) {
  make_compacted({{"segment.bytes", "1000000"}});
  put("a", "1");
  put("a", "2");
  compact();
  EXPECT_THAT(records(), ElementsAre("0 a=1", "1 a=2"));
}

TEST_F(CompactionTest, TakesRecordsOutOfABatchAndKeepsCodecTimeAndChecksum) {
  make_compacted();
  const std::int64_t before = clock_.wall_ms();
  put({{"a", "1"}, {"b", "1"}, {"a", "2"}, {"c", "1"}}, Compression::Lz4);
  clock_.advance(std::chrono::seconds{5});
  put("b", "2");
  put("z", "end");
  compact();
  EXPECT_THAT(records(), ElementsAre("2 a=2", "3 c=1", "4 b=2", "5 z=end"));
  const auto read = partition("users")->read(0, 1, Isolation::ReadUncommitted);
  ASSERT_TRUE(read.ok()) << read.error().message;
  BytesView rest = read->batches;
  const auto batch = *wire::kafka::next_batch(rest);
  EXPECT_TRUE(wire::kafka::check_batch_crc(*batch).ok());
  EXPECT_EQ(batch->header.base_offset, 0);
  EXPECT_EQ(batch->header.last_offset_delta, 3);
  EXPECT_EQ(batch->header.record_count, 2);
  EXPECT_EQ(batch->header.max_timestamp, before);
  EXPECT_EQ(*wire::kafka::compression_of(batch->header.attributes), Compression::Lz4);
}

TEST_F(CompactionTest, FindsRecordsByTimeAcrossGaps) {
  make_compacted();
  for (const char* value : {"1", "2", "3"}) {
    put("a", value);
    clock_.advance(std::chrono::seconds{10});
  }
  const std::int64_t third = clock_.wall_ms() - 10'000;
  put("z", "end");
  compact();
  EXPECT_THAT(records(), ElementsAre("2 a=3", "3 z=end"));
  EXPECT_EQ(partition("users")->find_timestamp(0, Isolation::ReadCommitted)->offset, 2);
  EXPECT_EQ(partition("users")->find_timestamp(third, Isolation::ReadCommitted)->offset, 2);
  EXPECT_EQ(partition("users")->find_timestamp(third + 1, Isolation::ReadCommitted)->offset, 3);
  EXPECT_EQ(partition("users")->find_max_timestamp()->offset, 3);
}

TEST_F(CompactionTest, ATombstoneHidesOlderRecordsAndGoesAfterDeleteRetention) {
  make_compacted({{"delete.retention.ms", "60000"}});
  put("a", "1");
  put("b", "1");
  remove("a");
  put("z", "1");
  compact();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "2 a", "3 z=1"));
  clock_.advance(std::chrono::seconds{59});
  put("z", "2");
  compact();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "2 a", "3 z=1", "4 z=2"));
  clock_.advance(std::chrono::seconds{2});
  put("z", "3");
  compact();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "4 z=2", "5 z=3"));
}

TEST_F(CompactionTest, ATombstoneOfDeleteRetentionForEverStays) {
  make_compacted({{"delete.retention.ms", "9223372036854775807"}});
  remove("a");
  put("z", "1");
  compact();
  clock_.advance(std::chrono::hours{24 * 365});
  put("z", "2");
  compact();
  EXPECT_THAT(records(), ElementsAre("0 a", "1 z=1", "2 z=2"));
}

TEST_F(CompactionTest, WaitsUntilEnoughIsDirty) {
  make_compacted({{"min.cleanable.dirty.ratio", "0.5"}});
  for (const char* key : {"a", "b", "c", "d"}) put(key, "1");
  put("z", "1");
  compact();
  put("a", "2");  // one of five segments
  put("z", "2");
  compact();
  EXPECT_THAT(records(),
              ElementsAre("0 a=1", "1 b=1", "2 c=1", "3 d=1", "4 z=1", "5 a=2", "6 z=2"));
  for (int i = 0; i < 4; ++i) put("a", "3");
  compact();
  EXPECT_THAT(records(), ElementsAre("1 b=1", "2 c=1", "3 d=1", "6 z=2", "9 a=3", "10 a=3"));
}

TEST_F(CompactionTest, MaxCompactionLagIsStrongerThanTheRatio) {
  make_compacted({{"min.cleanable.dirty.ratio", "1"}, {"max.compaction.lag.ms", "60000"}});
  put("a", "1");
  put("a", "2");
  put("z", "1");
  compact();
  EXPECT_THAT(records(), ElementsAre("0 a=1", "1 a=2", "2 z=1"));
  clock_.advance(std::chrono::seconds{61});
  compact();
  EXPECT_THAT(records(), ElementsAre("1 a=2", "2 z=1"));
}

TEST_F(CompactionTest, MinCompactionLagKeepsWhatIsYoung) {
  make_compacted({{"min.compaction.lag.ms", "60000"}});
  put("a", "1");
  put("a", "2");
  clock_.advance(std::chrono::seconds{59});
  put("a", "3");
  put("z", "1");
  compact();
  EXPECT_THAT(records(), ElementsAre("0 a=1", "1 a=2", "2 a=3", "3 z=1"));
  clock_.advance(std::chrono::seconds{2});
  compact();
  EXPECT_THAT(records(), ElementsAre("1 a=2", "2 a=3", "3 z=1"));
}

TEST_F(CompactionTest, RefusesAMinimalLagAboveTheMaximalOne) {
  const auto made = broker_->create_topic(
      {"users", 1, {{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "5"}}});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(kafka_error_of(made.error()), KafkaError::InvalidConfig);
}

TEST_F(CompactionTest, WithBothPoliciesOldSegmentsAlsoGo) {
  make_compacted({{"cleanup.policy", "compact,delete"}, {"retention.ms", "60000"}});
  put("a", "1");
  put("b", "1");
  clock_.advance(std::chrono::seconds{61});
  put("c", "1");
  put("z", "1");
  compact();
  EXPECT_THAT(records(), ElementsAre("2 c=1", "3 z=1"));
  EXPECT_EQ(partition("users")->offsets().log_start_offset, 2);
}

TEST_F(CompactionTest, JoinsSmallSegmentsAndRemovesTheirFiles) {
  make_compacted({{"segment.bytes", "10000"}});
  const std::string value(3000, 'x');
  for (int i = 0; i < 40; ++i) put("a", value);
  compact();
  const auto logs = [this] {
    const auto names = files();
    return std::ranges::count_if(names, [](const auto& name) { return name.ends_with(".log"); });
  };
  EXPECT_EQ(logs(), 2);
  EXPECT_LT(partition("users")->bytes_on_disk(), 13'000U);
  restart();
  EXPECT_EQ(records().front().substr(0, 5), "38 a=");
}

TEST_F(CompactionTest, ATopicWhoseRecordsAreAllGoneStillHasItsEnd) {
  make_compacted({{"delete.retention.ms", "0"}});
  remove("a");
  remove("b");
  put("z", "1");
  compact();
  clock_.advance(std::chrono::seconds{1});
  put("z", "2");
  compact();
  put("z", "3");
  compact();
  EXPECT_THAT(records(), ElementsAre("3 z=2", "4 z=3"));
  EXPECT_EQ(partition("users")->offsets().log_end_offset, 5);
  // A reader at the start is not left with batches that have no records.
  const auto read = partition("users")->read(0, 1, Isolation::ReadUncommitted);
  EXPECT_GT(wire::kafka::parse_batch_header(read->batches)->record_count, 0);
}

TEST_F(CompactionTest, AbortedRecordsGoAndCommittedOnesStay) {
  make_compacted({{"delete.retention.ms", "60000"}});
  const auto write_one = [&](std::string_view key, std::string_view value, bool commit) {
    const auto writer = *broker_->open_writer("w");
    ASSERT_TRUE(writer->begin().ok());
    NewRecord record;
    record.key = as_bytes(key);
    record.value = as_bytes(value);
    ASSERT_TRUE(writer->write({"users", 0}, std::span(&record, 1)).ok());
    ASSERT_TRUE((commit ? writer->commit() : writer->abort()).ok());
  };
  put("a", "1");               // 0
  write_one("a", "2", false);  // 1, marker 2
  write_one("b", "1", true);   // 3, marker 4
  write_one("b", "2", true);   // 5, marker 6
  put("z", "1");               // 7
  compact();
  EXPECT_THAT(records(), ElementsAre("0 a=1", "5 b=2", "7 z=1"));
  EXPECT_THAT(records(Isolation::ReadUncommitted), ElementsAre("0 a=1", "5 b=2", "7 z=1"));
  // Markers go once their time has come; what is committed stays so.
  for (int i = 0; i < 3; ++i) {
    clock_.advance(std::chrono::seconds{61});
    put("z", "2");
    compact();
  }
  EXPECT_THAT(records(), ElementsAre("0 a=1", "5 b=2", "9 z=2", "10 z=2"));
  EXPECT_EQ(partition("users")->offsets().last_stable_offset, 11);
}

TEST_F(CompactionTest, WhatAnOpenTransactionWroteIsNotTouched) {
  make_compacted();
  put("a", "1");
  const auto writer = *broker_->open_writer("w");
  ASSERT_TRUE(writer->begin().ok());
  NewRecord record;
  record.key = as_bytes("a");
  record.value = as_bytes("2");
  ASSERT_TRUE(writer->write({"users", 0}, std::span(&record, 1)).ok());
  for (const char* value : {"3", "4", "5"}) put("a", value);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  const auto& compactions = metrics_.counter("tidemill_broker_compactions_total", "");
  while (compactions.value() == 0 && std::chrono::steady_clock::now() < give_up) {
    broker_->run_housekeeping();
    std::this_thread::yield();
  }
  EXPECT_THAT(records(Isolation::ReadUncommitted),
              ElementsAre("0 a=1", "1 a=2", "2 a=3", "3 a=4", "4 a=5"));
  ASSERT_TRUE(writer->abort().ok());
}

TEST_F(CompactionTest, AProducersSequenceOutlivesItsRecordsAlsoWithoutASeal) {
  make_compacted();
  const auto producer = *try_init(std::nullopt);
  const BatchBuilder::Producer first{
      .id = producer.id, .epoch = producer.epoch, .base_sequence = 0};
  ASSERT_TRUE(append("users", keyed({{"a", "1"}, {"b", "1"}}, Compression::None, first)).ok());
  put({{"a", "2"}, {"b", "2"}});
  put("z", "1");
  compact();
  EXPECT_THAT(records(), ElementsAre("2 a=2", "3 b=2", "4 z=1"));
  ASSERT_TRUE(broker_->close().ok());
  broker_.reset();
  for (const std::string& name : files()) {
    if (name.ends_with(".seal")) ASSERT_TRUE(disk_.remove("data/logs/users-0/" + name).ok());
  }
  open();
  const auto again = append("users", keyed({{"a", "1"}, {"b", "1"}}, Compression::None, first));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base_offset, 0);
  BatchBuilder::Producer next = first;
  next.base_sequence = 2;
  EXPECT_TRUE(append("users", keyed({{"c", "1"}}, Compression::None, next)).ok());
}

TEST_F(CompactionTest, KeysThatDoNotFitInMemoryTakeSeveralPasses) {
  options_.compaction_bytes_max = 1;  // the smallest table: 768 keys
  restart();
  make_compacted({{"segment.bytes", "2000"}});
  const auto write_all = [&](std::string_view value) {
    for (int i = 0; i < 2000; i += 50) {
      std::vector<std::string> names;
      std::vector<Entry> entries;
      for (int k = i; k < i + 50; ++k) names.push_back("key" + std::to_string(k));
      for (const std::string& name : names) entries.push_back({name, value});
      put(entries);
    }
  };
  write_all("old");
  write_all("new");
  put("z", std::string(2000, 'z'));
  for (int pass = 0; pass < 8; ++pass) compact();
  const auto left = records();
  EXPECT_EQ(left.size(), 2001U);
  EXPECT_EQ(left.front(), "2000 key0=new");
}

TEST_F(CompactionTest, ABatchWhoseKeysAreTooManyIsSaidAndLeavesTheLogAsItIs) {
  options_.compaction_bytes_max = 1;
  restart();
  make_compacted();
  std::vector<std::string> names;
  std::vector<Entry> entries;
  for (int i = 0; i < 800; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) entries.push_back({name, "v"});
  put(entries);
  put("z", "end");
  compact();
  EXPECT_EQ(records().size(), 801U);
  EXPECT_EQ(metrics_.counter("tidemill_broker_failed_compactions_total", "").value(), 1U);
}

TEST_F(CompactionTest, DamageIsNotRewrittenIntoSomethingThatLooksWhole) {
  make_compacted();
  put({{"a", "1"}, {"b", "1"}});
  put("a", "2");
  put("z", "end");
  restart();
  disk_.damage("data/logs/users-0/00000000000000000000.log", 70);
  broker_->run_housekeeping();
  EXPECT_EQ(metrics_.counter("tidemill_broker_failed_compactions_total", "").value(), 1U);
  EXPECT_EQ(metrics_.counter("tidemill_broker_compactions_total", "").value(), 0U);
  const auto names = files();
  EXPECT_THAT(names, testing::Contains("00000000000000000002.log"));
}

TEST_F(CompactionTest, AFullDiskLeavesTheLogAsItIs) {
  make_compacted();
  put("a", "1");
  put("a", "2");
  put("z", "end");
  restart();
  disk_.set_capacity(disk_.used_bytes() + 10);
  broker_->run_housekeeping();
  EXPECT_THAT(records(), ElementsAre("0 a=1", "1 a=2", "2 z=end"));
  EXPECT_THAT(files(), testing::Not(testing::Contains(testing::EndsWith(".compacting"))));
  disk_.set_capacity({});
  broker_->run_housekeeping();
  EXPECT_THAT(records(), ElementsAre("1 a=2", "2 z=end"));
}

// Writes, tombstones, transactions, passes and power cuts by seed. Whatever happens, the newest
// value of each key is what was acknowledged last.
TEST_F(CompactionTest, TheNewestValuesOutlivePassesAndPowerCuts) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    broker_.reset();
    disk_ = FaultyDisk();
    open();
    SeededRandom random(seed);
    make_compacted({{"segment.bytes", std::to_string(100 + random.next() % 600)},
                    {"delete.retention.ms", "60000"}});
    std::map<std::string, std::string> expected;
    int counter = 0;
    for (int step = 0; step < 60; ++step) {
      const std::string key = "k" + std::to_string(random.next() % 8);
      const std::string value = std::to_string(++counter);
      switch (random.next() % 8) {
        case 0:
          remove(key);
          expected.erase(key);
          break;
        case 1:
        case 2: {
          const bool commit = random.next() % 2 == 0;
          const auto writer = broker_->open_writer("w");
          ASSERT_TRUE(writer.ok()) << writer.error().message;
          ASSERT_TRUE((*writer)->begin().ok());
          NewRecord record;
          record.key = as_bytes(key);
          record.value = as_bytes(value);
          ASSERT_TRUE((*writer)->write({"users", 0}, std::span(&record, 1)).ok());
          ASSERT_TRUE((commit ? (*writer)->commit() : (*writer)->abort()).ok());
          if (commit) expected[key] = value;
          break;
        }
        case 3:
          compact();
          break;
        case 4:
          clock_.advance(std::chrono::seconds{random.next() % 90});
          broker_->run_housekeeping();
          break;
        case 5: {
          // The disk fails in the middle of a pass, then the power goes.
          restart();
          disk_.fail_after_bytes(random.next() % 900);
          broker_->run_housekeeping();
          disk_.fail_after_bytes({});
          crash(random.next());
          break;
        }
        default:
          put({{key, value}, {key + "x", value}}, static_cast<Compression>(random.next() % 5));
          expected[key] = value;
          expected[key + "x"] = value;
      }
      std::map<std::string, std::string> found;
      for (const std::string& text : records()) {
        const auto blank = text.find(' ');
        const auto equals = text.find('=');
        const std::string name = text.substr(blank + 1, equals - blank - 1);
        if (equals == std::string::npos) {
          found.erase(name);
        } else {
          found[name] = text.substr(equals + 1);
        }
      }
      ASSERT_EQ(found, expected) << "after step " << step;
    }
  }
}

TEST_F(CompactionTest, ReadersSeeWholeKeysWhileSegmentsAreReplaced) {
  make_compacted({{"segment.bytes", "500"}});
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  put("a", "0");
  std::jthread reader([&] {
    while (!done.load()) {
      FetchPosition position{{"users", 0}, 0};
      int newest = -1;
      while (true) {
        const auto chunks = broker_->fetch(std::span(&position, 1), {.max_bytes = 200});
        if (!chunks.ok()) {
          ADD_FAILURE() << chunks.error().message;
          return;
        }
        if (chunks->empty()) break;
        for (const RecordView& one : chunks->front().records) {
          const int value = std::stoi(std::string(as_text(one.value)));
          EXPECT_GT(value, newest);
          newest = value;
        }
        position.offset = chunks->front().next_offset;
      }
      ++rounds;
    }
  });
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  const auto& compactions = metrics_.counter("tidemill_broker_compactions_total", "");
  for (int i = 1; (compactions.value() < 20 || rounds.load() < 5) &&
                  std::chrono::steady_clock::now() < give_up;
       ++i) {
    put("a", std::to_string(i));
    broker_->run_housekeeping();
  }
  done.store(true);
  reader.join();
  EXPECT_GE(compactions.value(), 20U);
}

TEST(KeyOffsets, KeepsTheNewestOffsetOfManyKeys) {
  SeededRandom random(1);
  KeyOffsets keys(10 << 20, random);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50'000; ++i) {
      ASSERT_TRUE(keys.put(as_bytes("key" + std::to_string(i)), round * 100'000 + i));
    }
  }
  EXPECT_EQ(keys.size(), 50'000U);
  for (int i = 0; i < 50'000; i += 7) {
    EXPECT_EQ(keys.newest(as_bytes("key" + std::to_string(i))), 100'000 + i);
  }
  EXPECT_EQ(keys.newest(as_bytes("other")), std::nullopt);
  EXPECT_EQ(keys.newest({}), std::nullopt);
}

TEST(KeyOffsets, SaysWhenItIsFullAndStillTakesKnownKeys) {
  SeededRandom random(1);
  KeyOffsets keys(1, random);
  int taken = 0;
  while (keys.put(as_bytes(std::to_string(taken)), taken)) ++taken;
  EXPECT_EQ(taken, 768);
  EXPECT_TRUE(keys.put(as_bytes("5"), 9000));
  EXPECT_EQ(keys.newest(as_bytes("5")), 9000);
}

}  // namespace
}  // namespace tidemill::broker::embedded
