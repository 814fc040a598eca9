// SPDX-License-Identifier: Apache-2.0
#include "store/log/file_cache.h"

namespace tidemill::store::log {

std::uint64_t FileCache::fresh_id() {
  const MutexLock lock(mutex_);
  return ++last_id_;
}

Result<std::shared_ptr<File>> FileCache::get(std::uint64_t id, const std::string& path) {
  const MutexLock lock(mutex_);
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    recent_.splice(recent_.begin(), recent_, known->second);
    return known->second->second;
  }
  std::shared_ptr<File> file = TRY(disk_.open(path, OpenMode::ReadWrite));
  recent_.emplace_front(id, file);
  by_id_[id] = recent_.begin();
  if (recent_.size() > max_) {
    by_id_.erase(recent_.back().first);
    recent_.pop_back();
  }
  return file;
}

void FileCache::forget(std::uint64_t id) {
  const MutexLock lock(mutex_);
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    recent_.erase(known->second);
    by_id_.erase(known);
  }
}

std::size_t FileCache::open_files() const {
  const MutexLock lock(mutex_);
  return recent_.size();
}

}  // namespace tidemill::store::log
