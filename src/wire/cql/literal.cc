// SPDX-License-Identifier: Apache-2.0
// Reading texts; printing is in printing.cc.
#include "wire/cql/literal.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "wire/cql/bignum.h"

namespace tidemill::wire::cql {
namespace {

namespace chr = std::chrono;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// Reads digits and punctuation from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char wanted) {
    if (peek() != wanted || done()) return false;
    ++at_;
    return true;
  }
  std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t count) { at_ += count; }

  // An unsigned number of least..most digits.
  std::optional<std::int64_t> number(std::size_t least, std::size_t most) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (digits < most && std::isdigit(static_cast<unsigned char>(peek()))) {
      value = value * 10 + (text_[at_++] - '0');
      ++digits;
    }
    if (digits < least) return std::nullopt;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

template <class T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T>
std::optional<T> parse_floating(std::string_view text) {
  if (text == "NaN" || text == "nan") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity" || text == "infinity") return std::numeric_limits<T>::infinity();
  if (text == "-Infinity" || text == "-infinity") return -std::numeric_limits<T>::infinity();
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (problem == std::errc::result_out_of_range) {
    // Too large or too small to hold: what rounding gives, as in Java.
    const bool tiny =
        text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    const T magnitude = tiny ? T{0} : std::numeric_limits<T>::infinity();
    return text[0] == '-' ? -magnitude : magnitude;
  }
  if (problem != std::errc{}) return std::nullopt;
  return value;
}

std::optional<chr::sys_days> read_date(Scanner& in) {
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  const auto year = in.number(1, 7);
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.number(1, 2);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.number(1, 2);
  if (!day || *year > 30000) return std::nullopt;
  const chr::year_month_day date{chr::year{static_cast<int>(negative ? -*year : *year)},
                                 chr::month{static_cast<unsigned>(*month)},
                                 chr::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return chr::sys_days{date};
}

// [+-]hh[:]mm, [+-]hh, Z, UTC, GMT; the offset in seconds.
std::optional<std::int64_t> read_zone(Scanner& in) {
  in.take(' ');
  if (in.done() || in.rest() == "Z" || in.rest() == "z" || in.rest() == "UTC" ||
      in.rest() == "GMT") {
    in.skip(in.rest().size());
    return 0;
  }
  if (in.rest().starts_with("UTC") || in.rest().starts_with("GMT")) in.skip(3);
  const bool west = in.peek() == '-';
  if (!in.take('+') && !in.take('-')) return std::nullopt;
  const auto hours = in.number(2, 2);
  if (!hours || *hours > 18) return std::nullopt;
  in.take(':');
  const auto minutes = in.done() ? std::optional<std::int64_t>{0} : in.number(2, 2);
  if (!minutes || *minutes > 59 || !in.done()) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

std::optional<std::int64_t> read_fraction(Scanner& in, std::size_t digits_most) {
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < digits_most && std::isdigit(static_cast<unsigned char>(in.peek()))) {
    value = value * 10 + (in.peek() - '0');
    in.skip(1);
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

struct DurationUnit {
  std::string_view name;
  std::int64_t months;
  std::int64_t days;
  std::int64_t nanoseconds;
};
// Longer names first where one is the start of another.
constexpr std::array kDurationUnits{
    DurationUnit{"mo", 1, 0, 0},
    DurationUnit{"ms", 0, 0, 1'000'000},
    DurationUnit{"us", 0, 0, 1'000},
    DurationUnit{"\xC2\xB5s", 0, 0, 1'000},
    DurationUnit{"ns", 0, 0, 1},
    DurationUnit{"y", 12, 0, 0},
    DurationUnit{"w", 0, 7, 0},
    DurationUnit{"d", 0, 1, 0},
    DurationUnit{"h", 0, 0, 3600 * kNanosecondsPerSecond},
    DurationUnit{"m", 0, 0, 60 * kNanosecondsPerSecond},
    DurationUnit{"s", 0, 0, kNanosecondsPerSecond},
};

// Sums of parts, checked: a duration must fit int32, int32, int64.
class DurationSum {
 public:
  bool add(std::int64_t count, const DurationUnit& unit) {
    return add_to(months_, count, unit.months) && add_to(days_, count, unit.days) &&
           add_to(nanoseconds_, count, unit.nanoseconds);
  }
  std::optional<Duration> total(bool negative) const {
    if (months_ > std::numeric_limits<std::int32_t>::max() ||
        days_ > std::numeric_limits<std::int32_t>::max()) {
      return std::nullopt;
    }
    const auto months = static_cast<std::int32_t>(months_);
    const auto days = static_cast<std::int32_t>(days_);
    if (negative) return Duration{-months, -days, -nanoseconds_};
    return Duration{months, days, nanoseconds_};
  }

 private:
  static bool add_to(std::int64_t& sum, std::int64_t count, std::int64_t each) {
    std::int64_t part = 0;
    return !__builtin_mul_overflow(count, each, &part) && !__builtin_add_overflow(sum, part, &sum);
  }
  std::int64_t months_ = 0;
  std::int64_t days_ = 0;
  std::int64_t nanoseconds_ = 0;
};

// 1y2mo3d4h
std::optional<Duration> parse_plain_duration(std::string_view text, bool negative) {
  Scanner in(text);
  DurationSum sum;
  while (!in.done()) {
    const auto count = in.number(1, 18);
    if (!count) return std::nullopt;
    std::string unit_text(in.rest().substr(0, 3));
    std::ranges::transform(unit_text, unit_text.begin(),
                           [](char c) { return static_cast<char>(std::tolower(c)); });
    const auto* unit = std::ranges::find_if(
        kDurationUnits, [&](const DurationUnit& u) { return unit_text.starts_with(u.name); });
    if (unit == kDurationUnits.end() || !sum.add(*count, *unit)) return std::nullopt;
    in.skip(unit->name.size());
  }
  return sum.total(negative);
}

// P1Y2M3DT4H5M6S, P4W, P0001-02-03T04:05:06
std::optional<Duration> parse_iso_duration(std::string_view text, bool negative) {
  Scanner in(text);
  in.skip(1);
  DurationSum sum;
  if (text.size() == 20 && text[5] == '-') {
    static constexpr std::string_view kUnits[] = {"y", "mo", "d", "h", "m", "s"};
    static constexpr std::string_view kSeparators = "--T::";
    for (std::size_t i = 0; i < 6; ++i) {
      const auto count = in.number(i == 0 ? 4 : 2, i == 0 ? 4 : 2);
      if (!count || (i < 5 && !in.take(kSeparators[i]))) return std::nullopt;
      const auto* unit = std::ranges::find(kDurationUnits, kUnits[i], &DurationUnit::name);
      if (!sum.add(*count, *unit)) return std::nullopt;
    }
    return sum.total(negative);
  }
  bool time = false;
  while (!in.done()) {
    if (in.take('T')) {
      time = true;
      continue;
    }
    const auto count = in.number(1, 18);
    if (!count) return std::nullopt;
    const char letter = in.peek();
    in.skip(in.done() ? 0 : 1);
    const std::string_view name = letter == 'Y'   ? "y"
                                  : letter == 'M' ? (time ? "m" : "mo")
                                  : letter == 'W' ? "w"
                                  : letter == 'D' ? "d"
                                  : letter == 'H' ? "h"
                                  : letter == 'S' ? "s"
                                                  : "";
    const auto* unit = std::ranges::find(kDurationUnits, name, &DurationUnit::name);
    if (unit == kDurationUnits.end() || !sum.add(*count, *unit)) return std::nullopt;
  }
  return sum.total(negative);
}

std::optional<Bytes> parse_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, problem] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (problem != std::errc{} || end != text.data() + i + 2) return std::nullopt;
    out.push_back(byte);
  }
  return out;
}

std::optional<Bytes> parse_inet(std::string_view text) {
  const std::string terminated(text);
  Bytes four(4);
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return four;
  Bytes sixteen(16);
  if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return sixteen;
  return std::nullopt;
}

template <class T>
Outcome<Bytes> integer_or(std::string_view text, std::string_view name) {
  const auto value = parse_integer<T>(text);
  if (!value) return invalid(fmt::format("Unable to make {} from '{}'", name, text));
  return encode_be(*value);
}

}  // namespace

std::optional<std::int64_t> parse_timestamp_ms(std::string_view text) {
  if (const auto number = parse_integer<std::int64_t>(text)) return number;
  Scanner in(text);
  const auto day = read_date(in);
  if (!day) return std::nullopt;
  std::int64_t ms = chr::duration_cast<chr::milliseconds>(day->time_since_epoch()).count();
  const bool has_time = (in.peek() == 'T' || in.peek() == ' ') && in.rest().size() > 1 &&
                        std::isdigit(static_cast<unsigned char>(in.rest()[1]));
  if (has_time) {
    in.skip(1);
    const auto hours = in.number(1, 2);
    if (!hours || *hours > 23 || !in.take(':')) return std::nullopt;
    const auto minutes = in.number(1, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    if (in.take(':')) {
      const auto value = in.number(1, 2);
      if (!value || *value > 59) return std::nullopt;
      seconds = *value;
      if (in.take('.')) {
        const auto fraction = read_fraction(in, 9);
        if (!fraction) return std::nullopt;
        nanoseconds = *fraction;
      }
    }
    ms += ((*hours * 60 + *minutes) * 60 + seconds) * 1000 + nanoseconds / 1'000'000;
  }
  const auto zone = read_zone(in);
  if (!zone || !in.done()) return std::nullopt;
  return ms - *zone * 1000;
}

std::optional<std::int32_t> parse_date_days(std::string_view text) {
  Scanner in(text);
  const auto day = read_date(in);
  if (!day || !in.done()) return std::nullopt;
  return static_cast<std::int32_t>(day->time_since_epoch().count());
}

std::optional<std::int64_t> parse_time_nanoseconds(std::string_view text) {
  Scanner in(text);
  const auto hours = in.number(1, 2);
  if (!hours || *hours > 23 || !in.take(':')) return std::nullopt;
  const auto minutes = in.number(1, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  std::int64_t nanoseconds = (*hours * 60 + *minutes) * 60 * kNanosecondsPerSecond;
  if (in.take(':')) {
    const auto seconds = in.number(1, 2);
    if (!seconds || *seconds > 59) return std::nullopt;
    nanoseconds += *seconds * kNanosecondsPerSecond;
    if (in.take('.')) {
      const auto fraction = read_fraction(in, 9);
      if (!fraction) return std::nullopt;
      nanoseconds += *fraction;
    }
  }
  if (!in.done()) return std::nullopt;
  return nanoseconds;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (text[0] == 'P') return parse_iso_duration(text, negative);
  return parse_plain_duration(text, negative);
}

Outcome<Bytes> parse_scalar(const Type& type, std::string_view text) {
  switch (type.kind) {
    case Kind::Ascii:
    case Kind::Text: {
      Bytes bytes = encode_text(text);
      TRY(check_value(type, bytes));
      return bytes;
    }
    case Kind::Tinyint:
      return integer_or<std::int8_t>(text, "byte");
    case Kind::Smallint:
      return integer_or<std::int16_t>(text, "short");
    case Kind::Int:
      return integer_or<std::int32_t>(text, "int");
    case Kind::Bigint:
    case Kind::Counter:
      return integer_or<std::int64_t>(text, "long");
    case Kind::Varint:
      if (const auto value = parse_varint(text)) return encode_varint(*value);
      return invalid(fmt::format("unable to make int from '{}'", text));
    case Kind::Decimal:
      if (const auto value = parse_decimal(text)) return encode_decimal(*value);
      return invalid(fmt::format("unable to make BigDecimal from '{}'", text));
    case Kind::Float:
      if (const auto value = parse_floating<float>(text)) return encode_float(*value);
      return invalid(fmt::format("Unable to make float from '{}'", text));
    case Kind::Double:
      if (const auto value = parse_floating<double>(text)) return encode_double(*value);
      return invalid(fmt::format("Unable to make double from '{}'", text));
    case Kind::Boolean:
      if (text.size() == 4 && std::tolower(text[0]) == 't') return encode_boolean(true);
      if (text.size() == 5 && std::tolower(text[0]) == 'f') return encode_boolean(false);
      return invalid(fmt::format("Unable to make boolean from '{}'", text));
    case Kind::Uuid:
    case Kind::Timeuuid: {
      const auto uuid = parse_uuid(text);
      if (!uuid.ok()) return invalid(fmt::format("Unable to make UUID from '{}'", text));
      if (type.kind == Kind::Timeuuid && uuid->bytes[6] >> 4 != 1) {
        return invalid("TimeUUID supports only version 1 UUIDs");
      }
      return encode_uuid(*uuid);
    }
    case Kind::Timestamp:
      if (const auto ms = parse_timestamp_ms(text)) return encode_be(*ms);
      return invalid(fmt::format("Unable to parse a date/time from '{}'", text));
    case Kind::Date:
      if (const auto days = parse_date_days(text)) return encode_date(*days);
      if (const auto raw = parse_integer<std::uint32_t>(text)) return encode_be(*raw);
      return invalid(fmt::format("Unable to coerce '{}' to a formatted date (long)", text));
    case Kind::Time: {
      if (const auto ns = parse_time_nanoseconds(text)) return encode_be(*ns);
      const auto raw = parse_integer<std::int64_t>(text);
      if (raw && *raw >= 0 && *raw < 86400 * kNanosecondsPerSecond) return encode_be(*raw);
      return invalid(fmt::format("Unable to coerce '{}' to a formatted time (long)", text));
    }
    case Kind::Inet:
      if (auto bytes = parse_inet(text)) return *std::move(bytes);
      return invalid(fmt::format("Unable to make inet address from '{}'", text));
    case Kind::Blob:
      if (auto bytes = parse_hex(text)) return *std::move(bytes);
      return invalid(fmt::format("cannot parse '{}' as hex bytes", text));
    case Kind::Duration:
      if (const auto duration = parse_duration(text)) return encode_duration(*duration);
      return invalid(fmt::format("Unable to convert '{}' to a duration", text));
    case Kind::List:
    case Kind::Set:
    case Kind::Map:
    case Kind::Tuple:
    case Kind::Udt:
    case Kind::Vector:
    case Kind::Custom:
      break;
  }
  return invalid(fmt::format("a {} cannot be read from a text", to_string(type)));
}

}  // namespace tidemill::wire::cql
