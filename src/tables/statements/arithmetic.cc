// SPDX-License-Identifier: Apache-2.0
// Operators and conversions between numbers, and the aggregates built on them.
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "tables/statements/functions.h"
#include "wire/cql/bignum.h"
#include "wire/cql/value.h"

namespace tidemill::tables::statements {
namespace {

using wire::cql::BigDecimal;
using wire::cql::BigInteger;
using wire::cql::decode_integer;
using wire::cql::encode_be;

// Digits kept by a division of decimals beyond its operands' scales.
constexpr std::int32_t kDivisionScale = 32;

// 0: no number. Integers widen 1 to 4, then varint, float, double, decimal.
int rank_of(Kind kind) {
  switch (kind) {
    case Kind::Tinyint:
      return 1;
    case Kind::Smallint:
      return 2;
    case Kind::Int:
      return 3;
    case Kind::Bigint:
    case Kind::Counter:
      return 4;
    case Kind::Varint:
      return 5;
    case Kind::Float:
      return 6;
    case Kind::Double:
      return 7;
    case Kind::Decimal:
      return 8;
    default:
      return 0;
  }
}

BigDecimal as_decimal(const Type& type, BytesView value) {
  switch (type.kind) {
    case Kind::Decimal:
      return wire::cql::decode_decimal(value);
    case Kind::Varint:
      return {wire::cql::decode_varint(value), 0};
    case Kind::Float:
    case Kind::Double: {
      const auto parsed =
          wire::cql::parse_decimal(fmt::format("{}", wire::cql::decode_double(value)));
      return parsed ? *parsed : BigDecimal{};
    }
    default:
      return {BigInteger(decode_integer(value)), 0};
  }
}

BigInteger truncated(const BigDecimal& value) {
  if (value.scale <= 0) {
    const auto widened = wire::cql::with_scale(value, 0);
    return widened ? widened->unscaled : BigInteger(0);
  }
  if (value.scale > static_cast<std::int32_t>(wire::cql::kMaxDigits)) return 0;
  return value.unscaled / wire::cql::power_of_ten(static_cast<std::uint32_t>(value.scale));
}

// The low 64 bits, as Java's longValue().
std::int64_t low_bits(const BigInteger& value) {
  const BigInteger mask = (BigInteger(1) << 64) - 1;
  const BigInteger low =
      value < 0 ? BigInteger((mask + 1) - ((-value) & mask)) & mask : BigInteger(value & mask);
  return static_cast<std::int64_t>(low.convert_to<std::uint64_t>());
}

std::int64_t saturated(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9223372036854775807.0) return INT64_MAX;
  if (value <= -9223372036854775808.0) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

std::int64_t as_integer(const Type& type, BytesView value) {
  switch (type.kind) {
    case Kind::Varint:
      return low_bits(wire::cql::decode_varint(value));
    case Kind::Decimal:
      return low_bits(truncated(wire::cql::decode_decimal(value)));
    case Kind::Float:
    case Kind::Double:
      return saturated(wire::cql::decode_double(value));
    default:
      return decode_integer(value);
  }
}

Bytes encode_integer(Kind kind, std::int64_t value) {
  switch (kind) {
    case Kind::Tinyint:
      return encode_be(static_cast<std::int8_t>(value));
    case Kind::Smallint:
      return encode_be(static_cast<std::int16_t>(value));
    case Kind::Int:
      return encode_be(static_cast<std::int32_t>(value));
    default:
      return encode_be(value);
  }
}

CqlError operation_failed(char op, const Type& a, const Type& b, std::string_view why) {
  CqlError failure{
      wire::cql::CqlErrorCode::FunctionFailure,
      fmt::format("the operation '{} {} {}' failed: {}", to_string(a), op, to_string(b), why)};
  failure.keyspace = "system";
  failure.name = std::string(1, op);
  failure.argument_types = {to_string(a), to_string(b)};
  return failure;
}

std::int64_t wrapping(char op, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  switch (op) {
    case '+':
      return static_cast<std::int64_t>(x + y);
    case '-':
      return static_cast<std::int64_t>(x - y);
    case '*':
      return static_cast<std::int64_t>(x * y);
    case '/':
      return b == -1 ? static_cast<std::int64_t>(0 - x) : a / b;
    default:
      return b == -1 ? 0 : a % b;
  }
}

double floating(char op, double a, double b) {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

Outcome<Value> decimal(char op, const BigDecimal& a, const BigDecimal& b, const Type& ta,
                       const Type& tb) {
  const std::int32_t scale = std::max(a.scale, b.scale);
  const auto x = wire::cql::with_scale(a, scale);
  const auto y = wire::cql::with_scale(b, scale);
  if (!x || !y) return operation_failed(op, ta, tb, "the scales are too far apart");
  switch (op) {
    case '+':
      return Value(wire::cql::encode_decimal({x->unscaled + y->unscaled, scale}));
    case '-':
      return Value(wire::cql::encode_decimal({x->unscaled - y->unscaled, scale}));
    case '*':
      return Value(wire::cql::encode_decimal({a.unscaled * b.unscaled, a.scale + b.scale}));
    case '/': {
      if (b.unscaled == 0) return operation_failed(op, ta, tb, "BigInteger divide by zero");
      BigDecimal quotient = wire::cql::divide({x->unscaled, 0}, y->unscaled, kDivisionScale);
      while (quotient.scale > std::max(a.scale, 0) && quotient.unscaled % 10 == 0) {
        quotient.unscaled /= 10;
        --quotient.scale;
      }
      return Value(wire::cql::encode_decimal(quotient));
    }
    default:
      if (b.unscaled == 0) return operation_failed(op, ta, tb, "Division undefined");
      return Value(wire::cql::encode_decimal({x->unscaled % y->unscaled, scale}));
  }
}

Outcome<Value> add_duration(char op, const Type& type, BytesView value, BytesView duration_bytes) {
  namespace chr = std::chrono;
  const auto duration = wire::cql::decode_duration(duration_bytes);
  if (!duration.ok()) return invalid(duration.error().message);
  const int sign = op == '-' ? -1 : 1;
  constexpr std::int64_t kDayMs = 86'400'000;
  const bool date = type.kind == Kind::Date;
  const std::int64_t ms = date ? wire::cql::decode_date(value) * kDayMs : decode_integer(value);
  const std::int64_t days = ms / kDayMs - (ms % kDayMs < 0);
  const std::int64_t of_day = ms - days * kDayMs;
  chr::year_month_day day{chr::sys_days{chr::days{days}}};
  day += chr::months{sign * duration->months};
  if (!day.ok()) day = chr::year_month_day_last{day.year(), chr::month_day_last{day.month()}};
  const std::int64_t moved =
      chr::sys_days{day}.time_since_epoch().count() + sign * std::int64_t{duration->days};
  const std::int64_t result = moved * kDayMs + of_day + sign * (duration->nanoseconds / 1'000'000);
  if (date) return Value(wire::cql::encode_date(static_cast<std::int32_t>(moved)));
  return Value(encode_be(result));
}

// count, min, max, sum and avg; sums wrap as Java's do, averages do not.
class Folded final : public Aggregate {
 public:
  explicit Folded(const AggregateCall& call)
      : function_(call.function), from_(call.argument_type), type_(call.type) {}

  Outcome<> add(const TermValue& value) override {
    if (function_ == "countrows") {
      ++count_;
      return {};
    }
    if (!value.is_value()) return {};
    ++count_;
    if (function_ == "min" || function_ == "max") {
      const int order = best_ ? wire::cql::compare_values(from_, value.bytes(), *best_) : 0;
      if (!best_ || (function_ == "min" ? order < 0 : order > 0)) {
        best_ = Bytes(value.bytes().begin(), value.bytes().end());
      }
      return {};
    }
    if (function_ == "count") return {};
    switch (from_.kind) {
      case Kind::Float:
      case Kind::Double:
        floating_ += wire::cql::decode_double(value.bytes());
        break;
      case Kind::Decimal:
      case Kind::Varint: {
        const BigDecimal next = as_decimal(from_, value.bytes());
        const std::int32_t scale = std::max(decimal_.scale, next.scale);
        const auto a = wire::cql::with_scale(decimal_, scale);
        const auto b = wire::cql::with_scale(next, scale);
        if (!a || !b) return invalid("the scales of the summed decimals are too far apart");
        decimal_ = {a->unscaled + b->unscaled, scale};
        break;
      }
      default:
        wide_ += decode_integer(value.bytes());
    }
    return {};
  }

  Outcome<Value> result() const override {
    if (function_ == "count" || function_ == "countrows") return Value(encode_be(count_));
    if (function_ == "min" || function_ == "max") return best_;
    const bool average = function_ == "avg";
    switch (from_.kind) {
      case Kind::Float:
      case Kind::Double: {
        const double value =
            average && count_ > 0 ? floating_ / static_cast<double>(count_) : floating_;
        return Value(type_.kind == Kind::Float ? wire::cql::encode_float(static_cast<float>(value))
                                               : wire::cql::encode_double(value));
      }
      case Kind::Decimal:
        return Value(wire::cql::encode_decimal(
            average && count_ > 0 ? wire::cql::divide(decimal_, count_, decimal_.scale)
                                  : decimal_));
      case Kind::Varint:
        return Value(wire::cql::encode_varint(
            average && count_ > 0 ? BigInteger(decimal_.unscaled / count_) : decimal_.unscaled));
      default: {
        __int128 value = wide_;
        if (average && count_ > 0) value /= count_;
        return Value(encode_integer(type_.kind, static_cast<std::int64_t>(value)));
      }
    }
  }

 private:
  std::string function_;
  Type from_;
  Type type_;
  std::int64_t count_ = 0;
  Value best_;
  double floating_ = 0;
  BigDecimal decimal_;
  __extension__ __int128 wide_ = 0;
};

}  // namespace

std::unique_ptr<Aggregate> start_aggregate(const AggregateCall& call) {
  return std::make_unique<Folded>(call);
}

Value convert_number(const Type& from, BytesView value, const Type& to) {
  if (from.kind == to.kind) return Bytes(value.begin(), value.end());
  switch (to.kind) {
    case Kind::Float:
      return wire::cql::encode_float(static_cast<float>(wire::cql::decode_number(from, value)));
    case Kind::Double:
      return wire::cql::encode_double(wire::cql::decode_number(from, value));
    case Kind::Decimal:
      return wire::cql::encode_decimal(as_decimal(from, value));
    case Kind::Varint:
      return wire::cql::encode_varint(truncated(as_decimal(from, value)));
    default:
      return encode_integer(to.kind, as_integer(from, value));
  }
}

std::optional<Type> operation_type(char op, const Type& a, const Type& b) {
  if (op == '+' && a.is_text() && b.is_text()) return a.kind == b.kind ? a : Type::of(Kind::Text);
  if ((op == '+' || op == '-') && b.kind == Kind::Duration &&
      (a.kind == Kind::Timestamp || a.kind == Kind::Date)) {
    return a;
  }
  const int x = rank_of(a.kind);
  const int y = rank_of(b.kind);
  if (x == 0 || y == 0) return std::nullopt;
  if (x == 8 || y == 8) return Type::of(Kind::Decimal);
  // An integer of any length beside a float: only a decimal holds both.
  if ((x == 5 && y >= 6) || (y == 5 && x >= 6)) return Type::of(Kind::Decimal);
  // A bigint does not fit a float's digits.
  if ((x == 6 && y == 4) || (y == 6 && x == 4)) return Type::of(Kind::Double);
  const Type& wider = x >= y ? a : b;
  return wider.kind == Kind::Counter ? Type::of(Kind::Bigint) : wider;
}

Outcome<Value> operate(char op, const Type& a, BytesView left, const Type& b, BytesView right,
                       const Type& result) {
  if (result.is_text()) {
    Bytes out(left.begin(), left.end());
    out.insert(out.end(), right.begin(), right.end());
    return Value(std::move(out));
  }
  if (b.kind == Kind::Duration) return add_duration(op, a, left, right);
  if (left.empty() || right.empty()) return Value();
  switch (result.kind) {
    case Kind::Float:
      return Value(wire::cql::encode_float(static_cast<float>(
          floating(op, wire::cql::decode_number(a, left), wire::cql::decode_number(b, right)))));
    case Kind::Double:
      return Value(wire::cql::encode_double(
          floating(op, wire::cql::decode_number(a, left), wire::cql::decode_number(b, right))));
    case Kind::Decimal:
      return decimal(op, as_decimal(a, left), as_decimal(b, right), a, b);
    case Kind::Varint: {
      const BigInteger x = as_decimal(a, left).unscaled;
      const BigInteger y = as_decimal(b, right).unscaled;
      if ((op == '/' || op == '%') && y == 0)
        return operation_failed(op, a, b, "BigInteger divide by zero");
      const BigInteger out = op == '+'   ? BigInteger(x + y)
                             : op == '-' ? BigInteger(x - y)
                             : op == '*' ? BigInteger(x * y)
                             : op == '/' ? BigInteger(x / y)
                                         : BigInteger(x % y);
      return Value(wire::cql::encode_varint(out));
    }
    default: {
      const std::int64_t y = as_integer(b, right);
      if ((op == '/' || op == '%') && y == 0) return operation_failed(op, a, b, "/ by zero");
      return Value(encode_integer(result.kind, wrapping(op, as_integer(a, left), y)));
    }
  }
}

}  // namespace tidemill::tables::statements
