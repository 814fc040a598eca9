// SPDX-License-Identifier: Apache-2.0
#include "connect/read_ahead.h"

#include <utility>

namespace tidemill::connect {

ReadAhead::ReadAhead(FeedReader& reader, std::stop_token stop)
    : reader_(reader),
      stop_(std::move(stop)),
      thread_("read-ahead", [this](const std::stop_token& end) { serve(end); }) {}

ReadAhead::~ReadAhead() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.stop();
}

void ReadAhead::ask(std::string state) {
  batch_.clear();
  batch_.state = std::move(state);
  {
    const MutexLock lock(mutex_);
    asked_ = true;
  }
  changed_.notify_all();
}

Result<ReadOutcome> ReadAhead::take(FeedBatch& batch) {
  const MutexLock lock(mutex_);
  while (!outcome_) changed_.wait(mutex_);
  Result<ReadOutcome> outcome = std::move(*outcome_);
  outcome_.reset();
  std::swap(batch, batch_);
  return outcome;
}

void ReadAhead::serve(const std::stop_token&) {
  while (true) {
    {
      const MutexLock lock(mutex_);
      while (!asked_ && !ending_) changed_.wait(mutex_);
      if (ending_) return;
      asked_ = false;
    }
    auto outcome = reader_.read(ReadLimits(), batch_, stop_);
    {
      const MutexLock lock(mutex_);
      outcome_ = std::move(outcome);
    }
    changed_.notify_all();
  }
}

}  // namespace tidemill::connect
