// SPDX-License-Identifier: Apache-2.0
#include "model/column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tidemill {
namespace {

constexpr std::array<std::pair<std::string_view, ColumnType>, 30> kSpellings{{
    {"bigint", ColumnType::BigInt},
    {"blob", ColumnType::Blob},
    {"bool", ColumnType::Boolean},
    {"boolean", ColumnType::Boolean},
    {"bytea", ColumnType::Blob},
    {"date", ColumnType::Date},
    {"datetime", ColumnType::Timestamp},
    {"double", ColumnType::Double},
    {"double precision", ColumnType::Double},
    {"float", ColumnType::Double},
    {"float8", ColumnType::Double},
    {"hugeint", ColumnType::HugeInt},
    {"int", ColumnType::Integer},
    {"int2", ColumnType::Integer},
    {"int4", ColumnType::Integer},
    {"int8", ColumnType::BigInt},
    {"integer", ColumnType::Integer},
    {"long", ColumnType::BigInt},
    {"real", ColumnType::Double},
    {"smallint", ColumnType::Integer},
    {"string", ColumnType::Varchar},
    {"text", ColumnType::Varchar},
    {"timestamp", ColumnType::Timestamp},
    {"timestamp with time zone", ColumnType::TimestampTz},
    {"timestamp without time zone", ColumnType::Timestamp},
    {"timestamptz", ColumnType::TimestampTz},
    {"utf8", ColumnType::Varchar},
    {"uuid", ColumnType::Uuid},
    {"varbinary", ColumnType::Blob},
    {"varchar", ColumnType::Varchar},
}};

}  // namespace

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::Boolean:
      return "BOOLEAN";
    case ColumnType::Integer:
      return "INTEGER";
    case ColumnType::BigInt:
      return "BIGINT";
    case ColumnType::HugeInt:
      return "HUGEINT";
    case ColumnType::Double:
      return "DOUBLE";
    case ColumnType::Varchar:
      return "VARCHAR";
    case ColumnType::Blob:
      return "BLOB";
    case ColumnType::Uuid:
      return "UUID";
    case ColumnType::Date:
      return "DATE";
    case ColumnType::Timestamp:
      return "TIMESTAMP";
    case ColumnType::TimestampTz:
      return "TIMESTAMP WITH TIME ZONE";
  }
  return "VARCHAR";
}

Result<ColumnType> parse_column_type(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!folded.empty() && folded.back() != ' ') folded += ' ';
    } else {
      folded += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  while (!folded.empty() && folded.back() == ' ') folded.pop_back();
  const auto* found = std::ranges::find(kSpellings, std::string_view(folded),
                                        &std::pair<std::string_view, ColumnType>::first);
  if (found != kSpellings.end()) return found->second;
  return error(
      ErrorCode::InvalidArgument,
      fmt::format("type '{}' is not one of BOOLEAN, INTEGER, BIGINT, HUGEINT, DOUBLE, TEXT, "
                  "BLOB, UUID, DATE, TIMESTAMP, TIMESTAMPTZ",
                  text));
}

}  // namespace tidemill
