// SPDX-License-Identifier: Apache-2.0
// CREATE SINK and CREATE MATERIALIZED VIEW -> stream::QuerySpec.
#pragma once

#include "sql/parse/statement.h"
#include "sql/plan/relation.h"

namespace tidemill::sql {

struct PlannedQuery {
  stream::QuerySpec spec;
  std::string reads;  // the source or view it reads
};

// `text` is the whole statement, as written.
Result<PlannedQuery> plan_query(const CreateQuery& statement, const std::string& text,
                                const FindRelation& find);

}  // namespace tidemill::sql
