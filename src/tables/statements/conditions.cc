// SPDX-License-Identifier: Apache-2.0
// IF: the conditions of one statement. What is read for them is in compare_and_set.cc.
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

Outcome<> Modification::compile_conditions(const Conditions& conditions, Compilation& in) {
  if_exists_ = conditions.if_exists;
  if_not_exists_ = conditions.if_not_exists;
  if (environment_.access.authorizes) {
    const auto resource = security::Resource::table(table_->keyspace, table_->name);
    access_.push_back({security::Permission::Modify, resource});
    // A refusal shows what the row holds.
    if (conditions.any()) access_.push_back({security::Permission::Select, resource});
  }
  if (conditions.any() && table_->is_counter()) {
    return invalid(conditions.columns.empty()
                       ? "Conditional updates are not supported on counter tables"
                       : "Conditions on counters are not supported");
  }
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
        return invalid(fmt::format("Invalid element access syntax for {} column {}",
                                   type.kind == Kind::Set ? "set" : "non-collection", name));
      }
      const bool list = type.kind == Kind::List;
      out.element = TRY(
          in.term(*condition.element, list ? in.receiver("idx(" + name + ")", Type::of(Kind::Int))
                                           : in.receiver("key(" + name + ")", type.element(0))));
      out.type = type.element(list ? 0 : 1);
      name = fmt::format("value({})", name);
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
      if (condition.op == Operator::ContainsKey && type.kind != Kind::Map)
        return invalid(fmt::format("Cannot use CONTAINS KEY on non-map column {}", name));
      out.type = type.element(type.kind == Kind::Map && condition.op == Operator::Contains ? 1 : 0);
    } else {
      out.type = type.freeze();
    }
    if (is_slice(condition.op) && out.type.kind == Kind::Duration) {
      return invalid(fmt::format("Slice conditions ( {} ) are not supported on durations",
                                 symbol_of(condition.op)));
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

bool Modification::has_row_conditions() const {
  return std::ranges::any_of(conditions_, [](const ColumnCondition& condition) {
    return condition.column->kind != ColumnKind::Static;
  });
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
  const bool is_map = type.kind == Kind::Map;
  if (!key.is_value()) {
    return invalid(
        fmt::format("Invalid null value for {} element access", is_map ? "map" : "list"));
  }
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

}  // namespace

Outcome<bool> condition_holds(const ColumnCondition& condition, const Value& cell,
                              const Evaluation& at) {
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
  const bool orders = op == Operator::Less || op == Operator::LessOrEqual ||
                      op == Operator::Greater || op == Operator::GreaterOrEqual;
  if (orders && against_null) {
    return invalid(fmt::format("Invalid comparison with null for operator \"{}\"", symbol_of(op)));
  }
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
  if (against.empty()) return op == Operator::NotEqual && against_null;
  return compares(op, condition.type, *value, against);
}

}  // namespace tidemill::tables::statements
