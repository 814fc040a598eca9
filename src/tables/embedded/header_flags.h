// SPDX-License-Identifier: Apache-2.0
// Which tables have partition headers at all, so that reads of the others skip looking for them.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "base/mutex.h"
#include "store/rocks/database.h"

namespace tidemill::tables::embedded {

// Thread: any.
class HeaderFlags {
 public:
  // "h/" incarnation:u32be in the schema family.
  static constexpr char kPrefix[] = "h/";

  explicit HeaderFlags(rocksdb::ColumnFamilyHandle* family) : family_(family) {}

  bool has(std::uint32_t incarnation) const {
    MutexLock lock(mutex_);
    return flagged_.contains(incarnation);
  }
  // Flags it from now on, and in the batch, which must be the one with the header.
  void note(std::uint32_t incarnation, store::rocks::Batch& batch) {
    MutexLock lock(mutex_);
    flagged_.insert(incarnation);
    if (stored_.contains(incarnation)) return;
    Bytes key;
    ByteWriter writer(key);
    writer.text(kPrefix);
    writer.u32be(incarnation);
    batch.put(family_, key, {});
  }
  // Found in the database, or written to it.
  void load(std::uint32_t incarnation) {
    MutexLock lock(mutex_);
    flagged_.insert(incarnation);
    stored_.insert(incarnation);
  }

 private:
  rocksdb::ColumnFamilyHandle* family_;
  mutable Mutex mutex_;
  std::unordered_set<std::uint32_t> flagged_ TM_GUARDED_BY(mutex_);
  std::unordered_set<std::uint32_t> stored_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::tables::embedded
