// SPDX-License-Identifier: Apache-2.0
// A checked SELECT: its parts, made by select.cc and run by select_execution.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tables/statements/paging_state.h"
#include "tables/statements/restrictions.h"
#include "tables/statements/row_source.h"
#include "tables/statements/statement.h"

namespace tidemill::tables::statements {

class SelectQuery final : public Statement {
 public:
  static Outcome<StatementPtr> prepare(const SelectStatement& syntax, const Preparation& with);

  Outcome<StatementResult> execute(const Parameters& parameters) const override;
  std::shared_ptr<const wire::cql::Metadata> result() const override { return metadata_; }
  std::shared_ptr<const Table> table() const override { return where_.table; }

 private:
  explicit SelectQuery(Environment environment) : environment_(environment) {}

  // select.cc
  Outcome<> compile_selection(const SelectStatement& syntax, Compilation& with);
  Outcome<> compile_order(const SelectStatement& syntax, Compilation& with);
  Outcome<> compile_groups(const SelectStatement& syntax, Compilation& with);
  Outcome<> compile_limits(const SelectStatement& syntax, Compilation& with);
  Outcome<> check_distinct(const SelectStatement& syntax, const Compilation& with) const;

  // select_execution.cc
  struct Run;
  Outcome<bool> make_request(const Parameters& parameters, embedded::ReadRequest& request) const;
  Outcome<std::int64_t> limit_of(const TermPtr& term, const Parameters& parameters,
                                 std::string_view name) const;
  Outcome<> plain(Run& run) const;
  Outcome<> aggregated(Run& run) const;
  Outcome<> sorted(Run& run) const;
  Outcome<RowChunk> next_chunk(Run& run) const;
  Outcome<> append_row(Run& run, const Evaluation& at, Bytes& cells) const;
  Outcome<> check_size(const Run& run, std::size_t bytes) const;
  Outcome<StatementResult> finish(Run& run) const;

  // select_limits.cc: what Cassandra says when a read met too much.
  std::string read_text(const Parameters& parameters, const embedded::ReadRequest& request,
                        BytesView partition_key) const;
  wire::cql::CqlError too_many_tombstones(const Parameters& parameters,
                                          const embedded::ReadRequest& request) const;
  wire::cql::CqlError too_much_memory(const Parameters& parameters,
                                      const embedded::ReadRequest& request,
                                      std::size_t bytes) const;
  void add_warnings(const Parameters& parameters, const embedded::ReadRequest& request,
                    std::vector<std::string>& warnings) const;

  Environment environment_;
  std::shared_ptr<const Schema> schema_;
  const SystemTable* system_ = nullptr;
  Restrictions where_;
  std::vector<TermPtr> selected_;
  std::vector<std::string> names_;
  std::shared_ptr<const wire::cql::Metadata> metadata_;
  std::vector<AggregateCall> aggregates_;
  std::vector<const Column*> slots_;
  bool with_times_ = false;
  bool with_elements_ = false;
  bool json_ = false;
  bool distinct_ = false;
  bool reversed_ = false;
  bool ordered_ = false;
  bool counts_static_ = false;
  std::size_t partition_slots_ = 0;      // the first slots hold the partition key
  std::vector<std::size_t> sort_slots_;  // clustering columns, for IN with ORDER BY
  std::vector<std::size_t> group_slots_;
  bool grouped_ = false;
  TermPtr limit_;
  TermPtr per_partition_limit_;
};

}  // namespace tidemill::tables::statements
