// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace tidemill {

std::uint32_t crc32c_extend(std::uint32_t crc, BytesView bytes) {
  // ISA-L takes an int length and neither inverts its seed nor its result.
  std::uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::size_t step = std::min<std::size_t>(bytes.size(), 1u << 30);
    state = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(step), state);
    bytes = bytes.subspan(step);
  }
  return ~state;
}

std::uint32_t crc32c(BytesView bytes) {
  return crc32c_extend(0, bytes);
}

}  // namespace tidemill
