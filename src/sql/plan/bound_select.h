// SPDX-License-Identifier: Apache-2.0
// A SELECT whose names are resolved and whose result is typed, the start of every plan.
#pragma once

#include "sql/bind/planning_database.h"
#include "sql/plan/relation.h"

namespace tidemill::sql {

struct Tumble {
  std::string time_column;
  ColumnType time_type = ColumnType::Timestamp;
  std::chrono::microseconds size{0};
};

struct BoundSelect {
  SqlText text;  // what DuckDB bound: tumble(t, ...) stands there as t, in place
  Tree select;   // now() replaced by the hidden column, column names without their table
  Relation relation;
  std::string alias;  // what the statement calls its input
  std::optional<Tumble> tumble;
  std::vector<duck::ResultColumn> columns;  // of the result
};

// Errors name the place. After: `database` knows the relation under its name.
Result<BoundSelect> bind_select(PlanningDatabase& database, const SqlText& select,
                                const FindRelation& find);

// The type a result column is given when a stream cannot carry DuckDB's.
ColumnType stream_type(const duck::ResultColumn& column);

}  // namespace tidemill::sql
