// SPDX-License-Identifier: Apache-2.0
// Lengths of time as SQL clauses and options write them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill::sql {

// "10 seconds", "600 s", "24h", "1 hour 30 minutes", "500 ms", "0"; units from microseconds to
// weeks. Months and years have no fixed length and are refused. InvalidArgument says why.
Result<std::chrono::microseconds> parse_duration(std::string_view text);

// The shortest spelling that parse_duration reads back: "1 day", "90 seconds".
std::string format_duration(std::chrono::microseconds duration);

}  // namespace tidemill::sql
