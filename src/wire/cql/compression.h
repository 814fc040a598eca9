// SPDX-License-Identifier: Apache-2.0
// Compressed bodies (v3 and v4: lz4 behind its uncompressed length in big-endian, snappy as it is)
// and lz4 blocks of v5 segments. The claimed length is bounded before anything is allocated.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemill::wire::cql {

enum class Compression : std::uint8_t { None, Lz4, Snappy };

Result<Bytes> decompress_body(Compression how, BytesView body, std::size_t limit);
Bytes compress_body(Compression how, BytesView body);

Result<Bytes> decompress_lz4_block(BytesView block, std::size_t uncompressed_length);
Bytes compress_lz4_block(BytesView data);

}  // namespace tidemill::wire::cql
