// SPDX-License-Identifier: Apache-2.0
// Rewrites a query's SELECT so that each row tells which row of the input it comes from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duck/database.h"

namespace tidemill::stream {

struct RowSelect {
  std::string sql;  // the SELECT with the row's place as its last column; empty: not needed
  // The output is nothing but these input columns: `sql` gives places only (empty: every row stays)
  // and no value goes through DuckDB.
  std::optional<std::vector<std::size_t>> projection;
};

// `input` is the table it reads; its columns are `columns` and then `row_column`.
// Errors: Unsupported for a SELECT over anything else.
Result<RowSelect> select_with_rows(const duck::Connection& connection, const std::string& select,
                                   const std::string& input, const std::vector<Column>& columns,
                                   const std::string& row_column);

}  // namespace tidemill::stream
