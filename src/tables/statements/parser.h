// SPDX-License-Identifier: Apache-2.0
// CQL text to syntax.h, by recursive descent. Knows the grammar only, no schema.
#pragma once

#include <string_view>

#include "tables/statements/syntax.h"
#include "wire/cql/error.h"

namespace tidemill::tables::statements {

// Syntax errors read "line 1:28 no viable alternative at input 'GARBAGE'".
wire::cql::Outcome<ParsedStatement> parse_statement(std::string_view cql);

}  // namespace tidemill::tables::statements
