// SPDX-License-Identifier: Apache-2.0
// Keys of stored state: the bytes of some columns of a row, and their hash.
//
// key   := column*
// column:= null:0x00 | 0x01 value
// value := fixed-width little-endian bytes | size:u32le bytes (texts)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/chunk.h"

namespace tidemill::stream {

// Frozen: key groups in stored changelogs depend on it.
std::uint64_t hash_key(BytesView key);

// Appends the key of row `at` (a place in the columns).
void append_key(std::span<const ColumnView> columns, std::size_t at, Bytes& out);

// Sets the columns [first_column ...) of a row from a key. Texts point into the key's bytes.
Result<> read_key(BytesView key, ChunkBuffer& out, std::size_t first_column,
                  std::size_t column_count, std::size_t row);

}  // namespace tidemill::stream
