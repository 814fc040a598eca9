// SPDX-License-Identifier: Apache-2.0
// DELETE [columns] FROM table [USING TIMESTAMP t] WHERE key [IF ...]: cells, rows, ranges,
// partitions.
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

using embedded::Mutation;
using embedded::RowChange;

namespace {

class DeleteModification final : public Modification {
 public:
  static Outcome<StatementPtr> prepare(const DeleteStatement& syntax, const Preparation& with) {
    const auto table = TRY(find_table(syntax.table, with));
    TRY(check_modifiable(table->keyspace));
    auto deletion =
        std::shared_ptr<DeleteModification>(new DeleteModification(with.environment, table));
    deletion->schema_ = with.environment.store.schema();
    Compilation in(deletion->schema_, table->keyspace, table, with.markers);
    for (const Deletion& target : syntax.deletions) {
      ColumnChange change = TRY(deletion->compile_target(target, in));
      deletion->reads_ = deletion->reads_ || change.needs_read();
      const bool is_static = change.column->kind == ColumnKind::Static;
      (is_static ? deletion->static_changes_ : deletion->changes_).push_back(std::move(change));
    }
    TRY(deletion->compile_conditions(syntax.conditions, in));
    TRY(deletion->compile_using(syntax.with, in));
    deletion->where_ = TRY(compile_where(syntax.where, in, {WherePurpose::Delete, false, false}));
    TRY(deletion->check_rows());
    deletion->touches_static_ = !deletion->static_changes_.empty();
    deletion->touches_rows_ =
        table->clustering_columns == 0 || deletion->where_.restricts_clustering_key();
    deletion->take_markers_from(in, with);
    return StatementPtr(std::move(deletion));
  }

 private:
  using Modification::Modification;

  Outcome<ColumnChange> compile_target(const Deletion& target, Compilation& in) {
    ColumnChange change;
    TRY(in.column(target.column));
    change.column = table_->find(target.column);
    const Column& column = *change.column;
    const Type& type = column.type;
    if (column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering) {
      return invalid(fmt::format(
          "Invalid identifier {} for deletion (should not be a PRIMARY KEY part)", column.name));
    }
    change.kind = ColumnChange::Kind::DeleteColumn;
    if (target.field) {
      if (type.kind != Kind::Udt || type.frozen) {
        return invalid(fmt::format("Invalid field deletion operation for {} column {}",
                                   type.kind == Kind::Udt ? "frozen UDT" : "non-UDT", column.name));
      }
      const auto& fields = type.parts->field_names;
      const auto at = std::ranges::find(fields, *target.field);
      if (at == fields.end()) {
        return invalid(fmt::format("UDT column {} does not have a field named {}", column.name,
                                   *target.field));
      }
      change.kind = ColumnChange::Kind::DeleteField;
      change.field = static_cast<std::size_t>(at - fields.begin());
    }
    if (target.element) {
      if (!type.is_collection()) {
        return invalid(
            fmt::format("Invalid deletion operation for non collection column {}", column.name));
      }
      if (type.frozen) {
        return invalid(
            fmt::format("Invalid deletion operation for frozen collection column {}", column.name));
      }
      change.kind = ColumnChange::Kind::DeleteElement;
      change.key = TRY(in.term(*target.element,
                               type.kind == Kind::List
                                   ? in.receiver("idx(" + column.name + ")", Type::of(Kind::Int))
                                   : in.receiver("key(" + column.name + ")", type.element(0))));
    }
    return change;
  }

  bool names_full_rows() const {
    return where_.clustering.size() + where_.tuple_columns == table_->clustering_columns;
  }

  Outcome<> check_rows() const {
    const bool full = names_full_rows();
    if (has_conditions()) {
      if (where_.partition_has_in)
        return invalid("IN on the partition key is not supported with conditional deletions");
      if (has_clustering_in()) {
        return invalid(
            "IN on the clustering key columns is not supported with conditional deletions");
      }
      const bool only_static = changes_.empty() && !static_changes_.empty();
      if (!full && (!only_static || has_row_conditions())) {
        return invalid(
            fmt::format("DELETE statements must restrict all PRIMARY KEY columns with equality "
                        "relations in order to {} non static columns",
                        only_static ? "use IF condition on" : "delete"));
      }
    }
    if (changes_.empty() && !static_changes_.empty() && !has_row_conditions() &&
        where_.restricts_clustering_key()) {
      return invalid(
          "Invalid restrictions on clustering columns since the DELETE statement modifies only "
          "static columns");
    }
    if (!changes_.empty() && !full) {
      return invalid("Range deletions are not supported for specific columns");
    }
    return {};
  }

  Outcome<std::vector<Bytes>> partitions(const Parameters& parameters) const override {
    return where_.partition_keys(parameters);
  }
  Outcome<std::vector<embedded::ClusteringRange>> rows_looked_at(
      const Parameters& parameters) const override {
    auto ranges = TRY(where_.ranges(parameters));
    return std::move(ranges.ranges);
  }
  bool has_clustering_in() const override { return where_.has_clustering_in(); }
  std::string_view plural() const override { return "deletions"; }

  Outcome<> append(const Parameters& parameters, const ModificationTimes& times,
                   std::vector<Mutation>& out) const override {
    const bool cells = !changes_.empty() || !static_changes_.empty();
    const bool full = names_full_rows();
    const auto ranges = TRY(where_.ranges(parameters));
    for (Bytes& partition : TRY(where_.partition_keys(parameters))) {
      Mutation mutation;
      mutation.table = table_;
      mutation.partition_key = std::move(partition);
      if (!cells && !full && ranges.everything) {
        mutation.delete_partition = times.timestamp;
      } else if (!cells && table_->clustering_columns == 0) {
        mutation.delete_partition = times.timestamp;
      } else if (!cells && !full) {
        for (const auto& range : ranges.ranges) mutation.ranges.push_back({range, times.timestamp});
      } else {
        TRY(append_rows(parameters, times, ranges, mutation));
      }
      if (mutation.delete_partition || !mutation.ranges.empty() || !mutation.rows.empty()) {
        out.push_back(std::move(mutation));
      }
    }
    return {};
  }

  Outcome<> append_rows(const Parameters& parameters, const ModificationTimes& times,
                        const Restrictions::Ranges& ranges, Mutation& mutation) const {
    if (!static_changes_.empty()) {
      RowChange row;
      row.is_static = true;
      row.timestamp = times.timestamp;
      TRY(append_changes(static_changes_, parameters, mutation.partition_key, {}, row));
      mutation.rows.push_back(std::move(row));
    }
    const bool whole_rows = changes_.empty() && static_changes_.empty();
    if (!whole_rows && changes_.empty()) return {};
    std::vector<Bytes> keys(1);
    if (table_->clustering_columns > 0) {
      keys.clear();
      for (const auto& range : ranges.ranges) keys.push_back(range.start);
    }
    for (const Bytes& clustering : keys) {
      RowChange row;
      row.clustering = clustering;
      row.timestamp = times.timestamp;
      row.delete_row = whole_rows;
      TRY(append_changes(changes_, parameters, mutation.partition_key, clustering, row));
      if (row.delete_row || !row.cells.empty()) mutation.rows.push_back(std::move(row));
    }
    return {};
  }

  Restrictions where_;
  std::vector<ColumnChange> changes_;
  std::vector<ColumnChange> static_changes_;
};

}  // namespace

Outcome<StatementPtr> prepare_delete(const DeleteStatement& syntax, const Preparation& with) {
  return DeleteModification::prepare(syntax, with);
}

}  // namespace tidemill::tables::statements
