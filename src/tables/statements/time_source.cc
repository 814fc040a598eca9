// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/term.h"

namespace tidemill::tables::statements {
namespace {

// Moves `last` to `now`, or one past itself when time has not moved on.
template <class T>
T advance(std::atomic<T>& last, T now) {
  T before = last.load(std::memory_order_relaxed);
  while (true) {
    const T next = now > before ? now : before + 1;
    if (last.compare_exchange_weak(before, next, std::memory_order_relaxed)) return next;
  }
}

}  // namespace

TimeSource::TimeSource(Clock& clock, Random& random) : clock_(clock), random_(random) {
  // Variant bits of RFC 9562; a node with the multicast bit cannot be a network card's.
  node_ = (random_.next() & 0x3FFFFFFFFFFFFFFFULL) | 0x8000010000000000ULL;
}

std::int64_t TimeSource::next_timestamp() {
  return advance(last_timestamp_, clock_.wall_us());
}

Uuid TimeSource::next_timeuuid() {
  return wire::cql::make_timeuuid(advance(last_ticks_, wire::cql::timeuuid_ticks(clock_.wall_us())),
                                  node_);
}

Uuid TimeSource::random_uuid() {
  return tidemill::random_uuid(random_);
}

}  // namespace tidemill::tables::statements
