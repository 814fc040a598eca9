// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "runtime/task_group.h"
#include "runtime/threads.h"

namespace tidemill {
namespace {

Task<> wait_for_ever() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  try {
    co_await timer.async_wait(asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    co_return error(ErrorCode::Cancelled, "timer cancelled");
  }
  co_return Result<>{};
}

TEST(TaskGroup, StopCancelsAndAwaitsEveryTask) {
  IoThreads threads(2);
  TaskGroup group("test");
  for (int i = 0; i < 20; ++i)
    group.spawn(threads.next().get_executor(), "waiter", wait_for_ever());

  group.stop();

  EXPECT_EQ(group.running(), 0U);
  EXPECT_EQ(group.failures(), 0U);
}

Task<> fail() {
  co_return error(ErrorCode::Io, "disk on fire");
}

TEST(TaskGroup, CountsAFailedTask) {
  IoThreads threads(1);
  TaskGroup group("test");
  group.spawn(threads.next().get_executor(), "failing", fail());
  group.stop();
  EXPECT_EQ(group.failures(), 1U);
}

Task<> double_on_pool(BlockingPool& pool, int value, std::promise<int>& out) {
  auto work = [value] { return value * 2; };
  out.set_value(co_await run_blocking(pool, std::move(work)));
  co_return Result<>{};
}

TEST(RunBlocking, GivesTheResultBackToTheCoroutine) {
  IoThreads threads(1);
  BlockingPool pool(1);
  TaskGroup group("test");
  std::promise<int> out;
  group.spawn(threads.next().get_executor(), "double", double_on_pool(pool, 21, out));
  EXPECT_EQ(out.get_future().get(), 42);
  group.stop();
  pool.stop();
}

TEST(Histogram, QuantileIsWithinAQuarterOfThePowerOfTwo) {
  Histogram histogram;
  for (std::uint64_t i = 1; i <= 1000; ++i) histogram.observe_us(i);
  EXPECT_GE(histogram.quantile_us(0.5), 500U);
  EXPECT_LE(histogram.quantile_us(0.5), 639U);
  EXPECT_EQ(histogram.count(), 1000U);
}

TEST(Metrics, TextHasHelpTypeAndLabels) {
  Metrics metrics;
  metrics.counter("tidemill_test_things_total", "Things seen.", {{"kind", "a\"b"}}).add(3);
  EXPECT_EQ(metrics.text(),
            "# HELP tidemill_test_things_total Things seen.\n"
            "# TYPE tidemill_test_things_total counter\n"
            "tidemill_test_things_total{kind=\"a\\\"b\"} 3\n");
}

TEST(SeededRandom, ASeedReproducesTheSequence) {
  SeededRandom a(7);
  SeededRandom b(7);
  EXPECT_EQ(random_uuid(a), random_uuid(b));
}

TEST(RealDisk, ReplaceFileLeavesTheNewContent) {
  RealDisk disk;
  const std::string folder = testing::TempDir() + "replace_file";
  ASSERT_TRUE(disk.create_directories(folder).ok());
  ASSERT_TRUE(replace_file(disk, folder + "/f", as_bytes("old")).ok());
  ASSERT_TRUE(replace_file(disk, folder + "/f", as_bytes("new")).ok());
  EXPECT_EQ(as_text(*read_file(disk, folder + "/f", 100)), "new");
  EXPECT_EQ(read_file(disk, folder + "/f", 2).error().code, ErrorCode::TooLarge);
}

TEST(RealDisk, ReservedSpaceIsNoPartOfTheSizeAndComesBack) {
  RealDisk disk;
  const std::string path = testing::TempDir() + "reserved";
  const auto blocks = [&path] {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_blocks;
  };
  const auto file = *disk.open(path, OpenMode::ReadWrite);
  ASSERT_TRUE(file->truncate(0).ok());
  ASSERT_TRUE(file->write(0, as_bytes("used")).ok());
  ASSERT_TRUE(file->reserve(4, 1 << 20).ok());
  EXPECT_EQ(*file->size(), 4U);
  EXPECT_GE(blocks() * 512, 1 << 20);
  ASSERT_TRUE(file->truncate(4).ok());
  EXPECT_LT(blocks() * 512, 1 << 20);
}

}  // namespace
}  // namespace tidemill
