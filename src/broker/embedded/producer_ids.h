// SPDX-License-Identifier: Apache-2.0
// Producer ids, never given twice, also across crashes: blocks of 1000 are written down before the
// first of them is used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "runtime/disk.h"

namespace tidemill::broker::embedded {

// Thread: any; next() touches the disk once per block unless refill() came before.
class ProducerIds {
 public:
  ProducerIds(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Result<> open();
  Result<std::int64_t> next();
  // Reserves the next block when the current one is half used.
  Result<> refill();

 private:
  Result<> reserve(std::int64_t end) TM_REQUIRES(mutex_);

  Disk& disk_;
  const std::string path_;
  Mutex mutex_;
  std::int64_t next_ TM_GUARDED_BY(mutex_) = 0;
  std::int64_t end_ TM_GUARDED_BY(mutex_) = 0;  // on disk: everything below is reserved
};

}  // namespace tidemill::broker::embedded
