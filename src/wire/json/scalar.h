// SPDX-License-Identifier: Apache-2.0
// Text to the values of a column: what a JSON string or number must look like to be one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/uuid.h"
#include "model/chunk.h"

namespace tidemill::wire::json {

// "2026-01-31"; days since 1970-01-01.
std::optional<std::int32_t> parse_date(std::string_view text);
// RFC 3339 and what ISO 8601 writers make of it: "2026-01-31T10:00:00.123456Z", a space for the T,
// no seconds, "+01:00", "+0100", "+01", no zone (UTC), a date alone. Microseconds since 1970.
std::optional<std::int64_t> parse_timestamp(std::string_view text);
// 8-4-4-4-12 hexadecimal digits in either case, nothing around them.
std::optional<Uuid> parse_uuid_text(std::string_view text);
std::optional<std::int64_t> parse_bigint(std::string_view number);
std::optional<HugeInt> parse_hugeint(std::string_view number);
std::optional<double> parse_double(std::string_view number);

}  // namespace tidemill::wire::json
