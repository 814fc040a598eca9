// SPDX-License-Identifier: Apache-2.0
// IF over one partition: what the statements look at, whether all of it holds, and what a refusal
// shows. One modification or a batch of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

// Thread:   one; holds() blocks.
// Lifetime: the modifications and parameters outlive it.
class CompareAndSet {
 public:
  enum class Shows : std::uint8_t { Statement, Batch };  // a batch shows the rows' keys too

  CompareAndSet(Environment environment, std::shared_ptr<const Table> table, Bytes partition,
                Shows shows)
      : environment_(environment),
        table_(std::move(table)),
        partition_(std::move(partition)),
        shows_(shows) {}

  // In the order of the batch. Refuses conditions that exclude each other.
  Outcome<> add(const Modification& modification, const Parameters& parameters);
  // Reads the rows from one snapshot. Call it while the partition is locked.
  Outcome<bool> holds();
  // [applied] = false and what was looked at; after holds().
  wire::cql::Rows refusal() const;

 private:
  enum class Kind : std::uint8_t { Exists, NotExists, Columns };
  using Row = std::vector<Value>;  // by column of the table
  struct Member {
    const Modification* modification;
    const Parameters* parameters;
    std::optional<Bytes> clustering;  // nothing: the static row
  };
  struct Target {
    embedded::ClusteringRange range;
    Kind kind = Kind::Columns;
    std::optional<Row> row = {};
  };

  Outcome<> claim(const std::optional<Bytes>& clustering, embedded::ClusteringRange range,
                  Kind kind);
  Outcome<> read(const Parameters& parameters);
  Outcome<bool> holds(const Member& member) const;
  std::vector<std::size_t> shown_columns() const;
  bool is_visible(std::size_t column) const;

  Environment environment_;
  std::shared_ptr<const Table> table_;
  Bytes partition_;
  Shows shows_;
  std::vector<Member> members_;
  std::map<Bytes, Target> targets_;  // by clustering key
  std::optional<Kind> static_kind_;
  std::vector<std::size_t> conditioned_;  // columns, in the order that a refusal shows them
  bool shows_all_columns_ = false;
  bool writes_static_ = false;  // some conditional member does
  bool writes_rows_ = false;
  std::vector<Row> rows_;  // found, in clustering order
  Row static_row_;
};

// Applies `append` when all conditions hold, with the partition locked; the answer otherwise.
Outcome<StatementResult> compare_and_set(
    const Environment& environment, const Table& table, const Bytes& partition, CompareAndSet& set,
    const std::function<Outcome<>(std::vector<embedded::Mutation>&)>& append);

}  // namespace tidemill::tables::statements
