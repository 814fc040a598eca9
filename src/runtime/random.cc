// SPDX-License-Identifier: Apache-2.0
#include "runtime/random.h"

#include <sys/random.h>

#include <cstring>

#include "base/check.h"

namespace tidemill {

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  const auto got = ::getrandom(&value, sizeof value, 0);
  TM_CHECK(got == sizeof value, "getrandom gave {} bytes", got);
  return value;
}

std::uint64_t SeededRandom::next() {
  const MutexLock lock(mutex_);
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

Uuid random_uuid(Random& random) {
  Uuid uuid;
  const std::uint64_t words[2] = {random.next(), random.next()};
  std::memcpy(uuid.bytes.data(), words, sizeof words);
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace tidemill
