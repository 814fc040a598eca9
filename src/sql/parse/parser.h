// SPDX-License-Identifier: Apache-2.0
// SQL text -> statements, by recursive descent.
#pragma once

#include <string_view>
#include <vector>

#include "sql/parse/statement.h"

namespace tidemill::sql {

// Statements separated by semicolons. InvalidArgument names line and column, what was found and
// what was expected; Unsupported names a statement or clause that is known and not built.
Result<std::vector<Statement>> parse_statements(std::string_view sql);

}  // namespace tidemill::sql
