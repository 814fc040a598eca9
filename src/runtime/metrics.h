// SPDX-License-Identifier: Apache-2.0
// Metrics in Prometheus' text format. Each folder declares its own in a metrics.h of its own, named
// tidemill_<folder>_<noun>_<unit>[_total].
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace tidemill {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Thread: any; adding is one relaxed atomic operation.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Counts durations in microseconds in buckets that grow by powers of two; gives quantiles.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 128;  // four per power of two, up to 2^32 us
  void observe_us(std::uint64_t microseconds);
  std::uint64_t count() const;
  // The upper bound of the bucket that holds the quantile, in microseconds; 0 when empty.
  std::uint64_t quantile_us(double q) const;
  std::uint64_t sum_us() const { return sum_.load(std::memory_order_relaxed); }
  std::uint64_t at_most_us(std::uint64_t bound) const;

 private:
  std::atomic<std::uint64_t> buckets_[kBuckets] = {};
  std::atomic<std::uint64_t> sum_{0};
};

// Owns all metrics of a process and writes them.
//
// Thread:   any.
// Lifetime: outlives everything that holds a metric; metrics are never removed.
class Metrics {
 public:
  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, MetricLabels labels = {});
  // A gauge whose value is asked for when the page is read.
  void callback(std::string_view name, std::string_view help, MetricLabels labels,
                std::function<double()> read);

  // Prometheus text exposition format 0.0.4; families sorted by name.
  std::string text() const;
  // (name, help) of every family, sorted: the reference page is made of it.
  std::vector<std::pair<std::string, std::string>> families() const;

 private:
  struct Entry;
  struct Family;
  Entry& entry(std::string_view name, std::string_view help, std::string_view kind,
               MetricLabels labels) TM_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::list<std::shared_ptr<Family>> families_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill
