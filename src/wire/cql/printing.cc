// SPDX-License-Identifier: Apache-2.0
// Printing values; reading them is in literal.cc.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "wire/cql/bignum.h"
#include "wire/cql/literal.h"

namespace tidemill::wire::cql {
namespace {

namespace chr = std::chrono;

std::string format_inet(BytesView bytes) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (bytes.size() == 4) inet_ntop(AF_INET, bytes.data(), out.data(), out.size());
  if (bytes.size() == 16) inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
  return out.data();
}

// Java's layout of the shortest digits: plain from 1e-3 up to 1e7, else d.dddE[-]n.
template <class T>
std::string format_java(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  std::array<char, 64> buffer{};
  const auto magnitude = std::abs(value);
  const auto format = magnitude >= static_cast<T>(1e-3) && magnitude < static_cast<T>(1e7)
                          ? std::chars_format::fixed
                          : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
  std::string text(buffer.data(), end);
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  if (e == std::string::npos) return mantissa;
  std::string exponent = text.substr(e + 1);
  const bool negative = exponent[0] == '-';
  exponent.erase(0, exponent.find_first_not_of("+-0"));
  return mantissa + "E" + (negative ? "-" : "") + (exponent.empty() ? "0" : exponent);
}

template <class T>
std::string format_short(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{}", value);
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + '\'';
}

template <class Print>
std::string joined(const std::vector<BytesView>& elements, Print print) {
  std::string out;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += ", ";
    out += print(i, elements[i]);
  }
  return out;
}

// Text of scalars that look the same everywhere.
std::string plain_text(const Type& type, BytesView value) {
  switch (type.kind) {
    case Kind::Ascii:
    case Kind::Text:
      return std::string(as_text(value));
    case Kind::Tinyint:
    case Kind::Smallint:
    case Kind::Int:
    case Kind::Bigint:
    case Kind::Counter:
      return std::to_string(decode_integer(value));
    case Kind::Varint:
      return decode_varint(value).str();
    case Kind::Decimal:
      return to_string(decode_decimal(value));
    case Kind::Boolean:
      return decode_boolean(value) ? "true" : "false";
    case Kind::Uuid:
    case Kind::Timeuuid:
      return to_string(decode_uuid(value));
    case Kind::Date:
      return format_date(decode_date(value));
    case Kind::Time:
      return format_time(decode_integer(value));
    case Kind::Inet:
      return format_inet(value);
    case Kind::Duration: {
      const auto duration = decode_duration(value);
      return duration.ok() ? format_duration(*duration) : std::string();
    }
    default:
      return "0x" + to_hex(value);
  }
}

std::string map_text(const Type& type, BytesView value) {
  const auto elements = decode_elements(value, true);
  if (!elements.ok()) return "{}";
  std::string out = "{";
  for (std::size_t i = 0; i + 1 < elements->size(); i += 2) {
    if (i > 0) out += ", ";
    out += to_shell_text(type.element(0), (*elements)[i], true) + ": " +
           to_shell_text(type.element(1), (*elements)[i + 1], true);
  }
  return out + "}";
}

std::string json_map(const Type& type, BytesView value) {
  const auto elements = decode_elements(value, true);
  if (!elements.ok()) return "{}";
  std::string out = "{";
  for (std::size_t i = 0; i + 1 < elements->size(); i += 2) {
    if (i > 0) out += ", ";
    const std::string key = to_json_text(type.element(0), (*elements)[i]);
    out += (key.starts_with('"') ? key : json_quoted(key)) + ": " +
           to_json_text(type.element(1), (*elements)[i + 1]);
  }
  return out + "}";
}

std::string json_fields(const Type& type, BytesView value) {
  const auto fields = decode_fields(value, type.parts->elements.size());
  const bool udt = type.kind == Kind::Udt;
  std::string out = udt ? "{" : "[";
  for (std::size_t i = 0; fields.ok() && i < fields->size(); ++i) {
    if (i > 0) out += ", ";
    if (udt) {
      const std::string& name = type.parts->field_names[i];
      out += json_quoted(quoted_name(name) == name ? name : '"' + name + '"') + ": ";
    }
    out += (*fields)[i] ? to_json_text(type.element(i), *(*fields)[i]) : "null";
  }
  return out + (udt ? "}" : "]");
}

}  // namespace

std::string format_timestamp(std::int64_t ms, std::string_view zone, char separator) {
  const chr::sys_time<chr::milliseconds> time{chr::milliseconds{ms}};
  const auto day = chr::floor<chr::days>(time);
  const chr::hh_mm_ss<chr::milliseconds> clock{time - day};
  return fmt::format("{}{}{:02}:{:02}:{:02}.{:03}{}",
                     format_date(static_cast<std::int32_t>(day.time_since_epoch().count())),
                     separator, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), clock.subseconds().count(), zone);
}

