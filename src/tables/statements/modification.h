// SPDX-License-Identifier: Apache-2.0
// What INSERT, UPDATE and DELETE share: time to live, timestamp, changes of cells, conditions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tables/statements/restrictions.h"
#include "tables/statements/row_source.h"
#include "tables/statements/statement.h"

namespace tidemill::tables::statements {

// A change of one column, whose value is known when it runs.
struct ColumnChange {
  enum class Kind : std::uint8_t {
    Assign,      // column = value
    Append,      // collection + value; counter + value
    Prepend,     // list
    Remove,      // collection - value; counter - value
    SetElement,  // column[key] = value
    DeleteColumn,
    DeleteElement,  // column[key]
    SetField,       // column.field = value
    DeleteField,
  };
  Kind kind = Kind::Assign;
  const Column* column = nullptr;
  TermPtr key = {};
  TermPtr value = {};
  std::size_t field = 0;
  // Reads the list before it can be written: by index, or removal of a value.
  bool needs_read() const {
    const bool list = column->type.kind == wire::cql::Kind::List && column->type.is_multi_cell();
    return list &&
           (kind == Kind::SetElement || kind == Kind::DeleteElement || kind == Kind::Remove);
  }
};

struct ColumnCondition {
  const Column* column = nullptr;
  std::size_t slot = 0;
  Operator op = Operator::Equal;
  Type type;  // compared
  TermPtr element = {};
  std::optional<std::size_t> field = {};
  ValueList values = {};
};

struct ModificationTimes {
  std::int64_t timestamp = 0;
  std::int32_t ttl_seconds = 0;
};

// One checked INSERT, UPDATE or DELETE.
class Modification : public Statement {
 public:
  Outcome<StatementResult> execute(const Parameters& parameters) const override;
  bool is_plain_write() const override { return !has_conditions() && !reads_; }
  Outcome<> append_mutations(const Parameters& parameters,
                             std::vector<embedded::Mutation>& out) const override;
  std::shared_ptr<const Table> table() const override { return table_; }

  bool has_conditions() const { return if_exists_ || if_not_exists_ || !conditions_.empty(); }
  bool has_timestamp() const { return static_cast<bool>(timestamp_); }
  bool is_counter() const { return table_->is_counter(); }
  bool reads() const { return reads_; }

  // For compare_and_set.h: the one partition that it touches, the rows (one, or none when it is
  // about the static row), what it writes and what has to hold.
  Outcome<Bytes> single_partition(const Parameters& parameters) const;
  virtual Outcome<std::vector<embedded::ClusteringRange>> rows_looked_at(
      const Parameters& parameters) const = 0;
  virtual bool has_clustering_in() const { return false; }
  virtual std::string_view plural() const = 0;  // "updates", "deletions"
  bool touches_static() const { return touches_static_; }
  bool touches_rows() const { return touches_rows_; }
  bool if_exists() const { return if_exists_; }
  bool if_not_exists() const { return if_not_exists_; }
  const std::vector<ColumnCondition>& conditions() const { return conditions_; }

 protected:
  Modification(Environment environment, std::shared_ptr<const Table> table)
      : environment_(environment), table_(std::move(table)) {}

  Outcome<> compile_using(const Using& with, Compilation& in);
  Outcome<> compile_conditions(const Conditions& conditions, Compilation& in);
  bool has_row_conditions() const;  // on columns that are not static
  Outcome<ModificationTimes> times(const Parameters& parameters) const;
  void take_markers_from(const Compilation& in, const Preparation& with);

  // Rows (clustering keys) the statement names; the subclass builds its mutations for them.
  virtual Outcome<> append(const Parameters& parameters, const ModificationTimes& times,
                           std::vector<embedded::Mutation>& out) const = 0;
  virtual Outcome<std::vector<Bytes>> partitions(const Parameters& parameters) const = 0;

  // Cell changes of one row; `clustering` is unused for static columns.
  Outcome<> append_changes(const std::vector<ColumnChange>& changes, const Parameters& parameters,
                           const Bytes& partition, const Bytes& clustering,
                           embedded::RowChange& row) const;

  Environment environment_;
  std::shared_ptr<const Schema> schema_;
  std::shared_ptr<const Table> table_;
  TermPtr timestamp_;
  TermPtr ttl_;
  bool if_exists_ = false;
  bool if_not_exists_ = false;
  std::vector<ColumnCondition> conditions_;
  bool reads_ = false;
  bool touches_static_ = false;  // writes static columns
  bool touches_rows_ = false;    // names rows, or writes a partition's only row

 private:
  Outcome<> append_change(const ColumnChange& change, const Parameters& parameters,
                          const Bytes& partition, const Bytes& clustering,
                          std::vector<embedded::CellChange>& out) const;
  Outcome<std::vector<embedded::Element>> read_elements(const Column& column,
                                                        const Parameters& parameters,
                                                        const Bytes& partition,
                                                        const Bytes& clustering) const;
};

// Whether the condition holds for its column's cell.
Outcome<bool> condition_holds(const ColumnCondition& condition, const Value& cell,
                              const Evaluation& at);

// A row result with the one column [applied].
wire::cql::Rows applied_row(bool applied);

}  // namespace tidemill::tables::statements
