// SPDX-License-Identifier: Apache-2.0
// Columns of a chunk as CQL values.
#pragma once

#include <optional>
#include <string>

#include "model/chunk.h"
#include "tables/tables.h"

namespace tidemill::connect::cql {

// The CQL type a new table gets for a column.
std::string_view cql_type_for(ColumnType type);

// How values of one column become those of a table's column.
class ColumnEncoder {
 public:
  // InvalidArgument when a table column of that CQL type cannot take such values.
  static Result<ColumnEncoder> make(const Column& column, const std::string& cql_type);

  // Why the value at a place cannot be stored; nothing when it can. Only some conversions can fail.
  bool may_refuse() const { return may_refuse_; }
  std::optional<std::string> refusal(const ColumnView& column, std::size_t at) const;
  // Appends the chunk's rows; refusal() was asked before.
  void append(const Chunk& chunk, std::size_t column, tables::ValueColumn& out) const;

 private:
  enum class Target {
    Boolean,
    Tiny,
    Small,
    Int,
    Big,
    Var,
    Float,
    Double,
    Text,
    Blob,
    Uuid,
    Date,
    Timestamp
  };
  struct TargetName {
    std::string_view cql_type;
    Target target;
  };
  static const TargetName kTargets[];

  ColumnEncoder(Column column, Target target, bool may_refuse)
      : column_(std::move(column)), target_(target), may_refuse_(may_refuse) {}
  static void append_texts(const Chunk& chunk, const ColumnView& column, tables::ValueColumn& out);
  void append_value(const ColumnView& column, std::size_t at, Bytes& out) const;

  Column column_;
  Target target_;
  bool may_refuse_;
};

}  // namespace tidemill::connect::cql