std::string format_date(std::int32_t days) {
  // Proleptic Gregorian from days, by 400-year cycles: chrono's year has 16 bits only.
  const std::int64_t shifted = std::int64_t{days} + 719468;
  const std::int64_t cycle = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_cycle = shifted - cycle * 146097;
  const std::int64_t year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
  const std::int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
  const std::int64_t year = year_of_cycle + cycle * 400 + (month <= 2);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::string format_time(std::int64_t nanoseconds) {
  const std::int64_t seconds = nanoseconds / 1'000'000'000;
  return fmt::format("{:02}:{:02}:{:02}.{:09}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     nanoseconds % 1'000'000'000);
}

std::string format_duration(const Duration& duration) {
  std::string out;
  if (duration.months < 0 || duration.days < 0 || duration.nanoseconds < 0) out += '-';
  const auto part = [&](std::int64_t count, std::string_view unit) {
    if (count != 0) out += fmt::format("{}{}", count, unit);
  };
  const std::int64_t months = std::abs(std::int64_t{duration.months});
  std::int64_t left = std::abs(duration.nanoseconds);
  part(months / 12, "y");
  part(months % 12, "mo");
  part(std::abs(std::int64_t{duration.days}), "d");
  part(left / 3'600'000'000'000, "h");
  left %= 3'600'000'000'000;
  part(left / 60'000'000'000, "m");
  left %= 60'000'000'000;
  part(left / 1'000'000'000, "s");
  left %= 1'000'000'000;
  part(left / 1'000'000, "ms");
  part(left / 1'000 % 1'000, "us");
  part(left % 1'000, "ns");
  return out;
}

std::string format_java_double(double value) {
  return format_java(value);
}
std::string format_java_float(float value) {
  return format_java(value);
}

std::string to_cast_text(const Type& type, BytesView value) {
  switch (type.kind) {
    case Kind::Float:
      return format_java_float(static_cast<float>(decode_double(value)));
    case Kind::Double:
      return format_java_double(decode_double(value));
    case Kind::Timestamp:
      return format_timestamp(decode_integer(value), "Z", 'T');
    default:
      return plain_text(type, value);
  }
}

std::string to_shell_text(const Type& type, BytesView value, bool quoted) {
  if (value.empty() && !type.is_text() && type.kind != Kind::Blob) return "";
  switch (type.kind) {
    case Kind::Ascii:
    case Kind::Text:
      return quoted ? single_quoted(as_text(value)) : std::string(as_text(value));
    case Kind::Float:
      return format_short(static_cast<float>(decode_double(value)));
    case Kind::Double:
      return format_short(decode_double(value));
    case Kind::Timestamp: {
      const std::string text = format_timestamp(decode_integer(value), "+0000", ' ');
      return quoted ? single_quoted(text) : text;
    }
    case Kind::Date:
    case Kind::Time:
    case Kind::Inet:
      return quoted ? single_quoted(plain_text(type, value)) : plain_text(type, value);
    case Kind::List:
    case Kind::Set: {
      const auto elements = decode_elements(value, false);
      if (!elements.ok()) return "";
      const std::string inner = joined(*elements, [&](std::size_t, BytesView element) {
        return to_shell_text(type.element(), element, true);
      });
      return type.kind == Kind::List ? "[" + inner + "]" : "{" + inner + "}";
    }
    case Kind::Map:
      return map_text(type, value);
    case Kind::Vector: {
      const auto elements = decode_vector(type, value);
      if (!elements.ok()) return "";
      return "[" +
             joined(*elements,
                    [&](std::size_t, BytesView element) {
                      return to_shell_text(type.element(), element, true);
                    }) +
             "]";
    }
    case Kind::Tuple:
    case Kind::Udt: {
      const auto fields = decode_fields(value, type.parts->elements.size());
      const bool udt = type.kind == Kind::Udt;
      std::string out = udt ? "{" : "(";
      for (std::size_t i = 0; fields.ok() && i < fields->size(); ++i) {
        if (i > 0) out += ", ";
        if (udt) out += quoted_name(type.parts->field_names[i]) + ": ";
        out += (*fields)[i] ? to_shell_text(type.element(i), *(*fields)[i], true) : "null";
      }
      return out + (udt ? "}" : ")");
    }
    default:
      return plain_text(type, value);
  }
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string to_json_text(const Type& type, BytesView value) {
  if (value.empty() && !type.is_text() && type.kind != Kind::Blob) return "\"\"";
  switch (type.kind) {
    case Kind::Tinyint:
    case Kind::Smallint:
    case Kind::Int:
    case Kind::Bigint:
    case Kind::Counter:
    case Kind::Varint:
    case Kind::Decimal:
    case Kind::Boolean:
      return plain_text(type, value);
    case Kind::Float: {
      const auto number = static_cast<float>(decode_double(value));
      return std::isfinite(number) ? format_java_float(number) : "null";
    }
    case Kind::Double: {
      const double number = decode_double(value);
      return std::isfinite(number) ? format_java_double(number) : "null";
    }
    case Kind::Timestamp:
      return json_quoted(format_timestamp(decode_integer(value), "Z", ' '));
    case Kind::List:
    case Kind::Set: {
      const auto elements = decode_elements(value, false);
      if (!elements.ok()) return "[]";
      return "[" +
             joined(*elements,
                    [&](std::size_t, BytesView element) {
                      return to_json_text(type.element(), element);
                    }) +
             "]";
    }
    case Kind::Vector: {
      const auto elements = decode_vector(type, value);
      if (!elements.ok()) return "[]";
      return "[" +
             joined(*elements,
                    [&](std::size_t, BytesView element) {
                      return to_json_text(type.element(), element);
                    }) +
             "]";
    }
    case Kind::Map:
      return json_map(type, value);
    case Kind::Tuple:
    case Kind::Udt:
      return json_fields(type, value);
    default:
      return json_quoted(plain_text(type, value));
  }
}

}  // namespace tidemill::wire::cql
