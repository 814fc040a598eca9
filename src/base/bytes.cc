// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <fmt/core.h>

#include <array>

namespace tidemill {

Error ByteReader::truncated(std::size_t wanted) const {
  return error(ErrorCode::Corrupt, fmt::format("needs {} bytes at byte {}, only {} are left",
                                               wanted, position_, remaining()));
}

Result<double> ByteReader::f64be() {
  return std::bit_cast<double>(TRY(u64be()));
}

Result<std::uint64_t> ByteReader::uvarint64() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = TRY(u8());
    if (shift == 63 && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return error(ErrorCode::Corrupt, fmt::format("varint ending at byte {} is too long", position_));
}

Result<std::uint32_t> ByteReader::uvarint32() {
  const std::uint64_t value = TRY(uvarint64());
  if (value > UINT32_MAX) {
    return error(ErrorCode::Corrupt,
                 fmt::format("varint {} at byte {} does not fit 32 bits", value, position_));
  }
  return static_cast<std::uint32_t>(value);
}

Result<std::int64_t> ByteReader::varint64() {
  const std::uint64_t raw = TRY(uvarint64());
  return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
}

Result<std::int32_t> ByteReader::varint32() {
  const std::uint32_t raw = TRY(uvarint32());
  return static_cast<std::int32_t>(raw >> 1) ^ -static_cast<std::int32_t>(raw & 1);
}

Result<BytesView> ByteReader::bytes(std::size_t count) {
  if (remaining() < count) return truncated(count);
  const BytesView view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

Result<std::string_view> ByteReader::text(std::size_t count) {
  return as_text(TRY(bytes(count)));
}

Result<> ByteReader::skip(std::size_t count) {
  if (remaining() < count) return truncated(count);
  position_ += count;
  return {};
}

void ByteWriter::uvarint64(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void ByteWriter::varint64(std::int64_t value) {
  uvarint64((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ByteWriter::varint32(std::int32_t value) {
  uvarint64((static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31));
}

std::string to_hex(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

static constexpr char kBase64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(BytesView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0u) |
                                (left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0u);
    text.push_back(kBase64[group >> 18 & 63]);
    text.push_back(kBase64[group >> 12 & 63]);
    text.push_back(left > 1 ? kBase64[group >> 6 & 63] : '=');
    text.push_back(left > 2 ? kBase64[group & 63] : '=');
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 64; ++i) {
      values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int8_t>(i);
    }
    return values;
  }();
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("base64 text of {} characters is cut short", text.size()));
  }
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::int8_t value = kValues[static_cast<unsigned char>(text[i])];
    if (value < 0) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("base64 text has an invalid character at position {}", i));
    }
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(group >> bits));
    }
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    std::uint32_t point = lead & (0xffu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    i += length;
  }
  return true;
}

}  // namespace tidemill
