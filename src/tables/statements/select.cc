// SPDX-License-Identifier: Apache-2.0
// Checking SELECT.
#include "tables/statements/select.h"

#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/functions.h"

namespace tidemill::tables::statements {

using wire::cql::Metadata;

Outcome<> SelectQuery::compile_selection(const SelectStatement& syntax, Compilation& with) {
  Metadata metadata;
  const auto add = [&](TermPtr term, std::string name) {
    metadata.columns.push_back({with.table().keyspace, with.table().name, name, term->type()});
    names_.push_back(std::move(name));
    selected_.push_back(std::move(term));
  };
  if (syntax.everything) {
    for (const Column& column : with.table().columns) {
      const Expression expression{
          .kind = Expression::Kind::Column, .text = column.name, .source = column.name};
      add(TRY(with.selector(expression)), column.name);
    }
  }
  for (const Selected& selected : syntax.selected) {
    std::string name = selected.alias ? *selected.alias : column_name_of(selected.expression);
    add(TRY(with.selector(selected.expression)), std::move(name));
  }
  if (json_) {
    metadata.columns.clear();
    metadata.columns.push_back(
        {with.table().keyspace, with.table().name, "[json]", Type::of(Kind::Text)});
  }
  metadata_ = std::make_shared<const Metadata>(std::move(metadata));
  return {};
}

Outcome<> SelectQuery::check_distinct(const SelectStatement& syntax,
                                      const Compilation& with) const {
  if (!syntax.distinct) return {};
  for (const Relation& relation : syntax.where) {
    for (const std::string& name : relation.columns) {
      const Column* column = TRY(with.column(name));
      if (relation.form != Relation::Form::Token && column->kind != ColumnKind::PartitionKey &&
          column->kind != ColumnKind::Static) {
        return invalid(
            fmt::format("SELECT DISTINCT with WHERE clause only supports restriction by partition "
                        "key and/or static columns."));
      }
    }
  }
  std::vector<std::string> missing;
  for (const Column& column : with.table().partition_key()) missing.push_back(column.name);
  for (const Column* column : with.slots()) {
    std::erase(missing, column->name);
    if (column->kind != ColumnKind::PartitionKey && column->kind != ColumnKind::Static) {
      return invalid(
          fmt::format("SELECT DISTINCT queries must only request partition key columns and/or "
                      "static columns (not {})",
                      column->name));
    }
  }
  if (!missing.empty()) {
    return invalid(fmt::format(
        "SELECT DISTINCT queries must request all the partition key columns (missing {})",
        missing[0]));
  }
  return {};
}

namespace {

// The static columns of a partition are no rows that a clustering column could choose.
Outcome<> check_statics(const SelectStatement& syntax, const Compilation& with) {
  const auto is = [](ColumnKind kind) {
    return [kind](const Column* column) { return column->kind == kind; };
  };
  const auto& slots = with.slots();
  const bool only_statics = std::ranges::any_of(slots, is(ColumnKind::Static)) &&
                            std::ranges::none_of(slots, is(ColumnKind::Clustering)) &&
                            std::ranges::none_of(slots, is(ColumnKind::Regular));
  if (!only_statics) return {};
  for (const Relation& relation : syntax.where) {
    for (const std::string& name : relation.columns) {
      if (TRY(with.column(name))->kind == ColumnKind::Clustering) {
        return invalid("Cannot restrict clustering columns when selecting only static columns");
      }
    }
  }
  return {};
}

}  // namespace

Outcome<> SelectQuery::compile_order(const SelectStatement& syntax, Compilation& with) {
  if (syntax.order_by.empty()) return {};
  ordered_ = true;
  for (const Ordering& ordering : syntax.order_by) {
    if (ordering.ann) return invalid("ANN ordering is not supported: vector indexes are not built");
  }
  if (where_.uses_index) {
    return invalid("ORDER BY with 2ndary indexes is not supported, except for ANN queries.");
  }
  if (where_.partition.empty()) {
    return invalid(
        "ORDER BY is only supported when the partition key is restricted by an EQ or an IN.");
  }
  const auto clustering = with.table().clustering();
  std::optional<bool> reversed;
  std::size_t at = 0;
  for (const Ordering& ordering : syntax.order_by) {
    const Column* column = TRY(with.column(ordering.column));
    if (column->kind != ColumnKind::Clustering) {
      return invalid(
          fmt::format("Order by is currently only supported on the clustered columns of the "
                      "PRIMARY KEY, got {}",
                      ordering.column));
    }
    // Columns fixed by equality may be left out.
    while (at < clustering.size() && clustering[at].name != ordering.column &&
           at < where_.clustering.size() && !where_.clustering[at].is_in) {
      ++at;
    }
    if (at == clustering.size() || clustering[at].name != ordering.column) {
      return invalid(
          "Order by currently only supports the ordering of columns following their declared order "
          "in the PRIMARY KEY");
    }
    const bool backwards = ordering.descending != clustering[at].descending;
    if (reversed && *reversed != backwards) return invalid("Unsupported order by relation");
    reversed = backwards;
    ++at;
  }
  reversed_ = *reversed;
  if (where_.partition_has_in) {
    for (const Column& column : clustering) sort_slots_.push_back(with.slot_of(column));
  }
  return {};
}

Outcome<> SelectQuery::compile_groups(const SelectStatement& syntax, Compilation& with) {
  if (syntax.group_by.empty()) return {};
  grouped_ = true;
  const Table& table = with.table();
  const std::size_t keys = table.partition_columns + table.clustering_columns;
  std::size_t at = 0;
  for (const Expression& expression : syntax.group_by) {
    if (expression.kind != Expression::Kind::Column) {
      return invalid(
          "GROUP BY is supported on the columns of the PRIMARY KEY only, not on functions of them");
    }
    const Column* column = TRY(with.column(expression.text));
    if (column->kind != ColumnKind::PartitionKey && column->kind != ColumnKind::Clustering) {
      return invalid(fmt::format(
          "Group by is currently only supported on the columns of the PRIMARY KEY, got {}",
          column->name));
    }
    const auto fixed = [&](std::size_t index) {
      const std::string& name = table.columns[index].name;
      const auto by_equality = [&](const std::vector<KeyValues>& values) {
        return std::ranges::any_of(
            values, [&](const KeyValues& key) { return !key.is_in && key.column->name == name; });
      };
      return by_equality(where_.partition) || by_equality(where_.clustering);
    };
    while (at < keys && table.columns[at].name != column->name && fixed(at)) ++at;
    if (at == keys || table.columns[at].name != column->name) {
      return invalid(
          "Group by currently only support groups of columns following their declared order in the "
          "PRIMARY KEY");
    }
    if (distinct_ && column->kind == ColumnKind::Clustering) {
      return invalid("Grouping on clustering columns is not allowed for SELECT DISTINCT queries");
    }
    group_slots_.push_back(with.slot_of(*column));
    ++at;
  }
  for (const Column& column : table.partition_key()) group_slots_.push_back(with.slot_of(column));
  return {};
}

Outcome<> SelectQuery::compile_limits(const SelectStatement& syntax, Compilation& with) {
  const Type integer = Type::of(Kind::Int);
  if (syntax.limit) limit_ = TRY(with.term(*syntax.limit, with.receiver("[limit]", integer)));
  if (syntax.per_partition_limit) {
    if (distinct_)
      return invalid("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries");
    per_partition_limit_ = TRY(
        with.term(*syntax.per_partition_limit, with.receiver("[per_partition_limit]", integer)));
  }
  const Parameters none;
  for (const auto& [term, name] :
       {std::pair{&limit_, "LIMIT"}, {&per_partition_limit_, "PER PARTITION LIMIT"}}) {
    if (*term && (*term)->is_constant()) TRY(limit_of(*term, none, name));
  }
  return {};
}

Outcome<StatementPtr> SelectQuery::prepare(const SelectStatement& syntax, const Preparation& with) {
  auto query = std::shared_ptr<SelectQuery>(new SelectQuery(with.environment));
  query->schema_ = with.environment.store.schema();
  const auto table = TRY(find_table(syntax.table, with));
  query->system_ = with.environment.system.find(table->keyspace, table->name);
  if (with.environment.access.authorizes && !is_readable_by_all(table->keyspace, table->name)) {
    query->access_.push_back(
        {security::Permission::Select, security::Resource::table(table->keyspace, table->name)});
  }
  query->json_ = syntax.json;
  query->distinct_ = syntax.distinct;
  Compilation compilation(query->schema_, table->keyspace, table, with.markers);
  TRY(query->compile_selection(syntax, compilation));
  TRY(query->check_distinct(syntax, compilation));
  if (!syntax.everything) TRY(check_statics(syntax, compilation));
  const WhereRules rules{WherePurpose::Select, syntax.allow_filtering, false};
  query->where_ = TRY(compile_where(syntax.where, compilation, rules));
  if (syntax.per_partition_limit && !syntax.distinct && syntax.group_by.empty() &&
      !compilation.aggregates().empty()) {
    return invalid("PER PARTITION LIMIT is not allowed with aggregate queries.");
  }
  TRY(query->compile_groups(syntax, compilation));
  TRY(query->compile_order(syntax, compilation));
  TRY(query->compile_limits(syntax, compilation));
  if (query->per_partition_limit_ && !query->where_.filters.empty()) {
    // Rows that pass a filter are counted here, so the key must be at hand.
    for (const Column& column : table->partition_key())
      query->group_slots_.push_back(compilation.slot_of(column));
  }
  // Entries of a range come by value; groups and limits by partition need the partitions' order.
  const bool by_partition = query->grouped_ || query->per_partition_limit_ || query->distinct_;
  if (query->where_.index && query->where_.index->is_range() && by_partition)
    query->where_.index.reset();
  query->aggregates_ = std::move(compilation.aggregates());
  query->slots_ = compilation.slots();
  query->with_times_ = compilation.with_times();
  query->with_elements_ = compilation.with_elements();
  query->markers_ = TRY(compilation.markers());
  query->partition_key_markers_ = compilation.partition_key_markers();
  query->marker_names = with.markers;
  return StatementPtr(std::move(query));
}

Outcome<StatementPtr> prepare_select(const SelectStatement& syntax, const Preparation& with) {
  return SelectQuery::prepare(syntax, with);
}

}  // namespace tidemill::tables::statements
