// SPDX-License-Identifier: Apache-2.0
#include "runtime/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace tidemill {
namespace {

// Bucket of a value: its power of two, cut in four.
std::size_t bucket_of(std::uint64_t us) {
  if (us < 4) return static_cast<std::size_t>(us);
  const auto power = static_cast<std::size_t>(std::bit_width(us)) - 1;
  return std::min((power - 1) * 4 + ((us >> (power - 2)) & 3), Histogram::kBuckets - 1);
}

// The largest value that falls into the bucket.
std::uint64_t bound_of(std::size_t bucket) {
  if (bucket < 4) return bucket;
  const std::size_t power = bucket / 4 + 1;
  return ((4 + bucket % 4 + 1) << (power - 2)) - 1;
}

constexpr std::uint64_t kTextBounds[] = {100,     250,     500,     1000,    2500,   5000,
                                         10000,   25000,   50000,   100000,  250000, 500000,
                                         1000000, 2500000, 5000000, 10000000};

std::string escape_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string label_text(const MetricLabels& labels, std::string_view bound = {}) {
  std::string out;
  for (const auto& [key, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", key, escape_label(value));
  }
  if (!bound.empty()) out += fmt::format("{}le=\"{}\"", out.empty() ? "" : ",", bound);
  return out.empty() ? out : "{" + out + "}";
}

}  // namespace

void Histogram::observe_us(std::uint64_t microseconds) {
  buckets_[bucket_of(microseconds)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(microseconds, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
  return total;
}

std::uint64_t Histogram::quantile_us(double q) const {
  const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count()));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen > wanted || (seen == wanted && seen > 0)) return bound_of(i);
  }
  return 0;
}

std::uint64_t Histogram::at_most_us(std::uint64_t bound) const {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets && bound_of(i) <= bound; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
  }
  return seen;
}

struct Metrics::Entry {
  MetricLabels labels;
  Counter counter;
  Gauge gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<double()> read;
};

struct Metrics::Family {
  std::string name;
  std::string help;
  std::string kind;
  std::list<Entry> entries;
};

Metrics::Entry& Metrics::entry(std::string_view name, std::string_view help, std::string_view kind,
                               MetricLabels labels) {
  auto family = std::ranges::find(families_, name, [](const auto& f) { return f->name; });
  if (family == families_.end()) {
    auto made = std::make_shared<Family>();
    made->name = name;
    made->help = help;
    made->kind = kind;
    family = families_.insert(
        std::ranges::find_if(families_, [&](const auto& f) { return f->name > name; }), made);
  }
  TM_CHECK((*family)->kind == kind, "metric {} is a {}, not a {}", name, (*family)->kind, kind);
  for (auto& existing : (*family)->entries) {
    if (existing.labels == labels) return existing;
  }
  auto& made = (*family)->entries.emplace_back();
  made.labels = std::move(labels);
  if (kind == "histogram") made.histogram = std::make_unique<Histogram>();
  return made;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, MetricLabels labels) {
  const MutexLock lock(mutex_);
  return entry(name, help, "counter", std::move(labels)).counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  const MutexLock lock(mutex_);
  return entry(name, help, "gauge", std::move(labels)).gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, MetricLabels labels) {
  const MutexLock lock(mutex_);
  return *entry(name, help, "histogram", std::move(labels)).histogram;
}

void Metrics::callback(std::string_view name, std::string_view help, MetricLabels labels,
                       std::function<double()> read) {
  const MutexLock lock(mutex_);
  entry(name, help, "gauge", std::move(labels)).read = std::move(read);
}

std::string Metrics::text() const {
  const MutexLock lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family->name, family->help, family->name,
                       family->kind);
    for (const auto& e : family->entries) {
      if (e.histogram) {
        for (const auto bound : kTextBounds) {
          out +=
              fmt::format("{}_bucket{} {}\n", family->name,
                          label_text(e.labels, fmt::format("{}", static_cast<double>(bound) / 1e6)),
                          e.histogram->at_most_us(bound));
        }
        out += fmt::format("{}_bucket{} {}\n", family->name, label_text(e.labels, "+Inf"),
                           e.histogram->count());
        out += fmt::format("{}_sum{} {}\n", family->name, label_text(e.labels),
                           static_cast<double>(e.histogram->sum_us()) / 1e6);
        out += fmt::format("{}_count{} {}\n", family->name, label_text(e.labels),
                           e.histogram->count());
      } else if (e.read) {
        out += fmt::format("{}{} {}\n", family->name, label_text(e.labels), e.read());
      } else if (family->kind == "counter") {
        out += fmt::format("{}{} {}\n", family->name, label_text(e.labels), e.counter.value());
      } else {
        out += fmt::format("{}{} {}\n", family->name, label_text(e.labels), e.gauge.value());
      }
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Metrics::families() const {
  const MutexLock lock(mutex_);
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& family : families_) out.emplace_back(family->name, family->help);
  return out;
}

}  // namespace tidemill
