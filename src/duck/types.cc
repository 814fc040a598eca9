// SPDX-License-Identifier: Apache-2.0
// DuckDB's types and ours.
#include <fmt/format.h>

#include <utility>

#include "duck/state.h"

namespace tidemill::duck {
namespace {

struct TypeRow {
  duckdb_type type;
  const char* name;
  std::optional<ColumnType> same;
  ColumnType nearest;
};

constexpr TypeRow kTypes[] = {
    {DUCKDB_TYPE_BOOLEAN, "BOOLEAN", ColumnType::Boolean, ColumnType::Boolean},
    {DUCKDB_TYPE_TINYINT, "TINYINT", std::nullopt, ColumnType::Integer},
    {DUCKDB_TYPE_SMALLINT, "SMALLINT", std::nullopt, ColumnType::Integer},
    {DUCKDB_TYPE_INTEGER, "INTEGER", ColumnType::Integer, ColumnType::Integer},
    {DUCKDB_TYPE_BIGINT, "BIGINT", ColumnType::BigInt, ColumnType::BigInt},
    {DUCKDB_TYPE_UTINYINT, "UTINYINT", std::nullopt, ColumnType::Integer},
    {DUCKDB_TYPE_USMALLINT, "USMALLINT", std::nullopt, ColumnType::Integer},
    {DUCKDB_TYPE_UINTEGER, "UINTEGER", std::nullopt, ColumnType::BigInt},
    {DUCKDB_TYPE_UBIGINT, "UBIGINT", std::nullopt, ColumnType::HugeInt},
    {DUCKDB_TYPE_HUGEINT, "HUGEINT", ColumnType::HugeInt, ColumnType::HugeInt},
    {DUCKDB_TYPE_UHUGEINT, "UHUGEINT", std::nullopt, ColumnType::HugeInt},
    {DUCKDB_TYPE_FLOAT, "FLOAT", std::nullopt, ColumnType::Double},
    {DUCKDB_TYPE_DOUBLE, "DOUBLE", ColumnType::Double, ColumnType::Double},
    {DUCKDB_TYPE_DECIMAL, "DECIMAL", std::nullopt, ColumnType::Double},
    {DUCKDB_TYPE_VARCHAR, "VARCHAR", ColumnType::Varchar, ColumnType::Varchar},
    {DUCKDB_TYPE_BLOB, "BLOB", ColumnType::Blob, ColumnType::Blob},
    {DUCKDB_TYPE_UUID, "UUID", ColumnType::Uuid, ColumnType::Uuid},
    {DUCKDB_TYPE_DATE, "DATE", ColumnType::Date, ColumnType::Date},
    {DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP", ColumnType::Timestamp, ColumnType::Timestamp},
    {DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S", std::nullopt, ColumnType::Timestamp},
    {DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS", std::nullopt, ColumnType::Timestamp},
    {DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS", std::nullopt, ColumnType::Timestamp},
    {DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE", ColumnType::TimestampTz,
     ColumnType::TimestampTz},
    {DUCKDB_TYPE_TIME, "TIME", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_INTERVAL, "INTERVAL", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_ENUM, "ENUM", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_LIST, "LIST", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_STRUCT, "STRUCT", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_MAP, "MAP", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_ARRAY, "ARRAY", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_BIT, "BIT", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_TIME_TZ, "TIME WITH TIME ZONE", std::nullopt, ColumnType::Varchar},
    {DUCKDB_TYPE_SQLNULL, "\"NULL\"", std::nullopt, ColumnType::Varchar},
};

}  // namespace

// Our arrays are DuckDB's vectors.
static_assert(sizeof(TextRef) == sizeof(duckdb_string_t));
static_assert(sizeof(HugeInt) == sizeof(duckdb_hugeint));
static_assert(offsetof(HugeInt, upper) == offsetof(duckdb_hugeint, upper));

ResultColumn result_column(std::string name, duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  ResultColumn column;
  column.name = std::move(name);
  for (const auto& row : kTypes) {
    if (row.type != id) continue;
    column.duckdb_type = row.name;
    column.type = row.same;
    column.nearest = row.nearest;
  }
  if (column.duckdb_type.empty()) column.duckdb_type = fmt::format("type {}", static_cast<int>(id));
  if (id == DUCKDB_TYPE_DECIMAL) {
    column.duckdb_type =
        fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
  }
  return column;
}

duckdb_type duckdb_type_of(ColumnType type) {
  for (const auto& row : kTypes) {
    if (row.same == type) return row.type;
  }
  return DUCKDB_TYPE_VARCHAR;
}

}  // namespace tidemill::duck
