// SPDX-License-Identifier: Apache-2.0
// GROUP BY over a tumbling window, split in two: a SELECT that gives one row of accumulators per
// group of a batch, and one that makes the result of the merged accumulators.
#pragma once

#include "sql/plan/bound_select.h"

namespace tidemill::sql {

struct WindowPlan {
  std::string select_sql;  // over `input`
  stream::WindowAggregate window;
  std::vector<Column> output;
  // Output columns that are the window or a key of the group; empty when one is not put out.
  std::vector<std::string> key;
  std::string missing_key;  // then: which
};

Result<WindowPlan> plan_window(PlanningDatabase& database, const BoundSelect& bound);

}  // namespace tidemill::sql
