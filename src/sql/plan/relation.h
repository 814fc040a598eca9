// SPDX-License-Identifier: Apache-2.0
// What a query can read: a source, or the topic of a materialized view.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stream/query.h"

namespace tidemill::sql {

struct Relation {
  stream::SourceSpec source;
  bool is_view = false;
  std::vector<std::string> key;  // of a view: the columns that tell its rows apart
};

// NotFound names what is near.
using FindRelation = std::function<Result<Relation>(const std::string& name)>;

// The topic a view's rows go to.
std::string view_topic(const std::string& view);
// A view as something to read.
Relation view_relation(const stream::QuerySpec& view);

}  // namespace tidemill::sql
