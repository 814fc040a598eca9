// SPDX-License-Identifier: Apache-2.0
// CQL's types as the catalogue keeps them, and an encoding of values that memcmp orders alike.
// Types, values, their checks and their order are wire/cql's; user types come from the schema.
#pragma once

#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "wire/cql/type.h"

namespace tidemill::tables {

using CqlType = wire::cql::Type;
using TypeKind = wire::cql::Kind;

// Finds a user type by its name in the keyspace at hand; nullptr: unknown.
using FindUserType = std::function<const CqlType*(std::string_view name)>;

// Parses what wire::cql::to_string writes, user types too. InvalidArgument with Cassandra's wording
// for an unknown type.
Result<CqlType> parse_type(std::string_view text, const FindUserType& find);

// Whether a type is, or holds, the user type.
bool uses_type(const CqlType& type, const CqlType& user_type);

// The type with the user type's definition in place of the one of the same name.
CqlType with_user_type(const CqlType& type, const CqlType& user_type);

// Whether comparing the plain bytes of two values gives compare_values' order.
bool is_byte_ordered(const CqlType& type);

// Appends an encoding whose memcmp order is compare_values' order, also when other components
// follow; `descending` complements every byte. The first byte is never 0x00 or 0xFF, so that
// prefix + 0xFF lies above everything that starts with the prefix.
// Errors: InvalidArgument, in Cassandra's words, for bytes that are no value of the type.
Result<> append_ordered(const CqlType& type, BytesView value, bool descending, Bytes& out);

// Takes one component off `from` and appends the value to `out`. Corrupt if it was not written by
// append_ordered.
Result<> take_ordered(const CqlType& type, bool descending, ByteReader& from, Bytes& out);

}  // namespace tidemill::tables
