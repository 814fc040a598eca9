// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/commit_queue.h"

#include <fmt/format.h>

#include "runtime/log.h"

namespace tidemill::tables::embedded {

CommitQueue::CommitQueue(store::rocks::Database& database, HeaderFlags& headers,
                         StoreMetrics& metrics, CommitOptions options)
    : database_(database),
      headers_(headers),
      metrics_(metrics),
      options_(options),
      thread_("tables-commit", [this](const std::stop_token&) { run(); }) {}

Result<> CommitQueue::submit(EncodedWrites& writes, Completion<Result<>>& done) {
  Result<> refused;
  {
    MutexLock lock(mutex_);
    if (stopping_) {
      refused = error(ErrorCode::Unavailable, "table store is stopping");
    } else if (writes.bytes() != 0 && pending_bytes_ != 0 &&
               pending_bytes_ + writes.bytes() > options_.pending_bytes_max) {
      refused =
          error(ErrorCode::Exhausted,
                fmt::format("table store has {} bytes of writes waiting for the disk, at most "
                            "{} may wait",
                            pending_bytes_, options_.pending_bytes_max));
    } else {
      pending_bytes_ += writes.bytes();
      waiting_.push_back({std::move(writes), std::move(done)});
    }
  }
  if (refused.ok()) {
    changed_.notify_one();
  } else {
    metrics_.refused_writes.add();
  }
  return refused;
}

void CommitQueue::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.stop();
}

void CommitQueue::run() {
  std::vector<Waiting> group;
  while (true) {
    group.clear();
    bool idle = false;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !stopping_ && !idle) {
        if (options_.sync_each || !unsynced_) {
          changed_.wait(mutex_);
        } else {
          idle = !changed_.wait_for(mutex_, options_.sync_interval);
        }
      }
      if (waiting_.empty() && stopping_) break;
      group.swap(waiting_);
      pending_bytes_ = 0;
    }
    if (!group.empty()) {
      const Result<> written = write(group);
      for (auto& waiting : group) waiting.done(written);
    }
    sync_if_written();
  }
  sync_if_written();
}

Result<> CommitQueue::write(const std::vector<Waiting>& group) {
  batch_.clear();
  auto* rows = database_.family(0);
  for (const auto& waiting : group) {
    for (const std::uint32_t incarnation : waiting.writes.headers()) {
      headers_.note(incarnation, batch_);
    }
    waiting.writes.for_each(
        [&](BytesView key, BytesView operand) { batch_.merge(rows, key, operand); });
  }
  using Sync = store::rocks::Database::Sync;
  const auto start = std::chrono::steady_clock::now();
  auto written = database_.write(batch_, options_.sync_each ? Sync::Yes : Sync::No);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  metrics_.commits.observe_us(static_cast<std::uint64_t>(took.count()));
  if (!written.ok()) metrics_.failed_commits.add();
  unsynced_ = unsynced_ || !options_.sync_each;
  if (written.ok()) {
    for (const auto& waiting : group) {
      for (const std::uint32_t incarnation : waiting.writes.headers()) headers_.load(incarnation);
    }
  }
  return written;
}

// Periodic mode: at most once per interval, so that a stream of writes does not sync each.
void CommitQueue::sync_if_written() {
  if (!unsynced_) return;
  const auto now = std::chrono::steady_clock::now();
  bool stopping = false;
  {
    MutexLock lock(mutex_);
    stopping = stopping_;
  }
  if (!stopping && now - last_sync_ < options_.sync_interval) return;
  last_sync_ = now;
  unsynced_ = false;
  if (auto synced = database_.sync(); !synced.ok()) {
    log_error("tables", "{}", synced.error().message);
  }
}

}  // namespace tidemill::tables::embedded
