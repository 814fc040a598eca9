// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "wire/cql/bignum.h"

namespace tidemill::wire::cql {
namespace {

constexpr std::uint64_t kGregorianTicks = 0x01B21DD213814000ULL;  // 1582-10-15 to 1970-01-01

// Cassandra's unsigned vint: leading one bits of the first byte count the bytes that follow.
void write_unsigned_vint(ByteWriter& out, std::uint64_t value) {
  int extra = 0;
  while (extra < 8 && value >> (7 * (extra + 1)) != 0) ++extra;
  if (extra == 8) {
    out.u8(0xFF);
    out.u64be(value);
    return;
  }
  const auto marker = static_cast<std::uint8_t>(~(0xFF >> extra));
  out.u8(static_cast<std::uint8_t>(marker | (value >> (8 * extra))));
  for (int i = extra - 1; i >= 0; --i) out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

Result<std::uint64_t> read_unsigned_vint(ByteReader& in) {
  const std::uint8_t first = TRY(in.u8());
  const int extra = std::countl_one(first);
  std::uint64_t value = extra >= 8 ? 0 : first & (0xFF >> extra);
  for (int i = 0; i < extra; ++i) value = value << 8 | TRY(in.u8());
  return value;
}

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

int compare_bytes(BytesView a, BytesView b) {
  const std::size_t shared = std::min(a.size(), b.size());
  const int order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
  if (order != 0) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int compare_integers(std::int64_t a, std::int64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// -0.0 before 0.0, NaN above all, as Java's Double.compare.
int compare_doubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) - std::isnan(b);
  if (a != b) return a < b ? -1 : 1;
  return std::signbit(b) - std::signbit(a);
}

std::uint64_t ticks_of(const Uuid& uuid) {
  const std::uint64_t high = load_be<std::uint64_t>(uuid.bytes.data());
  return (high & 0x0FFF) << 48 | (high >> 16 & 0xFFFF) << 32 | high >> 32;
}

int compare_timeuuids(BytesView a, BytesView b) {
  const Uuid left = decode_uuid(a);
  const Uuid right = decode_uuid(b);
  const std::uint64_t x = ticks_of(left);
  const std::uint64_t y = ticks_of(right);
  if (x != y) return x < y ? -1 : 1;
  // The low half compares as signed bytes.
  for (std::size_t i = 8; i < 16; ++i) {
    const int order = compare_integers(static_cast<std::int8_t>(left.bytes[i]),
                                       static_cast<std::int8_t>(right.bytes[i]));
    if (order != 0) return order;
  }
  return 0;
}

int compare_uuids(BytesView a, BytesView b) {
  const int version_a = a[6] >> 4;
  const int version_b = b[6] >> 4;
  if (version_a != version_b) return version_a < version_b ? -1 : 1;
  if (version_a == 1) {
    const std::uint64_t x = ticks_of(decode_uuid(a));
    const std::uint64_t y = ticks_of(decode_uuid(b));
    if (x != y) return x < y ? -1 : 1;
    return compare_bytes(a.subspan(8), b.subspan(8));
  }
  return compare_bytes(a, b);
}

int compare_lists(const Type& type, BytesView a, BytesView b, bool is_map) {
  const auto left = decode_elements(a, is_map);
  const auto right = decode_elements(b, is_map);
  if (!left.ok() || !right.ok()) return compare_bytes(a, b);
  const std::size_t shared = std::min(left->size(), right->size());
  for (std::size_t i = 0; i < shared; ++i) {
    const Type& element = type.element(is_map ? i % 2 : 0);
    const int order = compare_values(element, (*left)[i], (*right)[i]);
    if (order != 0) return order;
  }
  return compare_integers(static_cast<std::int64_t>(left->size()),
                          static_cast<std::int64_t>(right->size()));
}

int compare_tuples(const Type& type, BytesView a, BytesView b) {
  const auto left = decode_fields(a, type.parts->elements.size());
  const auto right = decode_fields(b, type.parts->elements.size());
  if (!left.ok() || !right.ok()) return compare_bytes(a, b);
  for (std::size_t i = 0; i < left->size(); ++i) {
    const auto& x = (*left)[i];
    const auto& y = (*right)[i];
    if (!x || !y) {
      if (x.has_value() != y.has_value()) return x ? 1 : -1;
      continue;
    }
    const int order = compare_values(type.element(i), *x, *y);
    if (order != 0) return order;
  }
  return 0;
}

Outcome<> wrong_length(std::string_view wanted, std::size_t got) {
  return invalid(fmt::format("Expected {} ({})", wanted, got));
}

Outcome<> check_collection(const Type& type, BytesView bytes) {
  const bool is_map = type.kind == Kind::Map;
  const auto elements = decode_elements(bytes, is_map);
  if (!elements.ok()) return invalid(elements.error().message);
  for (std::size_t i = 0; i < elements->size(); ++i) {
    TRY(check_value(type.element(is_map ? i % 2 : 0), (*elements)[i]));
  }
  return {};
}

Outcome<> check_tuple(const Type& type, BytesView bytes) {
  const auto fields = decode_fields(bytes, type.parts->elements.size());
  if (!fields.ok()) return invalid(fields.error().message);
  for (std::size_t i = 0; i < fields->size(); ++i) {
    if ((*fields)[i]) TRY(check_value(type.element(i), *(*fields)[i]));
  }
  return {};
}

}  // namespace

Bytes encode_double(double value) {
  return encode_be(std::bit_cast<std::uint64_t>(value));
}
Bytes encode_float(float value) {
  return encode_be(std::bit_cast<std::uint32_t>(value));
}
Bytes encode_uuid(const Uuid& uuid) {
  return Bytes(uuid.bytes.begin(), uuid.bytes.end());
}

std::int64_t decode_integer(BytesView bytes) {
  if (bytes.empty() || bytes.size() > 8) return 0;
  std::int64_t value = static_cast<std::int8_t>(bytes[0]);
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | bytes[i]);
  }
  return value;
}

