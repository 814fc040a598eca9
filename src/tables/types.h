// SPDX-License-Identifier: Apache-2.0
// CQL's types: their names, the order of their values and an encoding that memcmp orders alike.
// Values are in CQL's binary form (native_protocol_v4 section 6). Reading and writing literals is
// not in here.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace tidemill::tables {

// The numbers are the protocol's option ids (native_protocol_v4 section 4.2.5.2); Custom (0) is
// used for vectors.
enum class TypeKind : std::uint16_t {
  Vector = 0x00,
  Ascii = 0x01,
  Bigint = 0x02,
  Blob = 0x03,
  Boolean = 0x04,
  Counter = 0x05,
  Decimal = 0x06,
  Double = 0x07,
  Float = 0x08,
  Int = 0x09,
  Timestamp = 0x0B,
  Uuid = 0x0C,
  Text = 0x0D,  // varchar
  Varint = 0x0E,
  Timeuuid = 0x0F,
  Inet = 0x10,
  Date = 0x11,
  Time = 0x12,
  Smallint = 0x13,
  Tinyint = 0x14,
  Duration = 0x15,
  List = 0x20,
  Map = 0x21,
  Set = 0x22,
  Udt = 0x30,
  Tuple = 0x31,
};

// A type with its parameters.
struct CqlType {
  TypeKind kind = TypeKind::Blob;
  bool frozen = false;            // collections and user types only; tuples and vectors always are
  std::vector<CqlType> elements;  // list, set, vector: 1; map: key, value; tuple, user type: fields
  std::uint32_t dimension = 0;    // vector only
  std::string keyspace;           // user type only
  std::string name;               // user type only
  std::vector<std::string> field_names;  // user type only

  bool operator==(const CqlType&) const = default;

  bool is_collection() const {
    return kind == TypeKind::List || kind == TypeKind::Map || kind == TypeKind::Set;
  }
  // Stored as one cell per element: a collection (or user type) that is not frozen.
  bool is_multicell() const { return !frozen && (is_collection() || kind == TypeKind::Udt); }
  bool is_counter() const { return kind == TypeKind::Counter; }
};

CqlType scalar(TypeKind kind);

// As CQL writes it: "map<text, frozen<list<int>>>"; user types by their quoted-if-needed name.
std::string to_cql(const CqlType& type);

// Finds a user type by its name in the keyspace at hand; nullptr: unknown.
using FindUserType = std::function<const CqlType*(std::string_view name)>;

// Parses what to_cql writes (any case, "varchar" too). InvalidArgument with Cassandra's wording for
// an unknown type or a wrong number of parameters.
Result<CqlType> parse_type(std::string_view text, const FindUserType& find = {});

// A name as CQL text must write it: quoted unless it is a lower-case identifier and not reserved.
std::string quote_name(std::string_view name);

// The length every non-empty value has, or 0 where it varies.
std::size_t fixed_size(TypeKind kind);

// Whether the bytes are a value of the type. InvalidArgument with Cassandra's wording
// ("Expected 4 or 0 byte int (7)").
Result<> validate_value(const CqlType& type, BytesView value);

// Orders two valid values as Cassandra does (empty before everything).
std::weak_ordering compare_values(const CqlType& type, BytesView a, BytesView b);

// Whether comparing the plain bytes already gives that order.
bool is_byte_ordered(const CqlType& type);

// Appends an encoding whose memcmp order is compare_values' order, also when other components
// follow; `descending` complements every byte. The first byte is never 0x00 or 0xFF, so that
// prefix + 0xFF lies above everything that starts with the prefix.
// Errors: InvalidArgument for bytes that are no value of the type.
Result<> append_ordered(const CqlType& type, BytesView value, bool descending, Bytes& out);

// Takes one component off `from` and appends the value to `out`. Corrupt if it was not written by
// append_ordered.
Result<> take_ordered(const CqlType& type, bool descending, ByteReader& from, Bytes& out);

}  // namespace tidemill::tables
