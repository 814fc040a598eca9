// SPDX-License-Identifier: Apache-2.0
// UPDATE table [USING ...] SET assignments WHERE key [IF ...]
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

using embedded::Mutation;
using embedded::RowChange;

namespace {

class UpdateModification final : public Modification {
 public:
  static Outcome<StatementPtr> prepare(const UpdateStatement& syntax, const Preparation& with) {
    const auto table = TRY(find_table(syntax.table, with));
    TRY(check_modifiable(table->keyspace));
    auto update =
        std::shared_ptr<UpdateModification>(new UpdateModification(with.environment, table));
    update->schema_ = with.environment.store.schema();
    Compilation in(update->schema_, table->keyspace, table, with.markers);
    std::set<std::string> whole;
    bool all_static = true;
    for (const Assignment& assignment : syntax.assignments) {
      ColumnChange change = TRY(update->compile_assignment(assignment, in));
      const bool part = assignment.kind == Assignment::Kind::SetElement ||
                        assignment.kind == Assignment::Kind::SetField;
      if (!part && !whole.insert(assignment.column).second) {
        return wire::cql::syntax(
            fmt::format("Multiple incompatible setting of column {}", assignment.column));
      }
      update->reads_ = update->reads_ || change.needs_read();
      const bool is_static = change.column->kind == ColumnKind::Static;
      all_static = all_static && is_static;
      (is_static ? update->static_changes_ : update->changes_).push_back(std::move(change));
    }
    TRY(update->compile_conditions(syntax.conditions, in));
    // Conditions on rows need the row's key.
    all_static = all_static && !update->has_row_conditions();
    TRY(update->compile_using(syntax.with, in));
    update->where_ =
        TRY(compile_where(syntax.where, in, {WherePurpose::Update, false, all_static}));
    if (update->has_conditions() && update->where_.partition_has_in) {
      return invalid("IN on the partition key is not supported with conditional updates");
    }
    if (update->has_conditions() && update->has_clustering_in()) {
      return invalid("IN on the clustering key columns is not supported with conditional updates");
    }
    if (all_static && update->where_.restricts_clustering_key()) {
      return invalid(
          "Invalid restrictions on clustering columns since the UPDATE statement modifies only "
          "static columns");
    }
    update->touches_static_ = !update->static_changes_.empty();
    update->touches_rows_ =
        table->clustering_columns == 0 || update->where_.restricts_clustering_key();
    update->take_markers_from(in, with);
    return StatementPtr(std::move(update));
  }

 private:
  using Modification::Modification;

