// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include <fmt/core.h>

namespace tidemill {

static constexpr bool is_dash_position(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

std::string to_string(const Uuid& uuid) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (is_dash_position(text.size())) text.push_back('-');
    text.push_back(kDigits[uuid.bytes[i] >> 4]);
    text.push_back(kDigits[uuid.bytes[i] & 15]);
  }
  return text;
}

Result<Uuid> parse_uuid(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  Uuid uuid;
  std::size_t nibble = 0;
  bool valid = text.size() == 36;
  for (std::size_t i = 0; valid && i < 36; ++i) {
    if (is_dash_position(i)) {
      valid = text[i] == '-';
      continue;
    }
    const int value = digit(text[i]);
    valid = value >= 0;
    auto& byte = uuid.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | (value & 15));
    ++nibble;
  }
  if (!valid) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("'{}' is not a UUID of the form 8-4-4-4-12", text.substr(0, 64)));
  }
  return uuid;
}

}  // namespace tidemill
