// SPDX-License-Identifier: Apache-2.0
#include "stream/state/key.h"

#include <cstring>

namespace tidemill::stream {
namespace {

std::uint64_t load64(const std::uint8_t* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Both halves of the 128-bit product, folded: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kMix = 0xd6e8feb86659fd93;

}  // namespace

std::uint64_t hash_key(BytesView key) {
  std::uint64_t hash = kSeed ^ key.size();
  const std::uint8_t* at = key.data();
  std::size_t left = key.size();
  for (; left >= 16; left -= 16, at += 16) {
    hash = fold(load64(at) ^ hash, load64(at + 8) ^ kMix);
  }
  std::uint8_t tail[16] = {};
  if (left > 0) std::memcpy(tail, at, left);
  hash = fold(load64(tail) ^ hash, load64(tail + 8) ^ kMix);
  return fold(hash ^ kSeed, kMix);
}

void append_key(std::span<const ColumnView> columns, std::size_t at, Bytes& out) {
  for (const auto& column : columns) {
    if (column.is_null(at)) {
      out.push_back(0);
      continue;
    }
    const bool text = is_text(column.type);
    const std::size_t width = text ? 4 + column.text(at).size() : width_of(column.type);
    const std::size_t from = out.size();
    out.resize(from + 1 + width);
    std::uint8_t* to = out.data() + from;
    *to++ = 1;
    if (!text) {
      std::memcpy(to, static_cast<const char*>(column.values) + at * width, width);
      continue;
    }
    const std::string_view value = column.text(at);
    const auto size = static_cast<std::uint32_t>(value.size());
    std::memcpy(to, &size, sizeof size);
    if (size > 0) std::memcpy(to + 4, value.data(), size);
  }
}

Result<> read_key(BytesView key, ChunkBuffer& out, std::size_t first_column,
                  std::size_t column_count, std::size_t row) {
  ByteReader in(key);
  for (std::size_t i = 0; i < column_count; ++i) {
    const std::size_t column = first_column + i;
    if (TRY(in.u8()) == 0) {
      out.set_null(column, row);
      continue;
    }
    const ColumnType type = out.type(column);
    if (is_text(type)) {
      std::uint32_t size = 0;
      std::memcpy(&size, TRY(in.bytes(4)).data(), 4);
      out.set(column, row, TextRef(TRY(in.text(size))));
      continue;
    }
    const BytesView value = TRY(in.bytes(width_of(type)));
    const auto set = [&]<class T>(T copy) {
      std::memcpy(&copy, value.data(), sizeof copy);
      out.set(column, row, copy);
    };
    switch (value.size()) {
      case 1:
        set(std::uint8_t{});
        break;
      case 4:
        set(std::int32_t{});
        break;
      case 8:
        set(std::int64_t{});
        break;
      default:
        set(HugeInt{});
    }
  }
  if (!in.at_end()) return error(ErrorCode::Corrupt, "state key has more columns than the query");
  return {};
}

}  // namespace tidemill::stream
