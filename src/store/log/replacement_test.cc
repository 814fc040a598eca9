// SPDX-License-Identifier: Apache-2.0
// Segments that are replaced by smaller ones, also where the power goes in the middle of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/faulty_disk.h"
#include "store/log/segment_log.h"
#include "store/log/segment_rewriter.h"
#include "store/log/test_batch.h"

namespace tidemill::store::log {
namespace {

using testing::HasSubstr;

constexpr const char* kFolder = "data/users-0";

// The steps of a replacement; a test may stop behind any of them.
enum Step { kWritten, kAnnounced, kReplaced, kRemoved, kDone };

class ReplacementTest : public testing::Test {
 protected:
  ReplacementTest() { fill(); }

  // Three full segments of two batches each and one that is appended to: a b | c d | e f | g
  void fill() {
    log_.reset();
    disk_ = FaultyDisk();
    ASSERT_TRUE(disk_.create_directories(kFolder).ok());
    reopen(0);
    for (const char* text : {"a", "b", "c", "d", "e", "f", "g"}) append(text);
    sync();
    seal();
    ASSERT_EQ(log_->segments(), 4U);
  }
  Result<> try_open(std::int64_t durable) {
    log_.reset();
    files_ = std::make_unique<FileCache>(disk_, 16);
    log_ = TRY(SegmentLog::open(*files_, kFolder, {.segment_bytes = 130},
                                {.durable_offset = durable, .now_ms = 1}));
    return {};
  }
  void reopen(std::int64_t durable = 7) {
    const auto opened = try_open(durable);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  void append(std::string_view payload) {
    const Bytes bytes = make_batch({.base_offset = log_->end_offset(), .payload = payload});
    const BatchFrame frame = *parse_frame(bytes);
    ASSERT_TRUE(log_->append(bytes, std::span(&frame, 1), 1).ok());
  }
  void sync() {
    const SyncJob job = log_->begin_sync();
    ASSERT_TRUE(SegmentLog::run_sync(job).ok());
    log_->finish_sync(job);
  }
  void seal() {
    for (const auto& segment : log_->to_seal()) {
      ASSERT_TRUE(segment->write_seal().ok());
      log_->finish_seal(segment);
    }
  }
  // The first two segments become one with the batches at the offsets.
  void replace_first_two(const std::vector<std::int64_t>& kept, Step last = kDone) {
    auto sources = log_->sealed_segments(4);
    ASSERT_EQ(sources.size(), 2U);
    auto rewriter = *SegmentRewriter::create(*files_, kFolder, 0, 4096);
    for (const std::int64_t offset : kept) {
      const auto chunk = SegmentLog::read(*log_->plan_read(offset, 7), 1);
      ASSERT_TRUE(chunk.ok()) << chunk.error().message;
      ASSERT_TRUE(rewriter->add(chunk->batches).ok());
    }
    const auto made = *rewriter->finish(*sources.back()->read_sealed_producers(), {}, 1);
    if (last == kWritten) return;
    const CompactionState under_way{
        .clean_offset = 0, .gaps_below = 4, .replaced_from = 0, .replaced_to = 4};
    ASSERT_TRUE(write_compaction_state(disk_, kFolder, under_way).ok());
    if (last == kAnnounced) return;
    const auto replaced = log_->replace(sources, made);
    ASSERT_TRUE(replaced.ok()) << replaced.error().message;
    if (last == kReplaced) return;
    ASSERT_TRUE(sources[1]->remove_files().ok());
    if (last == kRemoved) return;
    ASSERT_TRUE(disk_.sync_directory(kFolder).ok());
    const CompactionState done{.clean_offset = 4, .gaps_below = 4};
    ASSERT_TRUE(write_compaction_state(disk_, kFolder, done).ok());
    log_->set_compaction(done);
  }
  void crash(std::uint64_t seed) {
    SeededRandom random(seed);
    log_.reset();
    files_.reset();
    disk_ = disk_.after_power_cut(random);
  }
  std::string read_all() {
    std::string payloads;
    for (std::int64_t offset = log_->log_start(); offset < log_->end_offset();) {
      const auto chunk = SegmentLog::read(*log_->plan_read(offset, log_->end_offset()), 1);
      EXPECT_TRUE(chunk.ok()) << chunk.error().message;
      if (!chunk.ok() || chunk->batches.empty()) break;
      const BatchFrame frame = *parse_frame(chunk->batches);
      payloads += as_text(chunk->batches.subspan(kFrameBytes));
      offset = frame.next_offset();
    }
    return payloads;
  }

  FaultyDisk disk_;
  std::unique_ptr<FileCache> files_;
  std::unique_ptr<SegmentLog> log_;
};

TEST_F(ReplacementTest, KeepsOffsetsAndLeavesGaps) {
  const std::uint64_t before = log_->bytes();
  replace_first_two({1, 3});
  EXPECT_EQ(read_all(), "bdefg");
  EXPECT_EQ(log_->segments(), 3U);
  EXPECT_EQ(log_->bytes(), before - 2 * 62);
  const auto chunk = SegmentLog::read(*log_->plan_read(0, 7), 1);
  EXPECT_EQ(parse_frame(chunk->batches)->base_offset, 1);
  seal();
  reopen();
  EXPECT_EQ(log_->recovery().cut_bytes, 0U);
  EXPECT_EQ(read_all(), "bdefg");
  EXPECT_EQ(log_->compaction().clean_offset, 4);
}

TEST_F(ReplacementTest, IsWholeOrNotThereAfterAPowerCutAtAnyStep) {
  for (const Step last : {kWritten, kAnnounced, kReplaced, kRemoved, kDone}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      for (const bool sealed : {false, true}) {
        SCOPED_TRACE(testing::Message() << "step " << last << " seed " << seed);
        fill();
        replace_first_two({3}, last);
        if (sealed && last >= kReplaced) seal();
        crash(seed);
        reopen();
        EXPECT_EQ(read_all(), last == kWritten ? "abcdefg" : "defg");
        EXPECT_EQ(log_->end_offset(), 7);
        EXPECT_EQ(log_->compaction().replaced_from, -1);
        for (const std::string& name : *disk_.list(kFolder)) {
          EXPECT_FALSE(name.ends_with(kCompactingExtension)) << name;
        }
        append("h");
        sync();
        reopen(8);
        EXPECT_EQ(read_all(), last == kWritten ? "abcdefgh" : "defgh");
      }
    }
  }
}

TEST_F(ReplacementTest, AFileThatDoesNotReachTheEndOfItsOrderReplacesNothing) {
  for (const std::size_t cut : {1U, 62U}) {
    fill();
    replace_first_two({1, 3}, kAnnounced);
    const std::string path = std::string(kFolder) + "/00000000000000000000.compacting";
    ASSERT_TRUE((*disk_.open(path, OpenMode::ReadWrite))->truncate(124 - cut).ok());
    reopen();
    EXPECT_EQ(read_all(), "abcdefg");
    EXPECT_EQ(log_->compaction().replaced_from, -1);
    EXPECT_FALSE(disk_.exists(path));
  }
}

TEST_F(ReplacementTest, APlanMadeBeforeSaysThatItsSegmentIsRetired) {
  const ReadPlan plan = *log_->plan_read(2, 7);
  replace_first_two({1, 3});
  EXPECT_TRUE(plan.segment->retired);
  EXPECT_FALSE(log_->plan_read(2, 7)->segment->retired);
}

TEST_F(ReplacementTest, AGapAboveWhatWasCompactedIsStillDamage) {
  replace_first_two({1, 3});
  // The third segment loses its first batch.
  const std::string path = std::string(kFolder) + "/00000000000000000004.log";
  const auto file = *disk_.open(path, OpenMode::ReadWrite);
  Bytes second(62);
  ASSERT_EQ(*file->read(62, second), 62U);
  ASSERT_TRUE(file->truncate(0).ok());
  ASSERT_TRUE(file->write(0, second).ok());
  ASSERT_TRUE(disk_.remove(std::string(kFolder) + "/00000000000000000004.seal").ok());
  const auto opened = try_open(7);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("batch has base offset 5, not 4"));
}

TEST_F(ReplacementTest, NoticesThatItsSourcesAreGone) {
  const auto sources = log_->sealed_segments(4);
  EXPECT_TRUE(log_->holds(sources));
  log_->advance_log_start(2);
  EXPECT_FALSE(log_->holds(sources));
}

}  // namespace
}  // namespace tidemill::store::log
