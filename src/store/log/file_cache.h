// SPDX-License-Identifier: Apache-2.0
// Keeps the files used last open, so that thousands of partitions need few descriptors.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "runtime/disk.h"

namespace tidemill::store::log {

// Thread: any.
class FileCache {
 public:
  FileCache(Disk& disk, std::size_t open_files_max) : disk_(disk), max_(open_files_max) {}

  Disk& disk() { return disk_; }
  // A number for a file that get() shall know; never given twice.
  std::uint64_t fresh_id();
  // The open file; opens it (creating it where it is missing) and closes the one used longest ago
  // when there are too many. Who holds the pointer keeps it open.
  Result<std::shared_ptr<File>> get(std::uint64_t id, const std::string& path);
  void forget(std::uint64_t id);
  std::size_t open_files() const;

 private:
  using Entry = std::pair<std::uint64_t, std::shared_ptr<File>>;

  Disk& disk_;
  const std::size_t max_;
  mutable Mutex mutex_;
  std::uint64_t last_id_ TM_GUARDED_BY(mutex_) = 0;
  std::list<Entry> recent_ TM_GUARDED_BY(mutex_);  // the front was used last
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::store::log
