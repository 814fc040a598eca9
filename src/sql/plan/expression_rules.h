// SPDX-License-Identifier: Apache-2.0
// What an expression of a continuous query may hold: it must give the same again when an epoch is
// repeated after a crash.
#pragma once

#include "sql/bind/planning_database.h"

namespace tidemill::sql {

// The source column that now() stands for: the record's own timestamp. Not part of `*`.
constexpr std::string_view kRecordTime = "_record_time";

// Refuses subqueries, OVER, parameters and functions that give another value each time.
Result<> check_expression(const PlanningDatabase& database, const SqlText& text, const Tree& tree);

// now(), current_timestamp, current_date and their kin become the record's timestamp; says whether
// there were any.
bool replace_clock(Tree& tree);

bool is_aggregate(const PlanningDatabase& database, const Tree& expression);
bool contains_aggregate(const PlanningDatabase& database, const Tree& expression);

}  // namespace tidemill::sql
