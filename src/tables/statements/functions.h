// SPDX-License-Identifier: Apache-2.0
// Scalar functions, casts and operators on values in binary form.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tables/statements/term.h"

namespace tidemill::tables::statements {

// `arguments` may hold nulls; most functions of null are null.
using ScalarFunction = Outcome<Value> (*)(std::span<const TermValue> arguments,
                                          const Parameters& parameters,
                                          std::span<const Type> types);

struct Overload {
  std::vector<Type> parameters;
  Type result;
  ScalarFunction call = nullptr;
  bool null_in_null_out = true;
};

// The overloads of a function by its lower-case name; empty when it does not exist.
std::vector<Overload> find_function(std::string_view name);
// Overloads that follow from the arguments' types (tojson, map_keys, abs, ...); empty when there
// are none of that name.
std::vector<Overload> find_generic_function(std::string_view name, std::span<const Type> types);
bool is_generic_function(std::string_view name);
bool is_aggregate_function(std::string_view name);

// CAST(from AS to); nullptr where there is none.
ScalarFunction find_cast(const Type& from, const Type& to);

// The type of `a op b`, nothing when the operator does not take them.
std::optional<Type> operation_type(char op, const Type& a, const Type& b);
Outcome<Value> operate(char op, const Type& a, BytesView left, const Type& b, BytesView right,
                       const Type& result);

// A number converted between numeric types, truncating; nothing when it does not fit a float type.
Value convert_number(const Type& from, BytesView value, const Type& to);

// JSON text to a value and back.
Outcome<Value> from_json(const Type& type, std::string_view json);

}  // namespace tidemill::tables::statements