double decode_double(BytesView bytes) {
  if (bytes.size() == 4) {
    return std::bit_cast<float>(load_be<std::uint32_t>(bytes.data()));
  }
  if (bytes.size() == 8) return std::bit_cast<double>(load_be<std::uint64_t>(bytes.data()));
  return 0;
}

bool decode_boolean(BytesView bytes) {
  return !bytes.empty() && bytes[0] != 0;
}

Uuid decode_uuid(BytesView bytes) {
  Uuid uuid;
  if (bytes.size() == 16) std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

double decode_number(const Type& type, BytesView bytes) {
  switch (type.kind) {
    case Kind::Float:
    case Kind::Double:
      return decode_double(bytes);
    case Kind::Varint:
      return to_double({decode_varint(bytes), 0});
    case Kind::Decimal:
      return to_double(decode_decimal(bytes));
    default:
      return static_cast<double>(decode_integer(bytes));
  }
}

std::int32_t decode_date(BytesView bytes) {
  if (bytes.size() != 4) return 0;
  return static_cast<std::int32_t>(load_be<std::uint32_t>(bytes.data()) ^ 0x80000000U);
}
Bytes encode_date(std::int32_t days) {
  return encode_be(static_cast<std::uint32_t>(days) ^ 0x80000000U);
}

Bytes encode_duration(const Duration& value) {
  ByteWriter out;
  write_unsigned_vint(out, zigzag(value.months));
  write_unsigned_vint(out, zigzag(value.days));
  write_unsigned_vint(out, zigzag(value.nanoseconds));
  return out.take();
}

Result<Duration> decode_duration(BytesView bytes) {
  ByteReader in(bytes);
  const std::int64_t months = unzigzag(TRY(read_unsigned_vint(in)));
  const std::int64_t days = unzigzag(TRY(read_unsigned_vint(in)));
  const std::int64_t nanoseconds = unzigzag(TRY(read_unsigned_vint(in)));
  if (months != static_cast<std::int32_t>(months) || days != static_cast<std::int32_t>(days)) {
    return error(ErrorCode::Corrupt,
                 fmt::format("duration has {} months and {} days", months, days));
  }
  return Duration{static_cast<std::int32_t>(months), static_cast<std::int32_t>(days), nanoseconds};
}

std::int64_t timeuuid_ms(const Uuid& uuid) {
  return static_cast<std::int64_t>(ticks_of(uuid) - kGregorianTicks) / 10000;
}

Uuid make_timeuuid(std::uint64_t ticks, std::uint64_t clock_and_node) {
  const std::uint64_t high =
      ticks << 32 | (ticks >> 32 & 0xFFFF) << 16 | 0x1000 | (ticks >> 48 & 0x0FFF);
  Uuid uuid;
  store_be(uuid.bytes.data(), high);
  store_be(uuid.bytes.data() + 8, clock_and_node);
  return uuid;
}

std::uint64_t timeuuid_ticks(std::int64_t unix_microseconds) {
  return static_cast<std::uint64_t>(unix_microseconds * 10) + kGregorianTicks;
}

Uuid min_timeuuid(std::int64_t ms) {
  return make_timeuuid(timeuuid_ticks(ms * 1000), 0x8080808080808080ULL);
}
Uuid max_timeuuid(std::int64_t ms) {
  return make_timeuuid(timeuuid_ticks((ms + 1) * 1000) - 1, 0x7f7f7f7f7f7f7f7fULL);
}

Result<std::vector<BytesView>> decode_elements(BytesView bytes, bool is_map) {
  ByteReader in(bytes);
  const auto count = TRY(in.i32be());
  const std::size_t per_entry = is_map ? 2 : 1;
  if (count < 0 || static_cast<std::size_t>(count) > in.remaining() / (4 * per_entry)) {
    return error(ErrorCode::Corrupt,
                 fmt::format("collection of {} bytes claims {} elements", bytes.size(), count));
  }
  std::vector<BytesView> elements;
  elements.reserve(static_cast<std::size_t>(count) * per_entry);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count) * per_entry; ++i) {
    const auto length = TRY(in.i32be());
    if (length < 0) return error(ErrorCode::Corrupt, "null is not supported inside collections");
    elements.push_back(TRY(in.bytes(static_cast<std::size_t>(length))));
  }
  if (!in.at_end()) {
    return error(ErrorCode::Corrupt, fmt::format("Unexpected extraneous bytes after {} value",
                                                 is_map ? "map" : "collection"));
  }
  return elements;
}

