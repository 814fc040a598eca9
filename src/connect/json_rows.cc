// SPDX-License-Identifier: Apache-2.0
#include "connect/json_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::connect {

Result<std::string> record_select(const duck::Connection& connection, const std::string& select,
                                  const std::string& key) {
  const auto columns = TRY(connection.describe(select));
  const std::string& type = columns.front().duckdb_type;
  const bool whole = columns.size() == 1 && (type == "JSON" || type == "VARCHAR");
  const std::string name = duck::quote_name(columns.front().name);
  const std::string record = whole ? name : "to_json(r)";
  std::string key_sql = "NULL";
  if (!key.empty() && whole) {
    key_sql = fmt::format("json_extract_string({}, {})", name, duck::quote_literal("$." + key));
  } else if (!key.empty()) {
    const bool there =
        std::ranges::any_of(columns, [&](const auto& column) { return column.name == key; });
    if (!there) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("option 'key' is '{}', which the rows do not have", key));
    }
    key_sql = "r." + duck::quote_name(key);
  }
  return fmt::format("SELECT ({})::VARCHAR AS record, ({})::VARCHAR AS key FROM ({}\n) AS r",
                     record, key_sql, select);
}

std::size_t add_rows(const Chunk& chunk, std::size_t from, const ReadLimits& limits,
                     FeedBatch& batch) {
  std::size_t row = from;
  for (; row < chunk.rows() && batch.size() < limits.records && batch.bytes() < limits.bytes;
       ++row) {
    const auto& record = chunk.column(0);
    const auto& key = chunk.column(1);
    // A row without a record still counts, so that positions stay row numbers.
    const std::string_view value = record.is_null(row) ? "null" : record.text(row);
    if (key.is_null(row)) {
      batch.add(value);
    } else {
      batch.add(key.text(row), value);
    }
  }
  return row - from;
}

}  // namespace tidemill::connect
