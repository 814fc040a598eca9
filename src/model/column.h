// SPDX-License-Identifier: Apache-2.0
// Column types a stream can carry, under DuckDB's names, and named columns.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill {

enum class ColumnType {
  Boolean,
  Integer,  // 32 bits
  BigInt,   // 64 bits
  HugeInt,  // 128 bits; what DuckDB's sum() of integers gives
  Double,
  Varchar,  // UTF-8
  Blob,
  Uuid,
  Date,         // days since 1970-01-01
  Timestamp,    // microseconds since the epoch, no zone
  TimestampTz,  // microseconds since the epoch, UTC
};

// DuckDB's name: "VARCHAR", "TIMESTAMP WITH TIME ZONE".
std::string_view name_of(ColumnType type);
// Any spelling SQL users write: text, int8, float, timestamptz ... InvalidArgument names the
// nearest.
Result<ColumnType> parse_column_type(std::string_view text);

struct Column {
  std::string name;
  ColumnType type = ColumnType::Varchar;
  bool operator==(const Column&) const = default;
};

}  // namespace tidemill
