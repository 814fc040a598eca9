// SPDX-License-Identifier: Apache-2.0
// IF: compare and set on one row.
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

using embedded::Mutation;
using wire::cql::Metadata;

Outcome<> Modification::compile_conditions(const Conditions& conditions, Compilation& in) {
  if_exists_ = conditions.if_exists;
  if_not_exists_ = conditions.if_not_exists;
  if (conditions.any() && table_->is_counter())
    return invalid("Conditions on counters are not supported");
  for (const Condition& condition : conditions.columns) {
    ColumnCondition out;
    out.column = TRY(in.column(condition.column));
    if (out.column->kind == ColumnKind::PartitionKey ||
        out.column->kind == ColumnKind::Clustering) {
      return invalid(
          fmt::format("PRIMARY KEY column '{}' cannot have IF conditions", condition.column));
    }
    out.column = table_->find(condition.column);
    out.op = condition.op;
    const Type& type = out.column->type;
    out.type = type;
    std::string name = condition.column;
    if (condition.element) {
      if (type.kind != Kind::List && type.kind != Kind::Map) {
        return invalid(
            fmt::format("Invalid element access syntax for non-collection column {}", name));
      }
      const bool list = type.kind == Kind::List;
      out.element = TRY(
          in.term(*condition.element, list ? in.receiver("idx(" + name + ")", Type::of(Kind::Int))
                                           : in.receiver("key(" + name + ")", type.element(0))));
      out.type = type.element(list ? 0 : 1);
      name = "value(" + name + ")";
    } else if (condition.field) {
      if (type.kind != Kind::Udt)
        return invalid(fmt::format("Invalid field access on non-user type column {}", name));
      const auto& fields = type.parts->field_names;
      const auto at = std::ranges::find(fields, *condition.field);
      if (at == fields.end())
        return invalid(fmt::format("Unknown field {} for column {}", *condition.field, name));
      out.field = static_cast<std::size_t>(at - fields.begin());
      out.type = type.element(*out.field);
    } else if (condition.op == Operator::Contains || condition.op == Operator::ContainsKey) {
      if (!type.is_collection())
        return invalid(fmt::format("Cannot use CONTAINS on non-collection column {}", name));
      out.type = type.element(type.kind == Kind::Map && condition.op == Operator::Contains ? 1 : 0);
    } else {
      out.type = type.freeze();
    }
    if (condition.op == Operator::In && !condition.value_is_list) {
      out.values.list =
          TRY(in.term(*condition.value, in.receiver("in(" + name + ")", Type::list(out.type))));
    } else if (condition.op == Operator::In) {
      for (const Expression& value : condition.value->arguments) {
        out.values.terms.push_back(TRY(in.term(value, in.receiver(name, out.type))));
      }
    } else {
      out.values.terms.push_back(TRY(in.term(*condition.value, in.receiver(name, out.type))));
    }
    out.slot = static_cast<std::size_t>(out.column - table_->columns.data());
    conditions_.push_back(std::move(out));
  }
  return {};
}

namespace {

// The value a condition looks at: the cell, its element or its field; null when there is none.
Outcome<Value> looked_at(const ColumnCondition& condition, const Value& cell,
                         const Evaluation& at) {
  if (!cell) return Value();
  const Type& type = condition.column->type;
  if (condition.field) {
    const auto fields = TRY(wire::cql::decode_fields(*cell, type.parts->elements.size()));
    const auto& field = fields[*condition.field];
    return field ? Value(Bytes(field->begin(), field->end())) : Value();
  }
  if (!condition.element) return cell;
  const TermValue key = TRY(condition.element->evaluate(at));
  if (!key.is_value()) return invalid("Invalid null value for element access");
  const bool is_map = type.kind == Kind::Map;
  const auto elements = TRY(wire::cql::decode_elements(*cell, is_map));
  if (!is_map) {
    const std::int64_t index = wire::cql::decode_integer(key.bytes());
    if (index < 0) return invalid(fmt::format("Invalid negative list index {}", index));
    if (index >= static_cast<std::int64_t>(elements.size())) return Value();
    const BytesView element = elements[static_cast<std::size_t>(index)];
    return Value(Bytes(element.begin(), element.end()));
  }
  for (std::size_t i = 0; i < elements.size(); i += 2) {
    if (wire::cql::compare_values(type.element(0), elements[i], key.bytes()) == 0) {
      return Value(Bytes(elements[i + 1].begin(), elements[i + 1].end()));
    }
  }
  return Value();
}

Outcome<bool> holds(const ColumnCondition& condition, const Value& cell, const Evaluation& at) {
  const Value value = TRY(looked_at(condition, cell, at));
  std::vector<Bytes> against;
  bool against_null = false;
  if (condition.values.list) {
    against = TRY(evaluate_list(condition.values, at, condition.column->name));
  }
  for (const TermPtr& term : condition.values.terms) {
    TermValue one = TRY(term->evaluate(at));
    if (one.is_unset()) return invalid("Invalid 'unset' value in condition");
    // An empty collection that is not frozen is null.
    const bool empty = one.is_value() && condition.column->type.is_multi_cell() &&
                       !condition.element && condition.column->type.is_collection() &&
                       one.bytes().size() == 4 && wire::cql::decode_integer(one.bytes()) == 0;
    if (one.is_null() || empty) {
      against_null = true;
    } else {
      against.push_back(std::move(one).take());
    }
  }
  const Operator op = condition.op;
  if (op == Operator::Contains || op == Operator::ContainsKey) {
    if (!value || against.empty()) return false;
    const bool is_map = condition.column->type.kind == Kind::Map;
    const auto elements = TRY(wire::cql::decode_elements(*value, is_map));
    for (std::size_t i = is_map && op == Operator::Contains ? 1 : 0; i < elements.size();
         i += is_map ? 2 : 1) {
      if (wire::cql::compare_values(condition.type, elements[i], against[0]) == 0) return true;
    }
    return false;
  }
  if (!value) {
    if (op == Operator::Equal || op == Operator::In) return against_null;
    if (op == Operator::NotEqual) return !against_null;
    return false;
  }
  if (against.empty()) {
    if (op == Operator::NotEqual) return against_null;
    if (op == Operator::Equal || op == Operator::In) return false;
    return invalid(fmt::format("Invalid comparison with null for operator on column {}",
                               condition.column->name));
  }
  return compares(op, condition.type, *value, against);
}

}  // namespace

