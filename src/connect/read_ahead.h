// SPDX-License-Identifier: Apache-2.0
// Reads the next records of a feeder while the last ones are being committed.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/mutex.h"
#include "connect/feed_reader.h"
#include "runtime/threads.h"

namespace tidemill::connect {

// Thread:   one at a time; the reader runs on a thread of its own from ask() to take().
// Lifetime: the reader outlives it. Destroying it waits for a read under way.
class ReadAhead {
 public:
  ReadAhead(FeedReader& reader, std::stop_token stop);
  ~ReadAhead();

  // `state`: that of the batch before, which a read without news keeps. Once, before each take().
  void ask(std::string state);
  // What the read gave; its records are in `batch`, whose own memory serves the next read.
  Result<ReadOutcome> take(FeedBatch& batch);

 private:
  void serve(const std::stop_token& end);

  FeedReader& reader_;
  const std::stop_token stop_;
  Mutex mutex_;
  CondVar changed_;
  bool asked_ TM_GUARDED_BY(mutex_) = false;
  bool ending_ TM_GUARDED_BY(mutex_) = false;
  std::optional<Result<ReadOutcome>> outcome_ TM_GUARDED_BY(mutex_);
  FeedBatch batch_;  // the thread's while a read is under way, else the caller's
  Thread thread_;    // last: it uses all of the above
};

}  // namespace tidemill::connect
