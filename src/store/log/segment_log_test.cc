// SPDX-License-Identifier: Apache-2.0
#include "store/log/segment_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/faulty_disk.h"
#include "store/log/test_batch.h"

namespace tidemill::store::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFolder = "data/orders-0";

class SegmentLogTest : public testing::Test {
 protected:
  SegmentLogTest() {
    EXPECT_TRUE(disk_.create_directories(kFolder).ok());
    reopen({.clean = false});
  }

  Result<> try_open(LogOpening opening = {}) {
    log_.reset();
    files_ = std::make_unique<FileCache>(disk_, 16);
    opening.now_ms = 1;
    log_ = TRY(SegmentLog::open(*files_, kFolder, settings_, opening));
    return {};
  }
  void reopen(const LogOpening& opening = {}) {
    const auto opened = try_open(opening);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  Result<> try_append(TestBatch batch, std::optional<bool> marker = {}) {
    batch.base_offset = log_->end_offset();
    batch.leader_epoch = log_->leader_epoch();
    const Bytes bytes = marker ? make_marker(batch, *marker) : make_batch(batch);
    const BatchFrame frame = *parse_frame(bytes);
    return log_->append(bytes, std::span(&frame, 1), 1);
  }
  void append(const TestBatch& batch) {
    const auto appended = try_append(batch);
    ASSERT_TRUE(appended.ok()) << appended.error().message;
  }
  void append(std::string_view payload) { append(TestBatch{.payload = payload}); }
  void sync() {
    const SyncJob job = log_->begin_sync();
    ASSERT_TRUE(SegmentLog::run_sync(job).ok());
    log_->finish_sync(job);
  }
  void seal_full_segments() {
    for (const auto& segment : log_->to_seal()) {
      ASSERT_TRUE(segment->write_seal().ok());
      log_->finish_seal(segment);
    }
  }
  void crash(std::uint64_t seed = 1) {
    SeededRandom random(seed);
    log_.reset();
    files_.reset();
    disk_ = disk_.after_power_cut(random);
  }

  std::vector<std::string> read_all(std::size_t max_bytes = 1 << 20) {
    std::vector<std::string> payloads;
    for (std::int64_t offset = log_->log_start(); offset < log_->end_offset();) {
      const auto chunk = SegmentLog::read(*log_->plan_read(offset, log_->end_offset()), max_bytes);
      EXPECT_TRUE(chunk.ok()) << chunk.error().message;
      if (!chunk.ok() || chunk->batches.empty()) break;
      for (BytesView rest = chunk->batches; !rest.empty();) {
        const BatchFrame frame = *parse_frame(rest);
        payloads.emplace_back(as_text(rest.subspan(kFrameBytes, frame.size - kFrameBytes)));
        offset = frame.next_offset();
        rest = rest.subspan(frame.size);
      }
    }
    return payloads;
  }

  FaultyDisk disk_;
  LogSettings settings_;
  std::unique_ptr<FileCache> files_;
  std::unique_ptr<SegmentLog> log_;
};

TEST_F(SegmentLogTest, GivesBackWhatWasAppended) {
  append("a");
  append("b");
  EXPECT_THAT(read_all(), ElementsAre("a", "b"));
}

TEST_F(SegmentLogTest, ReadsTheWholeBatchForAnOffsetInsideIt) {
  append({.records = 5, .payload = "five"});
  append("six");
  const auto chunk = SegmentLog::read(*log_->plan_read(3, log_->end_offset()), 1);
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(parse_frame(chunk->batches)->base_offset, 0);
  EXPECT_EQ(chunk->batches.size(), parse_frame(chunk->batches)->size);
}

TEST_F(SegmentLogTest, StopsReadingAtTheGivenEnd) {
  append("a");
  append("b");
  const auto chunk = SegmentLog::read(*log_->plan_read(0, 1), 1 << 20);
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(chunk->batches.size(), parse_frame(chunk->batches)->size);
}

TEST_F(SegmentLogTest, ReopensAfterACleanCloseWithoutReadingTheLog) {
  append("a");
  append("b");
  ASSERT_TRUE(log_->close().ok());
  reopen({.clean = true});
  EXPECT_EQ(log_->recovery().scanned_bytes, 0U);
  append("c");
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c"));
}

TEST_F(SegmentLogTest, BelievesTheSealOfASegmentThatHadZerosAhead) {
  settings_.write_zeros_ahead = true;
  settings_.segment_ms = 1000;
  reopen();
  const std::string large(50'000, 'x');
  append({.timestamp_ms = 1, .payload = large});
  append({.timestamp_ms = 2000, .payload = "rolled by age"});
  sync();
  ASSERT_EQ(log_->to_seal().size(), 1U);
  seal_full_segments();
  reopen();
  EXPECT_EQ(log_->end_offset(), 2);
  EXPECT_LT(log_->recovery().scanned_bytes, 50'000U);  // the last segment alone
}

TEST_F(SegmentLogTest, DropsOnlyTheTornLastBatchOnReopen) {
  append("a");
  append("b");
  disk_.fail_after_bytes(30);
  EXPECT_FALSE(try_append({.payload = "c"}).ok());
  disk_.fail_after_bytes({});
  reopen();
  EXPECT_THAT(read_all(), ElementsAre("a", "b"));
  EXPECT_EQ(log_->end_offset(), 2);
}

TEST_F(SegmentLogTest, KeepsEverythingSyncedOverAPowerCut) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    disk_ = FaultyDisk();
    ASSERT_TRUE(disk_.create_directories(kFolder).ok());
    settings_.write_zeros_ahead = seed % 2 == 0;
    // A segment must have room for the zeros.
    const std::size_t scale = settings_.write_zeros_ahead ? 1000 : 1;
    settings_.segment_bytes = 400 * scale;
    reopen();
    SeededRandom random(seed);
    std::vector<std::string> synced;
    std::vector<std::string> written;
    const std::uint64_t count = 5 + random.next() % 20;
    for (std::uint64_t i = 0; i < count; ++i) {
      written.emplace_back(random.next() % 100 * scale, static_cast<char>('a' + i));
      append(written.back());
      if (random.next() % 3 == 0) {
        sync();
        synced = written;
        if (random.next() % 2 == 0) seal_full_segments();
      }
    }
    const std::int64_t durable = log_->durable_offset();
    crash(seed);
    reopen({.durable_offset = durable});
    const auto left = read_all();
    ASSERT_GE(left.size(), synced.size());
    for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(left[i], written[i]);
  }
}

TEST_F(SegmentLogTest, StartsANewLeaderEpochWhenATailIsCut) {
  append("a");
  sync();
  append("b");
  auto file = *disk_.open(std::string(kFolder) + "/00000000000000000000.log", OpenMode::ReadWrite);
  ASSERT_TRUE(file->truncate(*file->size() - 1).ok());
  reopen({.durable_offset = 1});
  EXPECT_EQ(log_->leader_epoch(), 1);
  EXPECT_EQ(log_->epochs().back().start_offset, 1);
  EXPECT_GT(log_->recovery().cut_bytes, 0U);
  append("c");
  reopen({.durable_offset = 1});
  EXPECT_EQ(log_->leader_epoch(), 1);
  EXPECT_THAT(read_all(), ElementsAre("a", "c"));
}

TEST_F(SegmentLogTest, RefusesDamageBelowTheDurableOffsetAndCutsNothing) {
  append("a");
  append("b");
  append("c");
  sync();
  const std::string path = std::string(kFolder) + "/00000000000000000000.log";
  const std::uint64_t before = disk_.used_bytes();
  disk_.damage(path, 62 + kFrameBytes);  // in the second batch
  const auto opened = try_open({.durable_offset = 3});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(opened.error().message,
              HasSubstr("damaged at byte 62 (offset 1): checksum mismatch"));
  EXPECT_EQ(disk_.used_bytes(), before);
}

TEST_F(SegmentLogTest, RefusesALogThatLostWholeBatchesBelowTheDurableOffset) {
  append("a");
  append("b");
  sync();
  auto file = *disk_.open(std::string(kFolder) + "/00000000000000000000.log", OpenMode::ReadWrite);
  ASSERT_TRUE(file->truncate(62).ok());
  const auto opened = try_open({.durable_offset = 2});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
}

TEST_F(SegmentLogTest, RefusesASealedSegmentThatBecameShorter) {
  settings_.segment_bytes = 130;
  reopen();
  for (const char* text : {"a", "b", "c", "d", "e"}) append(text);
  ASSERT_TRUE(log_->close().ok());
  auto file = *disk_.open(std::string(kFolder) + "/00000000000000000000.log", OpenMode::ReadWrite);
  ASSERT_TRUE(file->truncate(62).ok());
  const auto opened = try_open({.durable_offset = 5, .clean = true});
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("has 62 bytes, it had 124 when it was closed"));
}

