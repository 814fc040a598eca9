// SPDX-License-Identifier: Apache-2.0
// The only source of randomness; a seed reproduces a run.
#pragma once

#include <cstdint>

#include "base/mutex.h"
#include "base/uuid.h"

namespace tidemill {

// Thread: any.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// From the operating system.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

// SplitMix64 from a seed: the same sequence on every machine.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  Mutex mutex_;
  std::uint64_t state_ TM_GUARDED_BY(mutex_);
};

Uuid random_uuid(Random& random);  // RFC 9562 version 4

}  // namespace tidemill
