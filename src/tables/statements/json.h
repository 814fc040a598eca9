// SPDX-License-Identifier: Apache-2.0
// A JSON text as a tree that keeps numbers as they are written, so that none loses digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tables/statements/term.h"

namespace tidemill::tables::statements {

struct Json {
  enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };
  Kind kind = Kind::Null;
  std::string text;               // of Boolean, Number, String
  std::vector<Json> items;        // of Array and Object
  std::vector<std::string> keys;  // of Object, one per item
};

// Nothing when the text is no JSON or nests too deeply.
std::optional<Json> parse_json(std::string_view text);

// A value of the type, with Cassandra's wording when it is none.
Outcome<Value> json_value(const Type& type, const Json& json);

}  // namespace tidemill::tables::statements
