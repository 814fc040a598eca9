// SPDX-License-Identifier: Apache-2.0
// A plan as a tree to read: the sink on top, the source at the bottom.
#pragma once

#include <string>

#include "stream/query.h"

namespace tidemill::sql {

std::string explain_query(const stream::QuerySpec& query);
std::string explain_source(const stream::SourceSpec& source);

}  // namespace tidemill::sql