namespace {
template <class Element>
Bytes encode_all(std::span<const Element> elements, bool is_map) {
  std::size_t size = 4;
  for (const auto& element : elements) size += 4 + element.size();
  Bytes buffer;
  buffer.reserve(size);
  ByteWriter out(buffer);
  out.i32be(static_cast<std::int32_t>(is_map ? elements.size() / 2 : elements.size()));
  for (const auto& element : elements) {
    out.i32be(static_cast<std::int32_t>(element.size()));
    out.bytes(element);
  }
  return buffer;
}
}  // namespace

Bytes encode_elements(std::span<const BytesView> elements, bool is_map) {
  return encode_all(elements, is_map);
}
Bytes encode_elements(std::span<const Bytes> elements, bool is_map) {
  return encode_all(elements, is_map);
}

Result<std::vector<std::optional<BytesView>>> decode_fields(BytesView bytes, std::size_t count) {
  ByteReader in(bytes);
  std::vector<std::optional<BytesView>> fields(count);
  for (std::size_t i = 0; i < count && !in.at_end(); ++i) {
    const auto length = TRY(in.i32be());
    if (length >= 0) fields[i] = TRY(in.bytes(static_cast<std::size_t>(length)));
  }
  if (!in.at_end()) {
    return error(ErrorCode::Corrupt,
                 fmt::format("Expected {} values for tuple or user type, found more", count));
  }
  return fields;
}

Bytes encode_fields(std::span<const Value> fields) {
  ByteWriter out;
  for (const Value& field : fields) {
    out.i32be(field ? static_cast<std::int32_t>(field->size()) : -1);
    if (field) out.bytes(*field);
  }
  return out.take();
}

Result<std::vector<BytesView>> decode_vector(const Type& type, BytesView bytes) {
  std::vector<BytesView> elements;
  const std::size_t each = fixed_length(type.element());
  ByteReader in(bytes);
  for (std::uint32_t i = 0; i < type.parts->dimension; ++i) {
    const std::size_t length =
        each > 0 ? each : static_cast<std::size_t>(TRY(read_unsigned_vint(in)));
    elements.push_back(TRY(in.bytes(length)));
  }
  if (!in.at_end()) {
    return error(ErrorCode::Corrupt,
                 fmt::format("Unexpected {} extraneous bytes after vector value", in.remaining()));
  }
  return elements;
}

Bytes encode_vector(const Type& type, std::span<const Bytes> elements) {
  ByteWriter out;
  const bool variable = fixed_length(type.element()) == 0;
  for (const Bytes& element : elements) {
    if (variable) write_unsigned_vint(out, element.size());
    out.bytes(element);
  }
  return out.take();
}

