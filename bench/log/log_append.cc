// SPDX-License-Identifier: Apache-2.0
// How fast batches become durable: Partition::append with durability sync and os against a bare
// write + fdatasync of the same bytes on the same disk, in one run; then transactions.
//   tidemill_log_append_bench [folder] [seconds]
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <semaphore>
#include <string>
#include <vector>

#include "broker/embedded/embedded_broker.h"
#include "runtime/log.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Measured {
  double appends_per_second = 0;
  double megabytes_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

Measured summarize(std::vector<double>& latencies, double seconds, std::size_t bytes) {
  std::ranges::sort(latencies);
  const auto count = static_cast<double>(latencies.size());
  return {.appends_per_second = count / seconds,
          .megabytes_per_second = count * static_cast<double>(bytes) / seconds / 1e6,
          .p50_us = latencies[latencies.size() / 2],
          .p99_us = latencies[latencies.size() * 99 / 100]};
}

[[noreturn]] void fail(const Error& failure) {
  fmt::print(stderr, "{}\n", failure.message);
  std::exit(1);
}

Bytes make_batch(std::size_t bytes) {
  wire::kafka::BatchBuilder builder(1'767'225'600'000);
  const std::string value(100, 'v');
  NewRecord record;
  record.value = as_bytes(value);
  do {
    builder.add(record);
  } while (builder.plain_bytes() + 170 < bytes);
  auto batch = builder.finish();
  if (!batch.ok()) fail(batch.error());
  return *std::move(batch);
}

double us_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count();
}

// One write and one fdatasync per append, one after the other: the disk's own limit.
Measured bare(const std::string& folder, const Bytes& batch, double seconds) {
  const std::string path = folder + "/bare";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail(error(ErrorCode::Io, "cannot open " + path));
  std::vector<double> latencies;
  off_t at = 0;
  const auto begin = SteadyClock::now();
  while (us_since(begin) < seconds * 1e6) {
    const auto start = SteadyClock::now();
    if (::pwrite(file, batch.data(), batch.size(), at) < 0 || ::fdatasync(file) != 0) {
      fail(error(ErrorCode::Io, "cannot write " + path));
    }
    at += static_cast<off_t>(batch.size());
    latencies.push_back(us_since(start));
  }
  const double took = us_since(begin) / 1e6;
  ::close(file);
  ::unlink(path.c_str());
  return summarize(latencies, took, batch.size());
}

// `in_flight` appends wait for their acknowledgement at a time.
Measured append(Partition& partition, const Bytes& batch, int in_flight, double seconds) {
  constexpr int kSlotsMax = 64;
  std::counting_semaphore<kSlotsMax> slots(in_flight);
  Mutex mutex;
  std::vector<double> latencies;
  const auto begin = SteadyClock::now();
  while (us_since(begin) < seconds * 1e6) {
    slots.acquire();
    Bytes copy = batch;
    const auto start = SteadyClock::now();
    partition.append(copy, AckWhen::Durable, Origin::Client,
                     [&, start](const Result<Appended>& appended) {
                       if (!appended.ok()) fail(appended.error());
                       {
                         const MutexLock lock(mutex);
                         latencies.push_back(us_since(start));
                       }
                       slots.release();
                     });
  }
  for (int i = 0; i < in_flight; ++i) slots.acquire();
  const double took = us_since(begin) / 1e6;
  const MutexLock lock(mutex);
  return summarize(latencies, took, batch.size());
}

void print(std::string_view what, const Measured& measured, const Measured& limit) {
  fmt::print("  {:28} {:9.0f}/s {:8.1f} MB/s  p50 {:7.0f} us  p99 {:7.0f} us  x{:.2f}\n", what,
             measured.appends_per_second, measured.megabytes_per_second, measured.p50_us,
             measured.p99_us, measured.appends_per_second / limit.appends_per_second);
}

Partition& make_topic(EmbeddedBroker& broker, const std::string& name, const char* durability) {
  const auto made = broker.create_topic({name, 1, {{"tidemill.durability", durability}}});
  if (!made.ok()) fail(made.error());
  return *broker.find_partition(name, 0);
}

void transactions(EmbeddedBroker& broker, double seconds) {
  const auto made = broker.create_topic({"transactions", 2, {}});
  if (!made.ok()) fail(made.error());
  auto writer = broker.open_writer("bench");
  if (!writer.ok()) fail(writer.error());
  const std::string value(100, 'v');
  NewRecord record;
  record.value = as_bytes(value);
  const std::vector<NewRecord> records(100, record);
  std::vector<double> latencies;
  const auto begin = SteadyClock::now();
  std::int64_t count = 0;
  while (us_since(begin) < seconds * 1e6) {
    const CommittedOffset offset{{"transactions", 0}, ++count, ""};
    const auto check = [](const Result<>& outcome) {
      if (!outcome.ok()) fail(outcome.error());
    };
    check((*writer)->begin());
    check((*writer)->write({"transactions", 0}, records));
    check((*writer)->write({"transactions", 1}, records));
    check((*writer)->commit_offsets("bench", std::span(&offset, 1)));
    const auto start = SteadyClock::now();
    check((*writer)->commit());
    latencies.push_back(us_since(start));
  }
  const Measured measured = summarize(latencies, us_since(begin) / 1e6, 0);
  fmt::print(
      "commit of 2 partitions and a group's offset: {:.0f}/s  p50 {:.0f} us  p99 {:.0f} us\n",
      measured.appends_per_second, measured.p50_us, measured.p99_us);
}

int run(const std::string& folder, double seconds) {
  configure_log(LogLevel::Warning, LogFormat::Text);
  SystemClock clock;
  RealDisk disk;
  SystemRandom random;
  Metrics metrics;
  auto opened = EmbeddedBroker::open({.folder = folder}, {clock, disk, random, metrics});
  if (!opened.ok()) fail(opened.error());
  EmbeddedBroker& broker = **opened;
  for (const std::size_t bytes : {200UL, 4096UL, 65536UL, 1'000'000UL}) {
    const Bytes batch = make_batch(bytes);
    fmt::print("batches of {} bytes\n", batch.size());
    const Measured limit = bare(folder, batch, seconds);
    print("bare write + fdatasync", limit, limit);
    const std::string name = "b" + std::to_string(bytes);
    Partition& sync = make_topic(broker, name + "-sync", "sync");
    print("sync, 1 in flight", append(sync, batch, 1, seconds), limit);
    print("sync, 5 in flight", append(sync, batch, 5, seconds), limit);
    print("sync, 32 in flight", append(sync, batch, 32, seconds), limit);
    Partition& os = make_topic(broker, name + "-os", "os");
    print("os", append(os, batch, 1, seconds), limit);
    (void)broker.delete_topic(name + "-sync");
    (void)broker.delete_topic(name + "-os");
  }
  transactions(broker, seconds);
  return 0;
}

}  // namespace
}  // namespace tidemill::broker::embedded

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : "";
  const bool temporary = folder.empty();
  if (temporary) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemill-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  const int outcome = tidemill::broker::embedded::run(folder, argc > 2 ? std::stod(argv[2]) : 2.0);
  if (temporary) std::filesystem::remove_all(folder);
  return outcome;
}
