// SPDX-License-Identifier: Apache-2.0
// The codecs of Kafka record batches: gzip, snappy (xerial's framing, raw blocks are read too), lz4
// (frames) and zstd.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace tidemill::wire::kafka {

// The low three bits of a batch's attributes.
enum class Compression : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };

std::string_view name_of(Compression codec);  // "none", "gzip", ...
// Corrupt for 5 to 7.
Result<Compression> compression_of(std::int16_t attributes);

Result<Bytes> compress(Compression codec, BytesView plain);
// Fails with TooLarge before more than bytes_max come out, with Corrupt where the input is damaged.
Result<Bytes> decompress(Compression codec, BytesView packed, std::size_t bytes_max);

}  // namespace tidemill::wire::kafka
