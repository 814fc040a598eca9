// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/parse/duration.h"

namespace tidemill::sql {

Error option_error(Position at, std::string_view message) {
  return error(ErrorCode::InvalidArgument, fmt::format("{}: {}", to_string(at), message));
}

std::optional<ParsedOption> OptionReader::take(const std::string& name) {
  known_.push_back(name);
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  ParsedOption option = std::move(found->second);
  options_.erase(found);
  return option;
}

Result<std::string> OptionReader::take_choice(const std::string& name, const std::string& fallback,
                                              const std::vector<std::string_view>& choices) {
  const auto option = take(name);
  if (!option) return fallback;
  std::string value = to_lower(option->value);
  if (std::ranges::find(choices, value) != choices.end()) return value;
  std::string message = fmt::format("option '{}' is '{}', it must be one of {}", name,
                                    option->value, fmt::join(choices, ", "));
  const std::string_view close = nearest(value, choices);
  if (!close.empty()) message += fmt::format("; did you mean {}?", close);
  return option_error(option->position, message);
}

Result<std::chrono::milliseconds> OptionReader::take_duration(const std::string& name,
                                                              std::chrono::milliseconds fallback) {
  const auto option = take(name);
  if (!option) return fallback;
  const auto length = parse_duration(option->value);
  if (!length.ok()) {
    return option_error(option->position,
                        fmt::format("option '{}': {}", name, length.error().message));
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(*length);
}

Result<> OptionReader::finish(std::string_view subject) const {
  if (options_.empty()) return {};
  const auto& [name, option] = *options_.begin();
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  const std::string_view close = nearest(name, known);
  return option_error(
      option.position,
      close.empty()
          ? fmt::format("{} has no option '{}'; it knows {}", subject, name, fmt::join(known, ", "))
          : fmt::format("{} has no option '{}'; did you mean '{}'?", subject, name, close));
}

}  // namespace tidemill::sql
