// SPDX-License-Identifier: Apache-2.0
// varint and decimal: two's complement of any length, and that with a scale in front. Slow to
// compile: include it in .cc files only.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tidemill::wire::cql {

using BigInteger = boost::multiprecision::cpp_int;

struct BigDecimal {
  BigInteger unscaled;
  std::int32_t scale = 0;
};

// Longer ones cost quadratic time to read and to print.
constexpr std::size_t kMaxDigits = 20000;

BigInteger decode_varint(BytesView bytes);
Bytes encode_varint(const BigInteger& value);
std::optional<BigInteger> parse_varint(std::string_view text);

BigDecimal decode_decimal(BytesView bytes);
Bytes encode_decimal(const BigDecimal& value);
std::optional<BigDecimal> parse_decimal(std::string_view text);
std::string to_string(const BigDecimal& value);  // plain digits, no exponent up to kMaxDigits

BigInteger power_of_ten(std::uint32_t exponent);
// The same value at a larger scale; nothing when that would need more than kMaxDigits zeros.
std::optional<BigDecimal> with_scale(const BigDecimal& value, std::int32_t scale);
int compare(const BigDecimal& a, const BigDecimal& b);
// Rounds half to even at the given scale.
BigDecimal divide(const BigDecimal& a, const BigInteger& by, std::int32_t scale);
double to_double(const BigDecimal& value);

}  // namespace tidemill::wire::cql
