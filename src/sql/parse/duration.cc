// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "sql/parse/lexer.h"

namespace tidemill::sql {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::array<Unit, 27> kUnits{{
    {"us", 1},
    {"microsecond", 1},
    {"microseconds", 1},
    {"ms", 1'000},
    {"millisecond", 1'000},
    {"milliseconds", 1'000},
    {"s", kSecond},
    {"sec", kSecond},
    {"secs", kSecond},
    {"second", kSecond},
    {"seconds", kSecond},
    {"m", 60 * kSecond},
    {"min", 60 * kSecond},
    {"mins", 60 * kSecond},
    {"minute", 60 * kSecond},
    {"minutes", 60 * kSecond},
    {"h", 3600 * kSecond},
    {"hr", 3600 * kSecond},
    {"hrs", 3600 * kSecond},
    {"hour", 3600 * kSecond},
    {"hours", 3600 * kSecond},
    {"d", 86'400 * kSecond},
    {"day", 86'400 * kSecond},
    {"days", 86'400 * kSecond},
    {"w", 604'800 * kSecond},
    {"week", 604'800 * kSecond},
    {"weeks", 604'800 * kSecond},
}};

constexpr double kLongestMicroseconds = 1e17;  // about 3,000 years

Error malformed(std::string_view text, std::string_view why) {
  return error(ErrorCode::InvalidArgument,
               fmt::format("'{}' is not a length of time: {}", text, why))
      .with_hint("write it as '10 seconds', '1 hour 30 minutes' or '500 ms'");
}

std::string_view trim_left(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace

Result<std::chrono::microseconds> parse_duration(std::string_view text) {
  std::string_view rest = trim_left(text);
  if (rest.empty()) return malformed(text, "it is empty");
  double total = 0;
  while (!rest.empty()) {
    double amount = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), amount);
    if (problem != std::errc{} || !(amount >= 0)) {
      return malformed(text, fmt::format("expected a number before '{}'", rest.substr(0, 20)));
    }
    rest = trim_left(rest.substr(static_cast<std::size_t>(end - rest.data())));
    std::size_t letters = 0;
    while (letters < rest.size() && rest[letters] >= 'A') ++letters;
    const std::string unit = to_lower(rest.substr(0, letters));
    rest = trim_left(rest.substr(letters));
    if (unit.empty()) {
      if (amount == 0 && rest.empty()) return std::chrono::microseconds{0};
      return malformed(text, "the unit is missing");
    }
    const Unit* found = nullptr;
    for (const Unit& candidate : kUnits) {
      if (candidate.name == unit) found = &candidate;
    }
    if (found == nullptr) {
      if (unit.starts_with("mon") || unit.starts_with("y")) {
        return malformed(text, fmt::format("'{}' has no fixed length", unit));
      }
      return malformed(text, fmt::format("unknown unit '{}'", unit));
    }
    total += amount * static_cast<double>(found->microseconds);
    if (!(total <= kLongestMicroseconds)) return malformed(text, "it is too long");
  }
  return std::chrono::microseconds{std::llround(total)};
}

std::string format_duration(std::chrono::microseconds duration) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kNames{{
      {"day", 86'400 * kSecond},
      {"hour", 3600 * kSecond},
      {"minute", 60 * kSecond},
      {"second", kSecond},
      {"millisecond", 1'000},
      {"microsecond", 1},
  }};
  const std::int64_t count = duration.count();
  if (count == 0) return "0 seconds";
  for (const auto& [name, size] : kNames) {
    if (count % size == 0) {
      return fmt::format("{} {}{}", count / size, name, count / size == 1 ? "" : "s");
    }
  }
  return fmt::format("{} microseconds", count);
}

}  // namespace tidemill::sql
