// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), as Kafka's record batches and our file formats use it.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tidemill {

std::uint32_t crc32c(BytesView bytes);
// Continues a checksum: crc32c_extend(crc32c(a), b) == crc32c(a + b).
std::uint32_t crc32c_extend(std::uint32_t crc, BytesView bytes);

}  // namespace tidemill
