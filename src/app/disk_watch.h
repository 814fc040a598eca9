// SPDX-License-Identifier: Apache-2.0
// Says when the disk under the data folder is full. Clients cannot: a producer takes the broker's
// KAFKA_STORAGE_ERROR, as Apache Kafka's own, for something that passes, and reports a time-out.
#pragma once

#include <string>

#include "base/mutex.h"
#include "runtime/disk.h"
#include "runtime/threads.h"

namespace tidemill::app {

enum class DiskState { Roomy, Low, Full };

// Thread:   any.
// Lifetime: disk outlives it.
class DiskWatch {
 public:
  // Below the first, writes fail or are about to; below the second it is time to act.
  static constexpr std::uint64_t kFullBytes = 16ULL * 1024 * 1024;
  static constexpr std::uint64_t kLowBytes = 256ULL * 1024 * 1024;

  DiskWatch(Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  void start();  // looks every second
  void stop() { thread_.stop(); }
  // Logs a change once.
  void look();

  DiskState state() const;
  std::uint64_t free_bytes() const;
  // What to tell a user; empty when there is room.
  std::string text() const;

 private:
  Disk& disk_;
  const std::string folder_;
  mutable Mutex mutex_;
  DiskState state_ TM_GUARDED_BY(mutex_) = DiskState::Roomy;
  std::uint64_t free_bytes_ TM_GUARDED_BY(mutex_) = 0;
  Thread thread_;  // last: it uses all of the above
};

}  // namespace tidemill::app
