// SPDX-License-Identifier: Apache-2.0
// Values in CQL's binary form (native_protocol_v5 6): making, reading, checking and ordering them.
//   collection := n:i32 (bytes){n}, a map 2n      tuple, UDT := (bytes)*      vector := element{n}
//   duration   := months:vint days:vint nanoseconds:vint
// Text forms: literal.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "wire/cql/error.h"
#include "wire/cql/type.h"

namespace tidemill::wire::cql {

// A value that owns its bytes, or null.
using Value = std::optional<Bytes>;

template <class T>
Bytes encode_be(T value) {
  Bytes out(sizeof(T));
  store_be(out.data(), value);
  return out;
}
inline Bytes encode_text(std::string_view text) {
  const BytesView view = as_bytes(text);
  return Bytes(view.begin(), view.end());
}
inline Bytes encode_boolean(bool value) {
  return Bytes{static_cast<std::uint8_t>(value)};
}
Bytes encode_double(double value);
Bytes encode_float(float value);
Bytes encode_uuid(const Uuid& uuid);

// Of tinyint, smallint, int, bigint, counter, timestamp, time; by the length of the bytes.
std::int64_t decode_integer(BytesView bytes);
double decode_double(BytesView bytes);  // of float, too
bool decode_boolean(BytesView bytes);
Uuid decode_uuid(BytesView bytes);
// A number for floating types and integers of any kind, varint and decimal included.
double decode_number(const Type& type, BytesView bytes);

// Days since 1970-01-01; on the wire moved by 2^31.
std::int32_t decode_date(BytesView bytes);
Bytes encode_date(std::int32_t days);

struct Duration {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t nanoseconds = 0;
  bool operator==(const Duration&) const = default;
};
Bytes encode_duration(const Duration& value);
Result<Duration> decode_duration(BytesView bytes);

// Milliseconds since the epoch of a version 1 UUID; and the bounds that functions build.
std::int64_t timeuuid_ms(const Uuid& uuid);
Uuid min_timeuuid(std::int64_t ms);
Uuid max_timeuuid(std::int64_t ms);
// 100 ns steps since 1582-10-15, a clock sequence and a node.
Uuid make_timeuuid(std::uint64_t ticks, std::uint64_t clock_and_node);
std::uint64_t timeuuid_ticks(std::int64_t unix_microseconds);

// Elements of a list or set, or keys and values of a map in turn.
Result<std::vector<BytesView>> decode_elements(BytesView bytes, bool is_map);
Bytes encode_elements(std::span<const BytesView> elements, bool is_map);
Bytes encode_elements(std::span<const Bytes> elements, bool is_map);
// Fields of a tuple or UDT; missing trailing ones are null.
Result<std::vector<std::optional<BytesView>>> decode_fields(BytesView bytes, std::size_t count);
Bytes encode_fields(std::span<const Value> fields);
Result<std::vector<BytesView>> decode_vector(const Type& type, BytesView bytes);
Bytes encode_vector(const Type& type, std::span<const Bytes> elements);

// Whether bytes are a value of the type, with Cassandra's wording when not.
Outcome<> check_value(const Type& type, BytesView bytes);

// The order of the type: <0, 0, >0. Both must have passed check_value.
int compare_values(const Type& type, BytesView a, BytesView b);

// Sorted by the element order, repeats of sets and keys removed (the last value of a map wins).
void normalise_set(const Type& element, std::vector<Bytes>& elements);
void normalise_map(const Type& key, std::vector<Bytes>& keys_and_values);

}  // namespace tidemill::wire::cql