TEST_F(SegmentLogTest, RebuildsASealThatIsDamaged) {
  settings_.segment_bytes = 130;
  reopen();
  for (const char* text : {"a", "b", "c", "d", "e"}) append(text);
  ASSERT_TRUE(log_->close().ok());
  disk_.damage(std::string(kFolder) + "/00000000000000000000.index", 3);
  reopen({.durable_offset = 5, .clean = true});
  EXPECT_THAT(read_all(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(log_->to_seal().size(), 1U);
}

TEST_F(SegmentLogTest, ReadsAcrossSealedSegmentsFromAnyOffset) {
  settings_ = {.segment_bytes = 3000, .index_interval_bytes = 200};
  reopen();
  for (int i = 0; i < 200; ++i) {
    append({.records = 3, .timestamp_ms = 1000 + i, .payload = "0123456789"});
  }
  sync();
  seal_full_segments();
  ASSERT_GT(log_->segments(), 4U);
  for (std::int64_t offset = 0; offset < 600; ++offset) {
    const auto chunk = SegmentLog::read(*log_->plan_read(offset, 600), 1);
    ASSERT_TRUE(chunk.ok()) << chunk.error().message;
    EXPECT_EQ(parse_frame(chunk->batches)->base_offset, offset / 3 * 3);
  }
  for (int i = 0; i < 200; ++i) {
    const auto chunk = SegmentLog::read(*log_->plan_read_time(1000 + i, 600), 0);
    ASSERT_TRUE(chunk.ok()) << chunk.error().message;
    EXPECT_EQ(parse_frame(chunk->batches)->base_offset, i * 3);
  }
}

TEST_F(SegmentLogTest, NoticesAHeaderFieldOutsideOfKafkasChecksumInASealedSegment) {
  settings_ = {.segment_bytes = 3000, .index_interval_bytes = 200};
  reopen();
  for (int i = 0; i < 100; ++i) append("0123456789");
  sync();
  seal_full_segments();
  const auto read = [&] { return SegmentLog::read(*log_->plan_read(0, 100), 2000); };
  ASSERT_TRUE(read().ok()) << read().error().message;
  // The leader epoch of the third batch.
  disk_.damage(std::string(kFolder) + "/00000000000000000000.log", 2 * 71 + 15);
  const auto damaged = read();
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(damaged.error().message, HasSubstr("header between bytes 0 and 213"));
}

TEST_F(SegmentLogTest, LeavesTheLogAsItWasWhenTheDiskIsFull) {
  append("a");
  disk_.set_capacity(disk_.used_bytes() + 10);
  const auto appended = try_append({.payload = "b"});
  ASSERT_FALSE(appended.ok());
  EXPECT_EQ(appended.error().code, ErrorCode::Exhausted);
  EXPECT_THAT(read_all(), ElementsAre("a"));
  disk_.set_capacity({});
  append("c");
  reopen();
  EXPECT_THAT(read_all(), ElementsAre("a", "c"));
}

TEST_F(SegmentLogTest, RetentionByTimeUsesTheLargestTimestampOfASegment) {
  settings_.segment_bytes = 130;
  reopen();
  for (const std::int64_t time : {50, 900, 100, 100, 2000}) {
    append({.timestamp_ms = time, .payload = "x"});
  }
  EXPECT_EQ(log_->retention_start(1000, -1, 5, 1500), 0);
  EXPECT_EQ(log_->retention_start(1000, -1, 5, 1901), 4);
  EXPECT_EQ(log_->retention_start(1000, -1, 3, 1901), 2);
}

TEST_F(SegmentLogTest, RetentionBySizeKeepsAtLeastTheLimit) {
  settings_.segment_bytes = 130;
  reopen();
  for (int i = 0; i < 6; ++i) append("x");  // three segments of 124 bytes
  EXPECT_EQ(log_->retention_start(-1, 248, 6, 1), 2);
  EXPECT_EQ(log_->retention_start(-1, 249, 6, 1), 0);
  EXPECT_EQ(log_->retention_start(-1, 0, 6, 1), 4);
}

TEST_F(SegmentLogTest, KeepsTheLogStartOverACrashInTheMiddleOfARemoval) {
  settings_.segment_bytes = 130;
  reopen();
  for (const char* text : {"a", "b", "c", "d"}) append(text);
  sync();
  ASSERT_TRUE(SegmentLog::write_state(disk_, kFolder, log_->encode_state(2)).ok());
  crash();
  reopen({.durable_offset = 4});
  EXPECT_EQ(log_->log_start(), 2);
  EXPECT_THAT(read_all(), ElementsAre("c", "d"));
}

TEST_F(SegmentLogTest, RemembersProducersOverACleanCloseAndACrash) {
  append({.producer_id = 9, .producer_epoch = 2, .sequence = 0, .payload = "a"});
  append({.producer_id = 9, .producer_epoch = 2, .sequence = 1, .payload = "b"});
  sync();
  ASSERT_TRUE(log_->close().ok());
  reopen({.durable_offset = 2, .clean = true});
  EXPECT_EQ(log_->producers().all().at(9).last_sequence(), 1);
  append({.producer_id = 9, .producer_epoch = 2, .sequence = 2, .payload = "c"});
  reopen({.durable_offset = 2});
  EXPECT_EQ(log_->producers().all().at(9).last_sequence(), 2);
  EXPECT_EQ(log_->producers().all().at(9).count, 3);
}

TEST_F(SegmentLogTest, FindsAbortedTransactionsThatOverlapARead) {
  const TestBatch writer{.producer_id = 4, .producer_epoch = 0, .sequence = 0};
  TestBatch first = writer;
  first.transactional = true;
  append(first);    // 0
  append("plain");  // 1
  TestBatch end = writer;
  end.sequence = -1;
  ASSERT_TRUE(try_append(end, false).ok());  // 2
  append("later");                           // 3
  EXPECT_EQ(log_->aborted_between(1, 2).size(), 1U);
  EXPECT_EQ(log_->aborted_between(3, 4).size(), 0U);
  ASSERT_TRUE(log_->close().ok());
  reopen({.durable_offset = 4, .clean = true});
  ASSERT_EQ(log_->aborted_between(0, 1).size(), 1U);
  EXPECT_EQ(log_->aborted_between(0, 1)[0].producer_id, 4);
  EXPECT_EQ(log_->aborted_between(0, 1)[0].last_offset, 2);
}

TEST(ProducerStates, AnswersARetriedBatchWithItsFirstOffset) {
  ProducerStates states;
  const auto frame = [](std::int32_t sequence, std::int64_t offset, std::int16_t epoch = 0) {
    return *parse_frame(make_batch({.base_offset = offset,
                                    .records = 2,
                                    .producer_id = 1,
                                    .producer_epoch = epoch,
                                    .sequence = sequence}));
  };
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(states.check(frame(2 * i, 0)).verdict, SequenceVerdict::Accept);
    states.apply(frame(2 * i, 10 + 2 * i), 0);
  }
  EXPECT_EQ(states.check(frame(10, 0)).original.base_offset, 20);
  EXPECT_EQ(states.check(frame(2, 0)).verdict, SequenceVerdict::Duplicate);
  EXPECT_EQ(states.check(frame(0, 0)).verdict, SequenceVerdict::OldDuplicate);
  EXPECT_EQ(states.check(frame(14, 0)).verdict, SequenceVerdict::OutOfOrder);
  EXPECT_EQ(states.check(frame(12, 0)).verdict, SequenceVerdict::Accept);
  EXPECT_EQ(states.check(frame(3, 0, 1)).verdict, SequenceVerdict::OutOfOrder);
  EXPECT_EQ(states.check(frame(0, 0, 1)).verdict, SequenceVerdict::Accept);
  states.apply(frame(0, 30, 1), 0);
  EXPECT_EQ(states.check(frame(12, 0)).verdict, SequenceVerdict::Fenced);
}

TEST(ProducerStates, WrapsSequencesToZero) {
  ProducerStates states;
  BatchFrame frame;
  frame.producer_id = 1;
  frame.producer_epoch = 0;
  frame.record_count = 3;
  frame.last_offset_delta = 2;
  frame.base_sequence = INT32_MAX - 1;
  states.apply(frame, 0);
  frame.base_sequence = 1;
  EXPECT_EQ(states.check(frame).verdict, SequenceVerdict::Accept);
  frame.base_sequence = 2;
  EXPECT_EQ(states.check(frame).verdict, SequenceVerdict::OutOfOrder);
}

}  // namespace
}  // namespace tidemill::store::log
