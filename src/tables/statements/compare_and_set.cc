// SPDX-License-Identifier: Apache-2.0
// What is read and shown follows Cassandra's CQL3CasRequest.
#include "tables/statements/compare_and_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::tables::statements {

using embedded::Mutation;
using wire::cql::Metadata;

namespace {

void show(wire::cql::Rows& rows, const Value& value) {
  if (value) {
    wire::cql::append_cell(rows.cells, *value);
  } else {
    wire::cql::append_null_cell(rows.cells);
  }
}

}  // namespace

wire::cql::Rows applied_row(bool applied) {
  Metadata metadata;
  metadata.columns.push_back({"", "", "[applied]", Type::of(wire::cql::Kind::Boolean)});
  wire::cql::Rows rows;
  rows.metadata = std::make_shared<const Metadata>(std::move(metadata));
  rows.row_count = 1;
  wire::cql::append_cell(rows.cells, wire::cql::encode_boolean(applied));
  return rows;
}

Outcome<> CompareAndSet::add(const Modification& modification, const Parameters& parameters) {
  if (modification.has_clustering_in()) {
    return invalid(
        fmt::format("IN on the clustering key columns is not supported with conditional {}",
                    modification.plural()));
  }
  if (!modification.has_conditions()) return {};
  writes_static_ = writes_static_ || modification.touches_static();
  writes_rows_ = writes_rows_ || modification.touches_rows();
  auto ranges = TRY(modification.rows_looked_at(parameters));
  Member member{&modification, &parameters, std::nullopt};
  embedded::ClusteringRange range;
  if (!ranges.empty()) {
    range = std::move(ranges[0]);
    member.clustering = range.start;
  } else if (table_->clustering_columns == 0) {
    member.clustering = Bytes();
  }
  if (modification.if_exists() || modification.if_not_exists()) {
    shows_all_columns_ = true;
    TRY(claim(member.clustering, std::move(range),
              modification.if_exists() ? Kind::Exists : Kind::NotExists));
  } else {
    // Conditions on rows are shown before those on the static row.
    for (const bool of_static : {false, true}) {
      bool any = false;
      for (const ColumnCondition& condition : modification.conditions()) {
        if ((condition.column->kind == ColumnKind::Static) != of_static) continue;
        any = true;
        if (std::ranges::find(conditioned_, condition.slot) == conditioned_.end())
          conditioned_.push_back(condition.slot);
      }
      if (any) TRY(claim(of_static ? std::nullopt : member.clustering, range, Kind::Columns));
    }
  }
  members_.push_back(std::move(member));
  return {};
}

Outcome<> CompareAndSet::claim(const std::optional<Bytes>& clustering,
                               embedded::ClusteringRange range, Kind kind) {
  std::optional<Kind> before;
  if (!clustering) {
    before = std::exchange(static_kind_, kind);
  } else {
    const auto [at, is_new] = targets_.try_emplace(*clustering, Target{std::move(range), kind});
    if (!is_new) before = at->second.kind;
  }
  if (!before || *before == kind) return {};
  if (*before != Kind::Columns && kind != Kind::Columns) {
    return invalid("Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row");
  }
  return invalid(fmt::format("Cannot mix IF conditions and IF {}EXISTS for the same row",
                             kind == Kind::Exists ? "" : "NOT "));
}

Outcome<> CompareAndSet::read(const Parameters& parameters) {
  embedded::ReadRequest request;
  request.table = table_;
  for (const Column& column : table_->columns) request.columns.push_back(column.id);
  request.partitions = {partition_};
  if (table_->clustering_columns > 0) {
    for (const auto& [clustering, target] : targets_) request.ranges.push_back(target.range);
  }
  request.page_rows = static_cast<std::uint32_t>(std::max<std::size_t>(targets_.size(), 1));
  request.page_bytes = UINT32_MAX;
  request.now_seconds = parameters.now_seconds();
  const embedded::Page page = TRY(environment_.store.read(request));
  static_row_.assign(table_->columns.size(), Value());
  for (std::size_t r = 0; r < page.rows(); ++r) {
    Row row(table_->columns.size());
    std::vector<BytesView> clustering;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto value = page.value(r, i);
      if (!value) continue;
      row[i] = Bytes(value->begin(), value->end());
      const ColumnKind kind = table_->columns[i].kind;
      if (kind == ColumnKind::Static || kind == ColumnKind::PartitionKey) static_row_[i] = row[i];
    }
    if (page.is_static_only(r)) continue;
    for (const Column& column : table_->clustering())
      clustering.push_back(*row[static_cast<std::size_t>(&column - table_->columns.data())]);
    const Bytes key =
        clustering.empty() ? Bytes() : TRY(embedded::encode_clustering(*table_, clustering));
    if (const auto at = targets_.find(key); at != targets_.end()) at->second.row = row;
    rows_.push_back(std::move(row));
  }
  return {};
}

