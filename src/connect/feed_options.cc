// SPDX-License-Identifier: Apache-2.0
#include "connect/feed_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <utility>

namespace tidemill::connect {

std::optional<std::string> OptionTaker::text(const std::string& name) {
  known_.insert(name);
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  options_.erase(found);
  return value;
}

Result<std::string> OptionTaker::required(const std::string& name) {
  auto value = text(name);
  if (value && !value->empty()) return std::move(*value);
  return error(ErrorCode::InvalidArgument,
               fmt::format("connector '{}' needs the option '{}'", connector_, name));
}

Error OptionTaker::wrong(const std::string& name, const std::string& value,
                         std::string_view rule) const {
  return error(ErrorCode::InvalidArgument, fmt::format("option '{}' of connector '{}' is '{}', {}",
                                                       name, connector_, value, rule));
}

Result<std::int64_t> OptionTaker::whole(const std::string& name, std::int64_t fallback,
                                        std::int64_t lowest, std::int64_t highest) {
  const auto value = text(name);
  if (!value) return fallback;
  std::int64_t parsed = 0;
  const auto [end, problem] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (problem != std::errc{} || end != value->data() + value->size() || parsed < lowest ||
      parsed > highest) {
    return wrong(name, *value,
                 fmt::format("it must be a whole number from {} to {}", lowest, highest));
  }
  return parsed;
}

Result<double> OptionTaker::number(const std::string& name, double fallback, double lowest,
                                   double highest) {
  const auto value = text(name);
  if (!value) return fallback;
  double parsed = 0;
  const auto [end, problem] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (problem != std::errc{} || end != value->data() + value->size() ||
      !(parsed >= lowest && parsed <= highest)) {
    return wrong(name, *value, fmt::format("it must be a number from {} to {}", lowest, highest));
  }
  return parsed;
}

Result<bool> OptionTaker::flag(const std::string& name, bool fallback) {
  const auto value = text(name);
  if (!value) return fallback;
  if (*value == "true") return true;
  if (*value == "false") return false;
  return wrong(name, *value, "it must be true or false");
}

Result<std::chrono::milliseconds> OptionTaker::duration(const std::string& name,
                                                        std::chrono::milliseconds fallback) {
  const auto value = text(name);
  if (!value) return fallback;
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 13> kUnits{{
      {"ms", 1},
      {"millisecond", 1},
      {"milliseconds", 1},
      {"s", 1'000},
      {"second", 1'000},
      {"seconds", 1'000},
      {"m", 60'000},
      {"min", 60'000},
      {"minute", 60'000},
      {"minutes", 60'000},
      {"h", 3'600'000},
      {"hour", 3'600'000},
      {"hours", 3'600'000},
  }};
  double amount = 0;
  const char* end_of_text = value->data() + value->size();
  const auto [end, problem] = std::from_chars(value->data(), end_of_text, amount);
  std::string_view unit(end, static_cast<std::size_t>(end_of_text - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (problem == std::errc{} && amount >= 0 && amount < 1e9) {
    for (const auto& [spelling, milliseconds] : kUnits) {
      if (unit != spelling) continue;
      const double total = amount * static_cast<double>(milliseconds);
      return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
    }
  }
  return wrong(name, *value, "it must be a length of time such as '10 seconds'");
}

FeedOptions OptionTaker::with_prefix(const std::string& prefix) {
  known_.insert(prefix + "*");
  FeedOptions taken;
  for (auto at = options_.begin(); at != options_.end();) {
    if (!at->first.starts_with(prefix)) {
      ++at;
      continue;
    }
    taken[at->first.substr(prefix.size())] = at->second;
    at = options_.erase(at);
  }
  return taken;
}

Result<> OptionTaker::finish() const {
  if (options_.empty()) return {};
  return error(ErrorCode::InvalidArgument,
               fmt::format("connector '{}' has no option '{}'; it knows {}", connector_,
                           options_.begin()->first, fmt::join(known_, ", ")));
}

}  // namespace tidemill::connect
