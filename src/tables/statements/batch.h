// SPDX-License-Identifier: Apache-2.0
// Several modifications as one: BATCH in CQL text and BATCH messages of the protocol.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

struct BatchMember {
  std::shared_ptr<const Statement> statement;
  Parameters parameters;
};

// Refuses what may not be together: SELECT, counters beside others.
Outcome<> check_batch(std::span<const BatchMember> members, BatchStatement::Kind kind,
                      bool has_timestamp);
// All mutations under one timestamp, when no member has conditions or reads.
bool is_plain_batch(std::span<const BatchMember> members);
Outcome<> append_batch(std::span<const BatchMember> members, std::vector<embedded::Mutation>& out);
// Warnings that Cassandra gives for large or scattered batches; an error beyond the limit.
Outcome<std::vector<std::string>> judge_batch(std::span<const embedded::Mutation> mutations,
                                              BatchStatement::Kind kind);
// Blocks: batches with conditions, or with lists changed by index.
Outcome<StatementResult> execute_batch(const Environment& environment,
                                       std::span<const BatchMember> members,
                                       BatchStatement::Kind kind);

}  // namespace tidemill::tables::statements
