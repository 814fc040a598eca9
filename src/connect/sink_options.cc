// SPDX-License-Identifier: Apache-2.0
#include "connect/sink_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tidemill::connect {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_number(text.substr(0, digits));
  if (!count || *count > 1'000'000'000) return std::nullopt;
  auto unit = text.substr(digits);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit.size() > 1 && unit.ends_with('s')) unit.remove_suffix(1);
  if (unit.empty() || unit == "s" || unit == "sec" || unit == "second") return count;
  if (unit == "m" || unit == "min" || unit == "minute") return *count * 60;
  if (unit == "h" || unit == "hour") return *count * 3600;
  if (unit == "d" || unit == "day") return *count * 86400;
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::optional<std::string> SinkOptions::take(const std::string& name) {
  known_.push_back(name);
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  auto value = std::move(found->second);
  options_.erase(found);
  return value;
}

Result<std::string> SinkOptions::require(const std::string& name) {
  auto value = take(name);
  if (value && !value->empty()) return *std::move(value);
  return error(ErrorCode::InvalidArgument, fmt::format("sink option '{}' is missing", name));
}

Result<std::string> SinkOptions::choice(const std::string& name,
                                        const std::vector<std::string>& choices) {
  auto value = take(name);
  if (!value) return choices.front();
  if (std::ranges::find(choices, *value) != choices.end()) return *std::move(value);
  return error(ErrorCode::InvalidArgument, fmt::format("sink option '{}' is '{}', not one of {}",
                                                       name, *value, joined(choices)));
}

Result<std::optional<std::int64_t>> SinkOptions::seconds(const std::string& name) {
  const auto value = take(name);
  if (!value) return std::optional<std::int64_t>();
  const auto seconds = parse_seconds(*value);
  if (seconds) return seconds;
  return error(
      ErrorCode::InvalidArgument,
      fmt::format("sink option '{}' is '{}', no time like '600 s' or '10 minutes'", name, *value));
}

Result<std::optional<std::int64_t>> SinkOptions::number(const std::string& name, std::int64_t least,
                                                        std::int64_t most) {
  const auto value = take(name);
  if (!value) return std::optional<std::int64_t>();
  const auto number = parse_number(*value);
  if (number && *number >= least && *number <= most) return number;
  return error(ErrorCode::InvalidArgument,
               fmt::format("sink option '{}' is '{}', not a number from {} to {}", name, *value,
                           least, most));
}

Result<> SinkOptions::finish(const std::string& connector) const {
  if (options_.empty()) return {};
  return error(ErrorCode::InvalidArgument,
               fmt::format("sink connector '{}' has no option '{}'; it has {}", connector,
                           options_.begin()->first, joined(known_)));
}

}  // namespace tidemill::connect
