// SPDX-License-Identifier: Apache-2.0
// Which partial aggregates of a batch, merged over batches, make up an aggregate (research: 5e).
#pragma once

#include "sql/bind/planning_database.h"
#include "stream/query.h"

namespace tidemill::sql {

// Lifetime: the database and the text outlive it.
class Accumulators {
 public:
  struct Part {
    std::string name;  // "acc_1"
    std::string sql;   // "sum(x) FILTER (WHERE y)"
    stream::Merge merge = stream::Merge::Sum;
  };

  Accumulators(const PlanningDatabase& database, const SqlText& text)
      : database_(database), text_(text) {}

  // The expression over merged accumulators that stands for an aggregate. `node` is as the user
  // wrote it, for the place of errors; `input` the same over the input's columns.
  Result<Tree> decompose(const Tree& node, const Tree& input);
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::string add(std::string sql, stream::Merge merge);

  const PlanningDatabase& database_;
  const SqlText& text_;
  std::vector<Part> parts_;
};

}  // namespace tidemill::sql
