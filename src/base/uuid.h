// SPDX-License-Identifier: Apache-2.0
// 128-bit identifiers in network byte order. Where random ones come from: runtime/random.h.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};

std::string to_string(const Uuid& uuid);         // 8-4-4-4-12 lower-case hexadecimal
Result<Uuid> parse_uuid(std::string_view text);  // the same form, either case

}  // namespace tidemill
