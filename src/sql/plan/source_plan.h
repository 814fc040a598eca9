// SPDX-License-Identifier: Apache-2.0
// CREATE SOURCE -> stream::SourceSpec.
#pragma once

#include "sql/bind/planning_database.h"
#include "stream/query.h"

namespace tidemill::sql {

struct PlannedSource {
  stream::SourceSpec spec;
  std::int32_t partitions = -1;  // of its topic, when it has to be made
};

Result<PlannedSource> plan_source(const CreateSource& statement);

std::vector<Column> columns_of(const stream::SourceSpec& source);
std::string dead_letter_topic_of(const std::string& topic);
// Adds the hidden column behind now(), once.
void add_record_time(stream::SourceSpec& source);
bool has_record_time(const stream::SourceSpec& source);

}  // namespace tidemill::sql
