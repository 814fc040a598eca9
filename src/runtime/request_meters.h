// SPDX-License-Identifier: Apache-2.0
// What a server counts of each kind of request it serves (a Kafka API, a CQL opcode).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <list>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "runtime/metrics.h"

namespace tidemill {

struct RequestMeter {
  Counter& requests;
  Counter& received_bytes;
  Counter& sent_bytes;
  Histogram& queued;   // from the arrival of its last byte until its work begins
  Histogram& handled;  // from then until the answer is ready to be sent
};

// Named tidemill_<folder>_requests_total and so on, with one label for the kind. A kind appears
// with its first request, so that the metrics page holds only what is in use.
//
// Thread: any.
class RequestMeters {
 public:
  static constexpr std::size_t kKindsMost = 128;
  RequestMeters(Metrics& metrics, std::string folder, std::string label)
      : metrics_(metrics), folder_(std::move(folder)), label_(std::move(label)) {}

  // One index is always of the same kind.
  RequestMeter& of(std::size_t index, std::string_view kind) {
    RequestMeter* const known = known_[index].load(std::memory_order_acquire);
    return known != nullptr ? *known : add(index, kind);
  }

 private:
  RequestMeter& add(std::size_t index, std::string_view kind);

  Metrics& metrics_;
  const std::string folder_;
  const std::string label_;
  std::array<std::atomic<RequestMeter*>, kKindsMost> known_{};
  Mutex mutex_;
  std::list<RequestMeter> meters_ TM_GUARDED_BY(mutex_);
};

inline void observe(Histogram& histogram, std::chrono::steady_clock::duration taken) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
  histogram.observe_us(us < 0 ? 0 : static_cast<std::uint64_t>(us));
}

}  // namespace tidemill