wire::cql::Rows applied_row(bool applied) {
  Metadata metadata;
  metadata.columns.push_back({"", "", "[applied]", Type::of(Kind::Boolean)});
  wire::cql::Rows rows;
  rows.metadata = std::make_shared<const Metadata>(std::move(metadata));
  rows.row_count = 1;
  wire::cql::append_cell(rows.cells, wire::cql::encode_boolean(applied));
  return rows;
}

Outcome<Modification::Check> Modification::check(const Parameters& parameters,
                                                 const Bytes& partition) const {
  embedded::ReadRequest request;
  request.table = table_;
  for (const Column& column : table_->columns) request.columns.push_back(column.id);
  request.partitions = {partition};
  request.ranges = TRY(rows_looked_at(parameters));
  request.static_only_rows = true;
  request.page_rows = 1;
  request.now_seconds = parameters.now_seconds();
  const embedded::Page page = TRY(environment_.store.read(request));
  Check out;
  const bool found = page.rows() > 0;
  const bool static_only = found && page.is_static_only(0);
  std::vector<Value> row(table_->columns.size());
  for (std::size_t i = 0; found && i < row.size(); ++i) {
    const auto value = page.value(0, i);
    if (value) row[i] = Bytes(value->begin(), value->end());
  }
  // A statement that names no row (static columns only) is about the static row.
  const bool about_row = !request.ranges.empty() || table_->clustering_columns == 0;
  const bool exists = found && (!about_row || !static_only);
  if (if_not_exists_) out.holds = !exists;
  if (if_exists_) out.holds = exists;
  const Evaluation at{parameters};
  for (const ColumnCondition& condition : conditions_) {
    const auto index = static_cast<std::size_t>(condition.column - table_->columns.data());
    const bool visible = found && (condition.column->kind == ColumnKind::Static || exists);
    if (!TRY(holds(condition, visible ? row[index] : Value(), at))) out.holds = false;
  }
  // IF [NOT] EXISTS shows the columns of the kind that the statement writes (Cassandra's
  // CQL3CasRequest reads no others).
  for (std::size_t i = 0; shows_whole_row() && i < row.size(); ++i) {
    const ColumnKind kind = table_->columns[i].kind;
    if (kind == ColumnKind::Static && !touches_static_) row[i].reset();
    if (kind == ColumnKind::Regular && !touches_rows_) row[i].reset();
  }
  if (found && (exists || !conditions_.empty())) out.row = std::move(row);
  return out;
}

wire::cql::Rows Modification::not_applied(const Check& check) const {
  wire::cql::Rows rows = applied_row(false);
  if (!check.row) return rows;
  Metadata metadata;
  metadata.columns.push_back(
      {table_->keyspace, table_->name, "[applied]", Type::of(Kind::Boolean)});
  std::vector<std::size_t> shown;
  if (shows_whole_row()) {
    for (std::size_t i = 0; i < table_->columns.size(); ++i) shown.push_back(i);
  } else {
    for (const ColumnCondition& condition : conditions_) {
      const auto index = static_cast<std::size_t>(condition.column - table_->columns.data());
      if (std::ranges::find(shown, index) == shown.end()) shown.push_back(index);
    }
  }
  for (const std::size_t index : shown) {
    const Column& column = table_->columns[index];
    metadata.columns.push_back({table_->keyspace, table_->name, column.name, column.type});
    const Value& value = (*check.row)[index];
    if (value) {
      wire::cql::append_cell(rows.cells, *value);
    } else {
      wire::cql::append_null_cell(rows.cells);
    }
  }
  rows.metadata = std::make_shared<const Metadata>(std::move(metadata));
  return rows;
}

Outcome<StatementResult> Modification::execute_conditional(const Parameters& parameters) const {
  const Bytes partition = TRY(single_partition(parameters));
  std::optional<CqlError> failure;
  wire::cql::Rows answer;
  const auto decide = [&]() -> Result<std::vector<Mutation>> {
    std::vector<Mutation> mutations;
    const auto attempt = [&]() -> Outcome<> {
      const Check found = TRY(check(parameters, partition));
      answer = found.holds ? applied_row(true) : not_applied(found);
      if (found.holds) TRY(append_mutations(parameters, mutations));
      return {};
    };
    auto outcome = attempt();
    if (!outcome.ok()) {
      failure = std::move(outcome).error();
      mutations.clear();
    }
    return mutations;
  };
  TRY(environment_.store.read_modify_write(*table_, partition, decide));
  if (failure) return *std::move(failure);
  StatementResult result;
  result.kind = std::move(answer);
  return result;
}

}  // namespace tidemill::tables::statements