  Outcome<ColumnChange> compile_assignment(const Assignment& assignment, Compilation& in) {
    using AKind = Assignment::Kind;
    using CKind = ColumnChange::Kind;
    ColumnChange change;
    TRY(in.column(assignment.column));
    change.column = table_->find(assignment.column);
    const Column& column = *change.column;
    const Type& type = column.type;
    if (column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering) {
      return invalid(fmt::format("PRIMARY KEY part {} found in SET part", column.name));
    }
    const std::string& name = column.name;
    const auto refuse_frozen = [&]() -> CqlError {
      return invalid(fmt::format("Invalid operation ({}) for frozen {} column {}",
                                 assignment.source, type.kind == Kind::Udt ? "UDT" : "collection",
                                 name));
    };
    switch (assignment.kind) {
      case AKind::Set:
        if (type.kind == Kind::Counter) {
          return invalid(
              fmt::format("Cannot set the value of counter column {} (counters can only be "
                          "incremented/decremented, not set)",
                          name));
        }
        change.kind = CKind::Assign;
        change.value = TRY(in.term(assignment.value, in.receiver(column)));
        return change;
      case AKind::SetElement: {
        if (!type.is_collection() || type.kind == Kind::Set) {
          return invalid(fmt::format("Invalid operation ({}) for non collection column {}",
                                     assignment.source, name));
        }
        if (type.frozen) return refuse_frozen();
        change.kind = CKind::SetElement;
        const bool list = type.kind == Kind::List;
        change.key = TRY(in.term(*assignment.element,
                                 list ? in.receiver("idx(" + name + ")", Type::of(Kind::Int))
                                      : in.receiver("key(" + name + ")", type.element(0))));
        change.value = TRY(in.term(assignment.value,
                                   in.receiver("value(" + name + ")", type.element(list ? 0 : 1))));
        return change;
      }
      case AKind::SetField: {
        if (type.kind != Kind::Udt) {
          return invalid(
              fmt::format("Invalid operation ({}) for non-UDT column {}", assignment.source, name));
        }
        if (type.frozen) return refuse_frozen();
        const auto& fields = type.parts->field_names;
        const auto at = std::ranges::find(fields, *assignment.field);
        if (at == fields.end()) {
          return invalid(
              fmt::format("UDT column {} does not have a field named {}", name, *assignment.field));
        }
        change.kind = CKind::SetField;
        change.field = static_cast<std::size_t>(at - fields.begin());
        change.value = TRY(
            in.term(assignment.value, in.receiver(*assignment.field, type.element(change.field))));
        return change;
      }
      case AKind::Append:
      case AKind::Prepend:
      case AKind::Remove:
        break;
    }
    if (type.kind == Kind::Counter) {
      if (assignment.kind == AKind::Prepend) {
        return invalid(
            fmt::format("Invalid operation ({}) for counter column {}", assignment.source, name));
      }
      change.kind = assignment.kind == AKind::Append ? CKind::Append : CKind::Remove;
      change.value = TRY(in.term(assignment.value, in.receiver(column)));
      return change;
    }
    if (!type.is_collection()) {
      return invalid(
          fmt::format("Invalid operation ({}) for non counter column {}", assignment.source, name));
    }
    if (type.frozen) return refuse_frozen();
    if (assignment.kind == AKind::Prepend && type.kind != Kind::List) {
      return invalid(
          fmt::format("Invalid operation ({}) for non list column {}", assignment.source, name));
    }
    change.kind = assignment.kind == AKind::Append    ? CKind::Append
                  : assignment.kind == AKind::Prepend ? CKind::Prepend
                                                      : CKind::Remove;
    const bool keys = change.kind == CKind::Remove && type.kind == Kind::Map;
    change.value =
        TRY(in.term(assignment.value, in.receiver(name, keys ? Type::set(type.element(0)) : type)));
    return change;
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
  std::string_view plural() const override { return "updates"; }

  Outcome<> append(const Parameters& parameters, const ModificationTimes& times,
                   std::vector<Mutation>& out) const override {
    // Full clustering keys: a row's range starts with its key.
    std::vector<Bytes> rows(1);
    if (table_->clustering_columns > 0 && !changes_.empty()) {
      rows.clear();
      for (auto& range : TRY(where_.ranges(parameters)).ranges)
        rows.push_back(std::move(range.start));
    }
    for (Bytes& partition : TRY(where_.partition_keys(parameters))) {
      Mutation mutation;
      mutation.table = table_;
      mutation.partition_key = std::move(partition);
      if (!static_changes_.empty()) {
        RowChange row;
        row.is_static = true;
        row.timestamp = times.timestamp;
        row.ttl_seconds = times.ttl_seconds;
        TRY(append_changes(static_changes_, parameters, mutation.partition_key, {}, row));
        if (!row.cells.empty()) mutation.rows.push_back(std::move(row));
      }
      for (const Bytes& clustering : rows) {
        if (changes_.empty()) break;
        RowChange row;
        row.clustering = clustering;
        row.timestamp = times.timestamp;
        row.ttl_seconds = times.ttl_seconds;
        TRY(append_changes(changes_, parameters, mutation.partition_key, clustering, row));
        if (!row.cells.empty()) mutation.rows.push_back(std::move(row));
      }
      if (!mutation.rows.empty()) out.push_back(std::move(mutation));
    }
    return {};
  }

  Restrictions where_;
  std::vector<ColumnChange> changes_;
  std::vector<ColumnChange> static_changes_;
};

}  // namespace

Outcome<StatementPtr> prepare_update(const UpdateStatement& syntax, const Preparation& with) {
  return UpdateModification::prepare(syntax, with);
}

}  // namespace tidemill::tables::statements
