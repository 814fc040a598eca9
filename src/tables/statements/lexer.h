// SPDX-License-Identifier: Apache-2.0
// Cuts CQL text into tokens. Comments and white space vanish; keywords are identifiers here, the
// parser knows which are reserved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/cql/error.h"

namespace tidemill::tables::statements {

using wire::cql::Outcome;

struct Token {
  enum class Kind : std::uint8_t {
    Identifier,  // text is lower-case
    QuotedName,  // text without quotes, as written
    String,      // the value
    Integer,
    Float,
    Hex,  // 0x...
    Uuid,
    Duration,
    Symbol,  // one or two characters
    End,
  };
  Kind kind = Kind::End;
  std::string text;
  std::string_view source;  // as it stands in the statement
  std::uint32_t line = 1;
  std::uint32_t column = 0;
};

// Tokens that view `cql`, the last one End. Syntax errors name line and column.
Outcome<std::vector<Token>> tokenize(std::string_view cql);

}  // namespace tidemill::tables::statements
