// SPDX-License-Identifier: Apache-2.0
// Kafka's default choice of a partition, so that equal keys meet whoever writes them.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemill::connect {

// MurmurHash2, 32 bits, as Kafka's Java client uses it (seed 0x9747b28c).
std::uint32_t murmur2(std::string_view key);

inline std::int32_t partition_of(std::string_view key, std::size_t partitions) {
  return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) % partitions);
}

}  // namespace tidemill::connect
