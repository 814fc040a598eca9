// SPDX-License-Identifier: Apache-2.0
// The CQL types: their protocol ids, their names in CQL, and how a result describes them. Values
// of these types: value.h and literal.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemill::wire::cql {

// Protocol option ids (native_protocol_v5 4.2.5.2). Vector has none: it travels as Custom.
enum class Kind : std::uint16_t {
  Custom = 0x00,
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
  Text = 0x0D,
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
  Vector = 0x8000,
};

struct TypeParts;

struct Type {
  Kind kind = Kind::Blob;
  bool frozen = false;  // compound types only
  std::shared_ptr<const TypeParts> parts = {};

  static Type of(Kind kind) { return Type{kind, false, {}}; }
  static Type list(Type element);
  static Type set(Type element);
  static Type map(Type key, Type value);
  static Type tuple(std::vector<Type> fields);
  static Type vector(Type element, std::uint32_t dimension);
  static Type udt(std::string keyspace, std::string name, std::vector<std::string> field_names,
                  std::vector<Type> field_types);
  Type freeze() const;    // itself and what is inside
  Type unfrozen() const;  // only the outer level

  bool is_collection() const {
    return kind == Kind::List || kind == Kind::Set || kind == Kind::Map;
  }
  bool is_text() const { return kind == Kind::Text || kind == Kind::Ascii; }
  // Kept as one cell per element, or per field.
  bool is_multi_cell() const { return !frozen && (is_collection() || kind == Kind::Udt); }
  const Type& element(std::size_t index = 0) const;

  bool operator==(const Type& other) const;
};

// What a compound type is made of. Shared: types are copied a lot and changed never.
struct TypeParts {
  std::vector<Type> elements = {};  // list, set, vector: 1; map: key, value; tuple, UDT: fields
  std::uint32_t dimension = 0;      // vector
  std::string keyspace = {};        // UDT
  std::string name = {};            // UDT; the class name of Custom
  std::vector<std::string> field_names = {};  // UDT
};

inline const Type& Type::element(std::size_t index) const {
  return parts->elements[index];
}

// As CQL writes it: "frozen<map<text, int>>", "tuple<int, text>" frozen as Cassandra prints it.
std::string to_string(const Type& type);
// The same without an outermost frozen<>, for element and error texts.
std::string name_of(const Type& type);

// A scalar type by its CQL name ("text" and "varchar" are the same); NotFound for others.
Result<Type> scalar_type(std::string_view name);
// Any type without user-defined ones, as to_string writes it.
Result<Type> parse_type(std::string_view text);

// The bytes of one element when all values of the type have the same length, or 0.
std::size_t fixed_length(const Type& type);

// The [option] of a result's metadata. Types that the version lacks become Custom with their class.
void encode_type(ByteWriter& out, const Type& type, int version);
Result<Type> decode_type(ByteReader& in);

// "org.apache.cassandra.db.marshal.VectorType(...)" and the like.
std::string class_name_of(const Type& type);

// A name as CQL must write it: quoted unless it is lower-case and no reserved word.
std::string quoted_name(std::string_view name);

}  // namespace tidemill::wire::cql
