// SPDX-License-Identifier: Apache-2.0
// The only source of time. Tests turn a ManualClock by hand.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tidemill {

// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point wall() const = 0;
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;

  std::int64_t wall_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(wall().time_since_epoch()).count();
  }
  std::int64_t wall_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(wall().time_since_epoch()).count();
  }
};

class SystemClock final : public Clock {
 public:
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::now();
  }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::now();
  }
};

// Stands still until advance() moves it; starts at 2026-01-01T00:00:00Z.
class ManualClock final : public Clock {
 public:
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point{std::chrono::microseconds{1767225600000000} +
                                                 std::chrono::microseconds{passed_us_.load()}};
  }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point{std::chrono::microseconds{passed_us_.load()}};
  }
  void advance(std::chrono::microseconds by) { passed_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_us_{0};
};

}  // namespace tidemill
