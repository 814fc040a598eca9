// SPDX-License-Identifier: Apache-2.0
// Turns counts that only grow into rates: a sample each second, the slope over the last few.
#pragma once

#include <map>
#include <string>

#include "base/mutex.h"
#include "runtime/clock.h"

namespace tidemill::web {

// Thread: any.
class Rates {
 public:
  explicit Rates(const Clock& clock) : clock_(clock) {}
  // Notes the count and gives its growth per second over the last five seconds or so.
  double observe(const std::string& name, double count) TM_EXCLUDES(mutex_);

 private:
  struct Series {
    static constexpr std::size_t kSamples = 6;
    double count[kSamples] = {};
    std::int64_t at_us[kSamples] = {};
    std::size_t used = 0;
  };
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Series> series_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::web
