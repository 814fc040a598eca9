// SPDX-License-Identifier: Apache-2.0
// Values as text: reading what stands between quotes or as a bare number in CQL and JSON, and
// printing for CAST, JSON and shells. Times without a zone are UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/cql/error.h"
#include "wire/cql/type.h"
#include "wire/cql/value.h"

namespace tidemill::wire::cql {

// A scalar value from its text, with Cassandra's wording when it is none.
Outcome<Bytes> parse_scalar(const Type& type, std::string_view text);

std::optional<std::int64_t> parse_timestamp_ms(std::string_view text);
std::optional<std::int32_t> parse_date_days(std::string_view text);
std::optional<std::int64_t> parse_time_nanoseconds(std::string_view text);
std::optional<Duration> parse_duration(std::string_view text);

// What CAST(... AS text) gives.
std::string to_cast_text(const Type& type, BytesView value);
// A value as cqlsh shows it; quoted as inside of a collection.
std::string to_shell_text(const Type& type, BytesView value, bool quoted = false);
// A value as SELECT JSON shows it.
std::string to_json_text(const Type& type, BytesView value);
std::string json_quoted(std::string_view text);

std::string format_timestamp(std::int64_t ms, std::string_view zone, char separator);
std::string format_date(std::int32_t days);
std::string format_time(std::int64_t nanoseconds);
std::string format_duration(const Duration& duration);
// As Java prints doubles and floats: "2.5", "1.0E10".
std::string format_java_double(double value);
std::string format_java_float(float value);

}  // namespace tidemill::wire::cql
