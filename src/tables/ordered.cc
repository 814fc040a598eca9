// SPDX-License-Identifier: Apache-2.0
// The byte-ordered encoding of values (the idea and the orders are those of Cassandra's
// ByteComparable.md; the bytes are ours):
//
// component := 01                     empty value
//            | 02 payload             the order of payloads is the order of values
// payload   := fixed size, turned so that unsigned bytes compare: integers with the sign bit
//              flipped, floats by their total order, uuids version first, timeuuids time first
//            | (byte | 00 FF)* 00 00  text, blob, inet: 00 is escaped
//            | 80 len:u32be bytes | 7F ~len bytes         varint >= 0 | < 0, shortest form
//            | 02 | 03 exp digits 00 | 01 ~(exp digits 00) decimal zero | > 0 | < 0
//            | (02 component)* 00     list, set, map (key, value, key, ...)
//            | (01 | 02 component){n} tuple, user type: 01 is null
//            | payload{dimension}     vector of fixed-size elements
// A descending component has all its bytes complemented.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "tables/types.h"
#include "wire/cql/error.h"
#include "wire/cql/value.h"

namespace tidemill::tables {

namespace {

constexpr std::uint8_t kEmpty = 0x01;
constexpr std::uint8_t kValue = 0x02;
constexpr std::uint8_t kNull = 0x01;
constexpr std::uint8_t kEnd = 0x00;
constexpr std::size_t kDecimalBytesMax = 1024;  // conversion to digits is quadratic

Error corrupt() {
  return error(ErrorCode::Corrupt, "a key component is damaged");
}

// --- uuid ---

// time_low(32) time_mid(16) version(4) time_hi(12)  ->  version time_hi time_mid time_low
std::uint64_t time_first(std::uint64_t msb) {
  return (msb << 48) | ((msb << 16) & 0x0000FFFF00000000ULL) | (msb >> 32);
}
std::uint64_t time_last(std::uint64_t ordered) {
  return (ordered << 32) | ((ordered >> 16) & 0xFFFF0000ULL) | (ordered >> 48);
}
std::uint64_t version_first(std::uint64_t msb) {
  return ((msb & 0xF000) << 48) | ((msb >> 4) & 0x0FFFFFFFFFFFF000ULL) | (msb & 0x0FFF);
}
std::uint64_t version_last(std::uint64_t ordered) {
  return ((ordered & 0x0FFFFFFFFFFFF000ULL) << 4) | ((ordered >> 48) & 0xF000) | (ordered & 0x0FFF);
}
constexpr std::uint64_t kSigns = 0x8080808080808080ULL;

void append_uuid(TypeKind kind, BytesView value, ByteWriter& out) {
  const auto msb = load_be<std::uint64_t>(value.data());
  auto lsb = load_be<std::uint64_t>(value.data() + 8);
  // TimeUUIDType compares the second half as signed bytes; UUIDType does not.
  if (kind == TypeKind::Timeuuid) lsb ^= kSigns;
  const bool timed = kind == TypeKind::Timeuuid || ((msb >> 12) & 0xF) == 1;
  out.u64be(timed ? time_first(msb) : version_first(msb));
  out.u64be(lsb);
}

void restore_uuid(TypeKind kind, std::uint64_t high, std::uint64_t low, ByteWriter& out) {
  const bool timed = kind == TypeKind::Timeuuid || (high >> 60) == 1;
  out.u64be(timed ? time_last(high) : version_last(high));
  out.u64be(kind == TypeKind::Timeuuid ? low ^ kSigns : low);
}

// --- fixed sizes ---

// All NaNs are one value, above everything, as in Java's Double.compare.
template <class Bits>
Bits order_float(Bits bits) {
  constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
  constexpr Bits kInfinity = sizeof(Bits) == 4 ? Bits(0x7F800000U) : Bits(0x7FF0000000000000ULL);
  constexpr Bits kQuiet = kInfinity | (Bits{1} << (sizeof(Bits) == 4 ? 22 : 51));
  if ((bits & ~kSign) > kInfinity) bits = kQuiet;
  return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
}
template <class Bits>
Bits restore_float(Bits bits) {
  constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
  return (bits & kSign) != 0 ? static_cast<Bits>(bits & ~kSign) : static_cast<Bits>(~bits);
}

bool is_signed(TypeKind kind) {
  return kind == TypeKind::Tinyint || kind == TypeKind::Smallint || kind == TypeKind::Int ||
         kind == TypeKind::Bigint || kind == TypeKind::Counter || kind == TypeKind::Timestamp ||
         kind == TypeKind::Time;
}

void append_fixed(TypeKind kind, BytesView value, ByteWriter& out) {
  if (kind == TypeKind::Uuid || kind == TypeKind::Timeuuid) return append_uuid(kind, value, out);
  if (kind == TypeKind::Float) {
    return out.be(order_float(load_be<std::uint32_t>(value.data())));
  }
  if (kind == TypeKind::Double) {
    return out.be(order_float(load_be<std::uint64_t>(value.data())));
  }
  const std::size_t at = out.size();
  out.bytes(value);
  if (is_signed(kind)) out.buffer()[at] ^= 0x80;
}

void restore_fixed(TypeKind kind, BytesView payload, ByteWriter& out) {
  const std::uint8_t* from = payload.data();
  if (kind == TypeKind::Uuid || kind == TypeKind::Timeuuid) {
    return restore_uuid(kind, load_be<std::uint64_t>(from), load_be<std::uint64_t>(from + 8), out);
  }
  if (kind == TypeKind::Float) return out.be(restore_float(load_be<std::uint32_t>(from)));
  if (kind == TypeKind::Double) return out.be(restore_float(load_be<std::uint64_t>(from)));
  const std::size_t at = out.size();
  out.bytes(payload);
  if (is_signed(kind)) out.buffer()[at] ^= 0x80;
}

// --- text, blob, inet ---

void append_escaped(BytesView value, ByteWriter& out) {
  while (!value.empty()) {
    const auto zero = std::ranges::find(value, 0);
    const auto run = static_cast<std::size_t>(zero - value.begin());
    out.bytes(value.first(run));
    if (zero == value.end()) break;
    out.u8(0);
    out.u8(0xFF);
    value = value.subspan(run + 1);
  }
  out.u8(0);
  out.u8(0);
}

// --- varint, decimal ---

BytesView shortest(BytesView value) {
  while (value.size() > 1 &&
         ((value[0] == 0x00 && value[1] < 0x80) || (value[0] == 0xFF && value[1] >= 0x80))) {
    value = value.subspan(1);
  }
  return value;
}

void append_varint(BytesView value, ByteWriter& out) {
  value = shortest(value);
  const bool negative = value[0] >= 0x80;
  const auto size = static_cast<std::uint32_t>(value.size());
  out.u8(negative ? 0x7F : 0x80);
  out.u32be(negative ? ~size : size);
  out.bytes(value);
}

// Decimal digits of a two's complement number, most significant first, without sign.
Bytes digits_of(BytesView value) {
  Bytes magnitude(value.begin(), value.end());
  if (magnitude[0] >= 0x80) {
    for (auto& byte : magnitude) byte = static_cast<std::uint8_t>(~byte);
    for (std::size_t i = magnitude.size(); i-- > 0;) {
      if (++magnitude[i] != 0) break;
      if (i == 0) magnitude.insert(magnitude.begin(), 1);
    }
  }
  Bytes digits;
  std::size_t first = 0;
  while (first < magnitude.size()) {
    std::uint32_t rest = 0;
    for (std::size_t i = first; i < magnitude.size(); ++i) {
      rest = rest * 256 + magnitude[i];
      magnitude[i] = static_cast<std::uint8_t>(rest / 10);
      rest %= 10;
    }
    digits.push_back(static_cast<std::uint8_t>(rest));
    while (first < magnitude.size() && magnitude[first] == 0) ++first;
  }
  std::ranges::reverse(digits);
  const auto nonzero = std::ranges::find_if(digits, [](std::uint8_t d) { return d != 0; });
  digits.erase(digits.begin(), nonzero);
  return digits;
}

Bytes number_of(BytesView digits, bool negative) {
  Bytes number{0};  // least significant first
  for (const std::uint8_t digit : digits) {
    std::uint32_t carry = digit;
    for (auto& byte : number) {
      carry += byte * 10U;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) number.push_back(static_cast<std::uint8_t>(carry));
  }
  if (number.back() >= 0x80) number.push_back(0);
  if (negative) {
    std::uint32_t carry = 1;
    for (auto& byte : number) {
      carry += static_cast<std::uint8_t>(~byte);
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  std::ranges::reverse(number);
  const auto kept = shortest(number);
  return {kept.begin(), kept.end()};
}

Result<> append_decimal(BytesView value, ByteWriter& out) {
  if (value.size() > kDecimalBytesMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("a decimal of {} bytes cannot be part of a key or set, at most {} can",
                             value.size(), kDecimalBytesMax));
  }
  const auto scale = load_be<std::int32_t>(value.data());
  const BytesView unscaled = value.subspan(4);
  Bytes digits = digits_of(unscaled);
  if (digits.empty()) {
    out.u8(0x02);
    return {};
  }
  const std::int64_t exponent = static_cast<std::int64_t>(digits.size()) - scale;
  while (digits.back() == 0) digits.pop_back();
  const bool negative = unscaled[0] >= 0x80;
  out.u8(negative ? 0x01 : 0x03);
  const std::size_t at = out.size();
  out.u64be(static_cast<std::uint64_t>(exponent) ^ (1ULL << 63));
  for (const std::uint8_t digit : digits) out.u8(static_cast<std::uint8_t>(digit + 1));
  out.u8(0);
  if (negative) {
    for (std::size_t i = at; i < out.size(); ++i) {
      out.buffer()[i] = static_cast<std::uint8_t>(~out.buffer()[i]);
    }
  }
  return {};
}

// --- one component ---

Result<> append_component(const CqlType& type, BytesView value, ByteWriter& out);

Result<BytesView> take_sized(ByteReader& in) {
  const std::int32_t size = TRY(in.i32be());
  if (size < 0)
    return error(ErrorCode::InvalidArgument, "null is not supported inside collections");
  return in.bytes(static_cast<std::size_t>(size));
}

Result<> append_collection(const CqlType& type, BytesView value, ByteWriter& out) {
  ByteReader in(value);
  const std::int32_t count = TRY(in.i32be());
  for (std::int32_t i = 0; i < count; ++i) {
    for (const auto& element : type.parts->elements) {
      out.u8(kValue);
      TRY(append_component(element, TRY(take_sized(in)), out));
    }
  }
  out.u8(kEnd);
  return {};
}

Result<> append_fields(const CqlType& type, BytesView value, ByteWriter& out) {
  ByteReader in(value);
  for (const auto& field : type.parts->elements) {
    const std::int32_t size = in.at_end() ? -1 : TRY(in.i32be());
    if (size < 0) {
      out.u8(kNull);
      continue;
    }
    out.u8(kValue);
    TRY(append_component(field, TRY(in.bytes(static_cast<std::size_t>(size))), out));
  }
  return {};
}

Result<> append_vector(const CqlType& type, BytesView value, ByteWriter& out) {
  const std::size_t size = wire::cql::fixed_length(type.parts->elements[0]);
  if (size == 0) {
    return error(
        ErrorCode::Unsupported,
        fmt::format("{} cannot be ordered: its elements have no fixed size", to_string(type)));
  }
  for (std::size_t i = 0; i < type.parts->dimension; ++i) {
    append_fixed(type.parts->elements[0].kind, value.subspan(i * size, size), out);
  }
  return {};
}

Result<> append_component(const CqlType& type, BytesView value, ByteWriter& out) {
  if (value.empty()) {
    out.u8(kEmpty);
    return {};
  }
  out.u8(kValue);
  switch (type.kind) {
    case TypeKind::Ascii:
    case TypeKind::Text:
    case TypeKind::Blob:
    case TypeKind::Inet:
    case TypeKind::Duration:
    case TypeKind::Custom:
      append_escaped(value, out);
      return {};
    case TypeKind::Varint:
      append_varint(value, out);
      return {};
    case TypeKind::Decimal:
      return append_decimal(value, out);
    case TypeKind::List:
    case TypeKind::Set:
    case TypeKind::Map:
      return append_collection(type, value, out);
    case TypeKind::Tuple:
    case TypeKind::Udt:
      return append_fields(type, value, out);
    case TypeKind::Vector:
      return append_vector(type, value, out);
    default:
      append_fixed(type.kind, value, out);
      return {};
  }
}

// Reads bytes that may be complemented.
class Source {
 public:
  Source(ByteReader& in, bool descending) : in_(in), flip_(descending ? 0xFF : 0x00) {}

  Result<std::uint8_t> u8() { return static_cast<std::uint8_t>(TRY(in_.u8()) ^ flip_); }
  Result<Bytes> bytes(std::size_t count) {
    const BytesView raw = TRY(in_.bytes(count));
    Bytes out(raw.begin(), raw.end());
    for (auto& byte : out) byte ^= flip_;
    return out;
  }
  Result<Bytes> escaped() {
    Bytes out;
    while (true) {
      const std::uint8_t byte = TRY(u8());
      if (byte == 0) {
        const std::uint8_t what = TRY(u8());
        if (what == 0) return out;
        if (what != 0xFF) return corrupt();
      }
      out.push_back(byte);
    }
  }
  void complement() { flip_ = static_cast<std::uint8_t>(~flip_); }

 private:
  ByteReader& in_;
  std::uint8_t flip_;
};

Result<> take_component(const CqlType& type, Source& in, ByteWriter& out);

Result<> take_varint(Source& in, ByteWriter& out) {
  const bool negative = TRY(in.u8()) == 0x7F;
  const Bytes raw = TRY(in.bytes(4));
  const auto size = load_be<std::uint32_t>(raw.data());
  out.bytes(TRY(in.bytes(negative ? ~size : size)));
  return {};
}

Result<> take_decimal(Source& in, ByteWriter& out) {
  const std::uint8_t sign = TRY(in.u8());
  if (sign == 0x02) {
    out.i32be(0);
    out.u8(0);
    return {};
  }
  const bool negative = sign == 0x01;
  if (negative) in.complement();
  const Bytes raw = TRY(in.bytes(8));
  const auto exponent =
      static_cast<std::int64_t>(load_be<std::uint64_t>(raw.data()) ^ (1ULL << 63));
  Bytes digits;
  while (const std::uint8_t digit = TRY(in.u8())) {
    if (digit > 10) return corrupt();
    digits.push_back(static_cast<std::uint8_t>(digit - 1));
  }
  if (negative) in.complement();
  out.i32be(static_cast<std::int32_t>(static_cast<std::int64_t>(digits.size()) - exponent));
  out.bytes(number_of(digits, negative));
  return {};
}

// Writes a value behind its length, as collections and tuples hold it.
Result<> take_sized_component(const CqlType& type, Source& in, ByteWriter& out) {
  const std::size_t at = out.size();
  out.i32be(0);
  TRY(take_component(type, in, out));
  out.patch_i32be(at, static_cast<std::int32_t>(out.size() - at - 4));
  return {};
}

Result<> take_collection(const CqlType& type, Source& in, ByteWriter& out) {
  const std::size_t at = out.size();
  out.i32be(0);
  std::int32_t count = 0;
  std::size_t next = 0;
  while (true) {
    const std::uint8_t mark = TRY(in.u8());
    if (mark == kEnd && next == 0) break;
    if (mark != kValue) return corrupt();
    if (next == 0) ++count;
    TRY(take_sized_component(type.parts->elements[next], in, out));
    next = (next + 1) % type.parts->elements.size();
  }
  out.patch_i32be(at, count);
  return {};
}

Result<> take_component(const CqlType& type, Source& in, ByteWriter& out) {
  const std::uint8_t mark = TRY(in.u8());
  if (mark == kEmpty) return {};
  if (mark != kValue) return corrupt();
  switch (type.kind) {
    case TypeKind::Ascii:
    case TypeKind::Text:
    case TypeKind::Blob:
    case TypeKind::Inet:
    case TypeKind::Duration:
    case TypeKind::Custom:
      out.bytes(TRY(in.escaped()));
      return {};
    case TypeKind::Varint:
      return take_varint(in, out);
    case TypeKind::Decimal:
      return take_decimal(in, out);
    case TypeKind::List:
    case TypeKind::Set:
    case TypeKind::Map:
      return take_collection(type, in, out);
    case TypeKind::Tuple:
    case TypeKind::Udt:
      for (const auto& field : type.parts->elements) {
        if (TRY(in.u8()) == kNull) {
          out.i32be(-1);
        } else {
          TRY(take_sized_component(field, in, out));
        }
      }
      return {};
    case TypeKind::Vector:
      for (std::size_t i = 0; i < type.parts->dimension; ++i) {
        restore_fixed(type.parts->elements[0].kind,
                      TRY(in.bytes(wire::cql::fixed_length(type.parts->elements[0]))), out);
      }
      return {};
    default:
      restore_fixed(type.kind, TRY(in.bytes(wire::cql::fixed_length(type))), out);
      return {};
  }
}

}  // namespace

bool is_byte_ordered(const CqlType& type) {
  switch (type.kind) {
    case TypeKind::Ascii:
    case TypeKind::Text:
    case TypeKind::Blob:
    case TypeKind::Boolean:
    case TypeKind::Date:
    case TypeKind::Inet:
    case TypeKind::Duration:
    case TypeKind::Custom:
      return true;
    default:
      return false;
  }
}

Result<> append_ordered(const CqlType& type, BytesView value, bool descending, Bytes& out) {
  if (auto checked = wire::cql::check_value(type, value); !checked.ok()) {
    return wire::cql::to_error(std::move(checked).error());
  }
  const std::size_t at = out.size();
  ByteWriter writer(out);
  if (auto appended = append_component(type, value, writer); !appended.ok()) {
    out.resize(at);
    return appended;
  }
  if (descending) {
    for (std::size_t i = at; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(~out[i]);
  }
  return {};
}

Result<> take_ordered(const CqlType& type, bool descending, ByteReader& from, Bytes& out) {
  Source in(from, descending);
  ByteWriter writer(out);
  return take_component(type, in, writer);
}

}  // namespace tidemill::tables
