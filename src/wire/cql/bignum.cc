// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/bignum.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace tidemill::wire::cql {

namespace mp = boost::multiprecision;

BigInteger decode_varint(BytesView bytes) {
  if (bytes.empty()) return 0;
  BigInteger value;
  mp::import_bits(value, bytes.begin(), bytes.end(), 8);
  if (bytes[0] & 0x80) value -= BigInteger(1) << static_cast<unsigned>(bytes.size() * 8);
  return value;
}

Bytes encode_varint(const BigInteger& value) {
  Bytes out;
  if (value >= 0) {
    mp::export_bits(value, std::back_inserter(out), 8);
    if (out.empty()) out.push_back(0);
    if (out[0] & 0x80) out.insert(out.begin(), 0);
    return out;
  }
  // -n in as few bytes as hold it: the complement of n - 1.
  const BigInteger magnitude = -value - 1;
  mp::export_bits(magnitude, std::back_inserter(out), 8);
  if (out.empty()) out.push_back(0);
  if (out[0] & 0x80) out.insert(out.begin(), 0);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(~byte);
  return out;
}

std::optional<BigInteger> parse_varint(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxDigits) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  // cpp_int reads a leading zero as octal.
  const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
  BigInteger value{std::string(text.substr(first))};
  if (negative) value = -value;
  return value;
}

BigDecimal decode_decimal(BytesView bytes) {
  if (bytes.size() < 4) return {};
  return {decode_varint(bytes.subspan(4)), load_be<std::int32_t>(bytes.data())};
}

Bytes encode_decimal(const BigDecimal& value) {
  ByteWriter out;
  out.i32be(value.scale);
  out.bytes(encode_varint(value.unscaled));
  return out.take();
}

std::optional<BigDecimal> parse_decimal(std::string_view text) {
  std::int64_t exponent = 0;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (exponent > 1'000'000'000 || exponent < -1'000'000'000) return std::nullopt;
    text = text.substr(0, e);
  }
  std::string digits;
  std::int64_t scale = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.') {
      if (point) return std::nullopt;
      point = true;
      continue;
    }
    digits += c;
    if (point) ++scale;
  }
  const auto unscaled = parse_varint(digits);
  if (!unscaled) return std::nullopt;
  return BigDecimal{*unscaled, static_cast<std::int32_t>(scale - exponent)};
}

BigInteger power_of_ten(std::uint32_t exponent) {
  return mp::pow(BigInteger(10), exponent);
}

std::string to_string(const BigDecimal& value) {
  std::string digits = BigInteger(mp::abs(value.unscaled)).str();
  const std::string sign = value.unscaled < 0 ? "-" : "";
  const std::int64_t scale = value.scale;
  const auto zeros = static_cast<std::size_t>(scale < 0 ? -scale : scale);
  if (zeros > kMaxDigits) return sign + digits + "E" + std::to_string(-scale);
  if (scale <= 0) {
    if (value.unscaled != 0) digits.append(zeros, '0');
    return sign + digits;
  }
  if (digits.size() <= zeros) digits.insert(0, zeros - digits.size() + 1, '0');
  digits.insert(digits.size() - zeros, ".");
  return sign + digits;
}

std::optional<BigDecimal> with_scale(const BigDecimal& value, std::int32_t scale) {
  const std::int64_t more = std::int64_t{scale} - value.scale;
  if (more < 0 || more > static_cast<std::int64_t>(kMaxDigits)) return std::nullopt;
  return BigDecimal{value.unscaled * power_of_ten(static_cast<std::uint32_t>(more)), scale};
}

int compare(const BigDecimal& a, const BigDecimal& b) {
  const std::int32_t scale = std::max(a.scale, b.scale);
  const auto left = with_scale(a, scale);
  const auto right = with_scale(b, scale);
  // Too far apart to align: the one with the smaller scale is larger, unless it is zero.
  if (!left || !right) {
    const double x = to_double(a);
    const double y = to_double(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return left->unscaled.compare(right->unscaled);
}

BigDecimal divide(const BigDecimal& a, const BigInteger& by, std::int32_t scale) {
  const auto widened = with_scale(a, scale);
  if (!widened || by == 0) return a;
  const bool negative = (widened->unscaled < 0) != (by < 0);
  const BigInteger numerator = mp::abs(widened->unscaled);
  const BigInteger divisor = mp::abs(by);
  BigInteger quotient = numerator / divisor;
  const BigInteger twice = (numerator % divisor) * 2;
  if (twice > divisor || (twice == divisor && (quotient & 1) != 0)) ++quotient;
  if (negative) quotient = -quotient;
  return {quotient, scale};
}

double to_double(const BigDecimal& value) {
  const std::string text =
      value.unscaled.str() + "e" + std::to_string(-static_cast<std::int64_t>(value.scale));
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace tidemill::wire::cql
