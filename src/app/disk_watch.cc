// SPDX-License-Identifier: Apache-2.0
#include "app/disk_watch.h"

#include <fmt/format.h>

#include "runtime/log.h"

namespace tidemill::app {
namespace {

constexpr std::chrono::milliseconds kStep{50};
constexpr std::chrono::seconds kEvery{1};

}  // namespace

void DiskWatch::start() {
  look();
  thread_ = Thread("disk-watch", [this](const std::stop_token& stop) {
    for (auto waited = std::chrono::milliseconds(0); !stop.stop_requested(); waited += kStep) {
      pause_thread(kStep);
      if (waited < kEvery) continue;
      look();
      waited = std::chrono::milliseconds(0);
    }
  });
}

void DiskWatch::look() {
  const auto free = disk_.free_bytes(folder_);
  if (!free.ok()) return;
  const DiskState now = *free < kFullBytes  ? DiskState::Full
                        : *free < kLowBytes ? DiskState::Low
                                            : DiskState::Roomy;
  DiskState before;
  {
    const MutexLock lock(mutex_);
    before = state_;
    state_ = now;
    free_bytes_ = *free;
  }
  if (now == before) return;
  if (now == DiskState::Full) {
    log_error("app", "{}", text());
  } else if (now == DiskState::Low) {
    log_warning("app", "{}", text());
  } else {
    log_info("app", "the disk of data folder '{}' has space again: {} MiB are free", folder_,
             *free >> 20);
  }
}

DiskState DiskWatch::state() const {
  const MutexLock lock(mutex_);
  return state_;
}

std::uint64_t DiskWatch::free_bytes() const {
  const MutexLock lock(mutex_);
  return free_bytes_;
}

std::string DiskWatch::text() const {
  const MutexLock lock(mutex_);
  switch (state_) {
    case DiskState::Roomy:
      return "";
    case DiskState::Low:
      return fmt::format("the disk of data folder '{}' is nearly full: {} MiB are free", folder_,
                         free_bytes_ >> 20);
    case DiskState::Full:
      return fmt::format(
          "the disk of data folder '{}' is full ({} MiB free): writes fail and producers time out "
          "until space returns; shorten retention, or remove topics, tables or other files",
          folder_, free_bytes_ >> 20);
  }
  return "";
}

}  // namespace tidemill::app
