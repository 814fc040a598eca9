// SPDX-License-Identifier: Apache-2.0
// The one table of options. YAML, environment, --set, --help, the reference page and /api/v1/config
// all read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemill::config {

enum class OptionKind { Text, Boolean, Integer, Bytes, Duration, Choice };
enum class Restart { No, Yes };

// Bytes are written "64 MiB" or as a plain number, durations "200 ms", "10 s", "5 min", "7 d" or in
// milliseconds; bounds are in bytes and milliseconds.
struct OptionSpec {
  std::string_view name;
  OptionKind kind;
  std::string_view default_text;
  std::int64_t smallest;
  std::int64_t largest;
  std::string_view choices;  // Choice: "batch|periodic"
  Restart restart;
  std::string_view help;
};

// Sorted by name.
std::span<const OptionSpec> option_table();
const OptionSpec* find_option(std::string_view name);
// The option a mistyped name probably meant.
std::string_view nearest_option(std::string_view name);
// The unit a bare number of the option is in: "bytes", "ms" or "".
std::string_view unit_of(const OptionSpec& option);

// The number a value stands for (bytes, milliseconds, 0 or 1); checked against the option's bounds.
// InvalidArgument names the option, the value and the bound.
Result<std::int64_t> parse_number(const OptionSpec& option, std::string_view text);
// Checks any kind of value.
Result<> check_value(const OptionSpec& option, std::string_view text);

// docs/user/options.md, generated.
std::string reference_page();

}  // namespace tidemill::config
