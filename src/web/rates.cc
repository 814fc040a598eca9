// SPDX-License-Identifier: Apache-2.0
#include "web/rates.h"

#include <algorithm>
#include <chrono>

namespace tidemill::web {

double Rates::observe(const std::string& name, double count) {
  const std::int64_t now_us =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic().time_since_epoch())
          .count();
  const MutexLock lock(mutex_);
  Series& s = series_[name];
  // Askers may be many; samples are kept about a second apart.
  if (s.used == 0 || now_us - s.at_us[s.used - 1] >= 900'000) {
    if (s.used == Series::kSamples) {
      std::move(s.count + 1, s.count + s.used, s.count);
      std::move(s.at_us + 1, s.at_us + s.used, s.at_us);
      --s.used;
    }
    s.count[s.used] = count;
    s.at_us[s.used] = now_us;
    ++s.used;
  }
  const double seconds = static_cast<double>(now_us - s.at_us[0]) / 1e6;
  if (seconds < 0.5) return 0;
  return std::max(0.0, (count - s.count[0]) / seconds);
}

}  // namespace tidemill::web