Outcome<bool> CompareAndSet::holds(const Member& member) const {
  const Modification& modification = *member.modification;
  const Row* row = nullptr;
  if (member.clustering) {
    const auto at = targets_.find(*member.clustering);
    if (at != targets_.end() && at->second.row) row = &*at->second.row;
  }
  if (modification.if_exists() || modification.if_not_exists()) {
    bool exists = row != nullptr;
    if (!member.clustering) {
      for (const Column& column : table_->columns) {
        const auto index = static_cast<std::size_t>(&column - table_->columns.data());
        exists = exists || (column.kind == ColumnKind::Static && static_row_[index]);
      }
    }
    return exists == modification.if_exists();
  }
  const Evaluation at{*member.parameters};
  bool all = true;
  for (const ColumnCondition& condition : modification.conditions()) {
    Value cell;
    if (condition.column->kind == ColumnKind::Static) {
      cell = static_row_[condition.slot];
    } else if (row != nullptr) {
      cell = (*row)[condition.slot];
    }
    // All are evaluated: a condition that is wrong in itself is refused whatever the others say.
    all = TRY(condition_holds(condition, cell, at)) && all;
  }
  return all;
}

Outcome<bool> CompareAndSet::holds() {
  rows_.clear();
  for (auto& [clustering, target] : targets_) target.row.reset();
  if (members_.empty()) return true;
  TRY(read(*members_[0].parameters));
  bool all = true;
  for (const Member& member : members_) all = TRY(holds(member)) && all;
  return all;
}

// Of the other columns nothing is read.
bool CompareAndSet::is_visible(std::size_t column) const {
  switch (table_->columns[column].kind) {
    case ColumnKind::Static:
      if (writes_static_) return true;
      break;
    case ColumnKind::Regular:
      if (writes_rows_) return true;
      break;
    default:
      return true;
  }
  return std::ranges::find(conditioned_, column) != conditioned_.end();
}

std::vector<std::size_t> CompareAndSet::shown_columns() const {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < table_->columns.size(); ++i) {
    const ColumnKind kind = table_->columns[i].kind;
    const bool key = kind == ColumnKind::PartitionKey || kind == ColumnKind::Clustering;
    if (shows_all_columns_ || (key && shows_ == Shows::Batch)) shown.push_back(i);
  }
  if (!shows_all_columns_) shown.insert(shown.end(), conditioned_.begin(), conditioned_.end());
  return shown;
}

wire::cql::Rows CompareAndSet::refusal() const {
  std::vector<const Row*> rows;
  for (const Row& row : rows_) rows.push_back(&row);
  if (rows.empty()) {
    bool has_static = false;
    for (std::size_t i = 0; i < static_row_.size(); ++i) {
      const bool is_static = table_->columns[i].kind == ColumnKind::Static;
      has_static = has_static || (is_static && static_row_[i] && is_visible(i));
    }
    if (has_static) rows.push_back(&static_row_);
  }
  wire::cql::Rows out = applied_row(false);
  if (rows.empty()) return out;
  const std::vector<std::size_t> shown = shown_columns();
  Metadata metadata;
  metadata.columns.push_back(
      {table_->keyspace, table_->name, "[applied]", Type::of(wire::cql::Kind::Boolean)});
  for (const std::size_t index : shown) {
    const Column& column = table_->columns[index];
    metadata.columns.push_back({table_->keyspace, table_->name, column.name, column.type});
  }
  out.metadata = std::make_shared<const Metadata>(std::move(metadata));
  out.row_count = static_cast<std::int32_t>(rows.size());
  out.cells.clear();
  for (const Row* row : rows) {
    wire::cql::append_cell(out.cells, wire::cql::encode_boolean(false));
    for (const std::size_t index : shown) show(out, is_visible(index) ? (*row)[index] : Value());
  }
  return out;
}

Outcome<StatementResult> compare_and_set(
    const Environment& environment, const Table& table, const Bytes& partition, CompareAndSet& set,
    const std::function<Outcome<>(std::vector<Mutation>&)>& append) {
  std::optional<CqlError> failure;
  StatementResult result;
  const auto decide = [&]() -> Result<std::vector<Mutation>> {
    std::vector<Mutation> mutations;
    const auto attempt = [&]() -> Outcome<> {
      const bool holds = TRY(set.holds());
      if (holds) TRY(append(mutations));
      result.kind = holds ? applied_row(true) : set.refusal();
      return {};
    };
    auto outcome = attempt();
    if (!outcome.ok()) {
      failure = std::move(outcome).error();
      mutations.clear();
    }
    return mutations;
  };
  TRY(environment.store.read_modify_write(table, partition, decide));
  if (failure) return *std::move(failure);
  return result;
}

}  // namespace tidemill::tables::statements
