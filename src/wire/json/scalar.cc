// SPDX-License-Identifier: Apache-2.0
#include "wire/json/scalar.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace tidemill::wire::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads decimal digits from the front of a text.
class DigitReader {
 public:
  explicit DigitReader(std::string_view text) : rest_(text) {}
  bool empty() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool skip(char c) {
    if (front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits, or -1.
  int digits(std::size_t count) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  // One to nine digits behind the point, as microseconds (what is finer is cut), or -1.
  int fraction_us() {
    int value = 0;
    std::size_t count = 0;
    while (is_digit(front())) {
      if (count < 6) value = value * 10 + (front() - '0');
      ++count;
      rest_.remove_prefix(1);
    }
    if (count == 0 || count > 9) return -1;
    for (; count < 6; ++count) value *= 10;
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int32_t> read_date(DigitReader& in) {
  const int year = in.digits(4);
  if (year < 0 || !in.skip('-')) return std::nullopt;
  const int month = in.digits(2);
  if (month < 0 || !in.skip('-')) return std::nullopt;
  const int day = in.digits(2);
  if (day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

// "Z", "+01", "+0100", "+01:00"; minutes east of UTC.
std::optional<int> read_zone(DigitReader& in) {
  if (in.empty() || in.skip('Z') || in.skip('z')) return 0;
  int sign = 1;
  if (in.skip('-')) {
    sign = -1;
  } else if (!in.skip('+')) {
    return std::nullopt;
  }
  const int hours = in.digits(2);
  if (hours < 0 || hours > 18) return std::nullopt;
  int minutes = 0;
  if (!in.empty()) {
    in.skip(':');
    minutes = in.digits(2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
  }
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  DigitReader in(text);
  const auto days = read_date(in);
  return in.empty() ? days : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::int64_t kDay = 86'400'000'000;
  DigitReader in(text);
  const auto days = read_date(in);
  if (!days) return std::nullopt;
  std::int64_t time = *days * kDay;
  if (in.empty()) return time;
  if (!in.skip('T') && !in.skip(' ') && !in.skip('t')) return std::nullopt;
  const int hour = in.digits(2);
  if (hour < 0 || hour > 23 || !in.skip(':')) return std::nullopt;
  const int minute = in.digits(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  int fraction = 0;
  if (in.skip(':')) {
    second = in.digits(2);
    if (second < 0 || second > 59) return std::nullopt;
    if (in.skip('.') || in.skip(',')) {
      fraction = in.fraction_us();
      if (fraction < 0) return std::nullopt;
    }
  }
  const auto zone = read_zone(in);
  if (!zone || !in.empty()) return std::nullopt;
  const std::int64_t seconds = (hour * 60 + minute - *zone) * 60 + second;
  return time + seconds * 1'000'000 + fraction;
}

std::optional<Uuid> parse_uuid_text(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[at++] != '-') return std::nullopt;
    }
    unsigned value = 0;
    const char* end = text.data() + at + 2;
    const auto parsed = std::from_chars(text.data() + at, end, value, 16);
    if (parsed.ptr != end || text[at] == '-' || text[at] == '+') return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(value);
    at += 2;
  }
  return uuid;
}

std::optional<std::int64_t> parse_bigint(std::string_view number) {
  std::int64_t value = 0;
  const char* end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

std::optional<HugeInt> parse_hugeint(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  if (number.empty() || number.size() > 39) return std::nullopt;
  unsigned __int128 value = 0;
  constexpr auto kMax = static_cast<unsigned __int128>(-1) >> 1;
  for (const char c : number) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (value > (kMax - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  if (negative) value = -value;
  return HugeInt{static_cast<std::uint64_t>(value),
                 static_cast<std::int64_t>(static_cast<std::uint64_t>(value >> 64))};
}

std::optional<double> parse_double(std::string_view number) {
  double value = 0;
  const char* end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace tidemill::wire::json
