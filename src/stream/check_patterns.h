// SPDX-License-Identifier: Apache-2.0
// Lets a statement test constant regular expressions by duck's compiled tables.
#pragma once

#include <string>

#include "duck/database.h"

namespace tidemill::stream {

// The statement with each regexp_matches(x, 'constant') and regexp_full_match(x, 'constant') that a
// duck::Pattern can stand in for replaced by a function declared in the database as `prefix`1 and
// so on. What cannot be replaced stays, also a statement that does not parse: preparing it tells
// why.
Result<std::string> with_patterns(duck::Database& database, const duck::Connection& connection,
                                  const std::string& select, const std::string& prefix);

}  // namespace tidemill::stream