Outcome<> check_value(const Type& type, BytesView bytes) {
  const std::size_t size = bytes.size();
  switch (type.kind) {
    case Kind::Ascii:
      if (std::ranges::any_of(bytes, [](std::uint8_t byte) { return byte >= 0x80; })) {
        return invalid("Invalid byte for ascii: " +
                       to_hex(bytes.first(std::min<std::size_t>(size, 16))));
      }
      return {};
    case Kind::Text:
      if (!is_utf8(as_text(bytes))) return invalid("String didn't validate.");
      return {};
    case Kind::Int:
      if (size != 0 && size != 4) return wrong_length("4 or 0 byte int", size);
      return {};
    case Kind::Bigint:
    case Kind::Counter:
      if (size != 0 && size != 8) return wrong_length("8 or 0 byte long", size);
      return {};
    case Kind::Smallint:
      if (size != 2) return wrong_length("2 bytes for a smallint", size);
      return {};
    case Kind::Tinyint:
      if (size != 1) return wrong_length("1 byte for a tinyint", size);
      return {};
    case Kind::Boolean:
      if (size > 1) return wrong_length("1 or 0 byte value", size);
      return {};
    case Kind::Double:
      if (size != 0 && size != 8) return wrong_length("8 or 0 byte value for a double", size);
      return {};
    case Kind::Float:
      if (size != 0 && size != 4) return wrong_length("4 or 0 byte value for a float", size);
      return {};
    case Kind::Timestamp:
      if (size != 0 && size != 8) return wrong_length("8 or 0 byte long for date", size);
      return {};
    case Kind::Date:
      if (size != 4) return wrong_length("4 byte long for date", size);
      return {};
    case Kind::Time:
      if (size != 8) return wrong_length("8 byte long for time", size);
      return {};
    case Kind::Uuid:
    case Kind::Timeuuid:
      if (size != 0 && size != 16) {
        return invalid(fmt::format("UUID should be 16 or 0 bytes ({})", size));
      }
      if (type.kind == Kind::Timeuuid && size == 16 && bytes[6] >> 4 != 1) {
        return invalid("Invalid version for TimeUUID type.");
      }
      return {};
    case Kind::Inet:
      if (size != 0 && size != 4 && size != 16) {
        return invalid(fmt::format("bytes should be 0, 4 or 16 for an inet address ({})", size));
      }
      return {};
    case Kind::Decimal:
      if (size != 0 && size < 4) return wrong_length("0 or at least 4 bytes", size);
      return {};
    case Kind::Duration:
      if (size < 3) return wrong_length("at least 3 bytes for a duration", size);
      if (const auto value = decode_duration(bytes); !value.ok()) {
        return invalid(value.error().message);
      }
      return {};
    case Kind::List:
    case Kind::Set:
    case Kind::Map:
      return check_collection(type, bytes);
    case Kind::Tuple:
    case Kind::Udt:
      return check_tuple(type, bytes);
    case Kind::Vector:
      if (const auto elements = decode_vector(type, bytes); !elements.ok()) {
        return invalid(elements.error().message);
      }
      return {};
    case Kind::Blob:
    case Kind::Varint:
    case Kind::Custom:
      return {};
  }
  return {};
}

int compare_values(const Type& type, BytesView a, BytesView b) {
  // An empty value of a type with a fixed length sorts before all others.
  if (a.empty() || b.empty()) return compare_integers(!a.empty(), !b.empty());
  switch (type.kind) {
    case Kind::Tinyint:
    case Kind::Smallint:
    case Kind::Int:
    case Kind::Bigint:
    case Kind::Counter:
    case Kind::Timestamp:
    case Kind::Time:
      return compare_integers(decode_integer(a), decode_integer(b));
    case Kind::Float:
    case Kind::Double:
      return compare_doubles(decode_double(a), decode_double(b));
    case Kind::Boolean:
      return compare_integers(decode_boolean(a), decode_boolean(b));
    case Kind::Varint:
      return decode_varint(a).compare(decode_varint(b));
    case Kind::Decimal:
      return compare(decode_decimal(a), decode_decimal(b));
    case Kind::Uuid:
      return a.size() == 16 && b.size() == 16 ? compare_uuids(a, b) : compare_bytes(a, b);
    case Kind::Timeuuid:
      return compare_timeuuids(a, b);
    case Kind::List:
    case Kind::Set:
    case Kind::Map:
      return compare_lists(type, a, b, type.kind == Kind::Map);
    case Kind::Tuple:
    case Kind::Udt:
      return compare_tuples(type, a, b);
    case Kind::Ascii:
    case Kind::Blob:
    case Kind::Text:
    case Kind::Inet:
    case Kind::Date:
    case Kind::Duration:
    case Kind::Vector:
    case Kind::Custom:
      return compare_bytes(a, b);
  }
  return compare_bytes(a, b);
}

void normalise_set(const Type& element, std::vector<Bytes>& elements) {
  std::ranges::sort(
      elements, [&](const Bytes& a, const Bytes& b) { return compare_values(element, a, b) < 0; });
  const auto repeats = std::ranges::unique(
      elements, [&](const Bytes& a, const Bytes& b) { return compare_values(element, a, b) == 0; });
  elements.erase(repeats.begin(), repeats.end());
}

void normalise_map(const Type& key, std::vector<Bytes>& keys_and_values) {
  std::vector<std::size_t> order(keys_and_values.size() / 2);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const int by_key = compare_values(key, keys_and_values[2 * a], keys_and_values[2 * b]);
    return by_key != 0 ? by_key < 0 : a < b;
  });
  std::vector<Bytes> sorted;
  sorted.reserve(keys_and_values.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    Bytes& name = keys_and_values[2 * order[i]];
    Bytes& value = keys_and_values[2 * order[i] + 1];
    if (!sorted.empty() && compare_values(key, sorted[sorted.size() - 2], name) == 0) {
      sorted.back() = std::move(value);
      continue;
    }
    sorted.push_back(std::move(name));
    sorted.push_back(std::move(value));
  }
  keys_and_values = std::move(sorted);
}

}  // namespace tidemill::wire::cql
