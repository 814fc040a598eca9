// SPDX-License-Identifier: Apache-2.0
// Expressions to nodes.
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/functions.h"
#include "tables/statements/term.h"
#include "wire/cql/literal.h"
#include "wire/cql/murmur3.h"

namespace tidemill::tables::statements {

using EKind = Expression::Kind;
using wire::cql::check_value;

namespace {

class ConstantTerm final : public Term {
 public:
  ConstantTerm(Type type, Value value) : Term(std::move(type)), value_(std::move(value)) {}
  Outcome<TermValue> evaluate(const Evaluation&) const override {
    return value_ ? TermValue::view(*value_) : TermValue::null();
  }
  bool is_constant() const override { return true; }
  bool is_null_literal() const override { return !value_; }

 private:
  Value value_;
};

class MarkerTerm final : public Term {
 public:
  MarkerTerm(Type type, std::size_t index, std::string name)
      : Term(std::move(type)), index_(index), name_(std::move(name)) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const BoundValue& bound = at.parameters.values[index_];
    if (bound.is_null()) return TermValue::null();
    if (bound.is_unset()) return TermValue::unset();
    TRY(check_value(type(), bound.bytes));
    return TermValue::view(bound.bytes);
  }

 private:
  std::size_t index_;
  std::string name_;
};

class ColumnTerm final : public Term {
 public:
  ColumnTerm(Type type, std::size_t slot) : Term(std::move(type)), slot_(slot) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const auto& value = at.row->values[slot_];
    return value ? TermValue::view(*value) : TermValue::null();
  }

 private:
  std::size_t slot_;
};

enum class CellTime : std::uint8_t { WriteTime, MaxWriteTime, Ttl };

// writetime(), maxwritetime() and ttl(); one per element for collections.
class CellTimeTerm final : public Term {
 public:
  CellTimeTerm(Type type, std::size_t slot, CellTime what)
      : Term(std::move(type)), slot_(slot), what_(what) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const auto* elements = at.row->elements.empty() ? nullptr : at.row->elements[slot_];
    if (type().kind == Kind::List) {
      if (!at.row->values[slot_] || elements == nullptr) return TermValue::null();
      std::vector<Bytes> out;
      for (const embedded::Element& element : *elements) {
        out.push_back(what_ == CellTime::Ttl
                          ? wire::cql::encode_be(static_cast<std::int32_t>(
                                element.expires_at - at.parameters.now_seconds()))
                          : wire::cql::encode_be(element.timestamp));
      }
      return TermValue::of(wire::cql::encode_elements(std::span<const Bytes>(out), false));
    }
    if (what_ == CellTime::Ttl) {
      const std::int64_t expires = at.row->expires_at[slot_];
      if (expires == 0 || !at.row->values[slot_]) return TermValue::null();
      const std::int64_t left = expires - at.parameters.now_seconds();
      return TermValue::of(
          wire::cql::encode_be(static_cast<std::int32_t>(std::max<std::int64_t>(left, 0))));
    }
    const std::int64_t timestamp = at.row->timestamps[slot_];
    if (timestamp == embedded::Page::kNoTime) return TermValue::null();
    return TermValue::of(wire::cql::encode_be(timestamp));
  }

 private:
  std::size_t slot_;
  CellTime what_;
};

class AggregateTerm final : public Term {
 public:
  AggregateTerm(Type type, std::size_t number) : Term(std::move(type)), number_(number) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const Value& value = at.aggregates[number_];
    return value ? TermValue::view(*value) : TermValue::null();
  }

 private:
  std::size_t number_;
};

class CallTerm final : public Term {
 public:
  CallTerm(Type type, ScalarFunction function, std::vector<TermPtr> arguments,
           bool null_in_null_out)
      : Term(std::move(type)),
        function_(function),
        arguments_(std::move(arguments)),
        null_in_null_out_(null_in_null_out) {
    for (const TermPtr& argument : arguments_) types_.push_back(argument->type());
    types_.push_back(this->type());
  }
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    std::vector<TermValue> values;
    values.reserve(arguments_.size());
    for (const TermPtr& argument : arguments_) {
      values.push_back(TRY(argument->evaluate(at)));
      if (values.back().is_unset())
        return invalid("Invalid unset value for argument in call to function");
      if (values.back().is_null() && null_in_null_out_) return TermValue::null();
    }
    return TermValue::of(TRY(function_(values, at.parameters, types_)));
  }

 private:
  ScalarFunction function_;
  std::vector<TermPtr> arguments_;
  std::vector<Type> types_;  // of the arguments, and last of the result
  bool null_in_null_out_;
};

class BinaryTerm final : public Term {
 public:
  BinaryTerm(Type type, char op, TermPtr left, TermPtr right)
      : Term(std::move(type)), op_(op), left_(std::move(left)), right_(std::move(right)) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const TermValue left = TRY(left_->evaluate(at));
    const TermValue right = TRY(right_->evaluate(at));
    if (!left.is_value() || !right.is_value()) return TermValue::null();
    return TermValue::of(
        TRY(operate(op_, left_->type(), left.bytes(), right_->type(), right.bytes(), type())));
  }

 private:
  char op_;
  TermPtr left_;
  TermPtr right_;
};

// A literal of a collection, tuple or user type whose parts are terms.
class CompositeTerm final : public Term {
 public:
  CompositeTerm(Type type, std::vector<TermPtr> parts)
      : Term(std::move(type)), parts_(std::move(parts)) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    if (type().kind == Kind::Tuple || type().kind == Kind::Udt) {
      std::vector<Value> fields;
      for (const TermPtr& part : parts_) {
        if (!part) {
          fields.emplace_back();
          continue;
        }
        TermValue value = TRY(part->evaluate(at));
        fields.push_back(value.is_value() ? Value(std::move(value).take()) : Value());
      }
      return TermValue::of(wire::cql::encode_fields(fields));
    }
    std::vector<Bytes> elements;
    for (const TermPtr& part : parts_) {
      TermValue value = TRY(part->evaluate(at));
      if (value.is_null()) return invalid("null is not supported inside collections");
      if (value.is_unset()) return invalid("unset value is not supported inside collections");
      elements.push_back(std::move(value).take());
    }
    if (type().kind == Kind::Vector) {
      return TermValue::of(wire::cql::encode_vector(type(), elements));
    }
    if (type().kind == Kind::Set) wire::cql::normalise_set(type().element(), elements);
    const bool is_map = type().kind == Kind::Map;
    if (is_map) wire::cql::normalise_map(type().element(0), elements);
    return TermValue::of(wire::cql::encode_elements(std::span<const Bytes>(elements), is_map));
  }
  bool is_constant() const override {
    return std::ranges::all_of(parts_,
                               [](const TermPtr& part) { return !part || part->is_constant(); });
  }

 private:
  std::vector<TermPtr> parts_;
};

// column[key], column[from..to] of sets and maps, and user_type.field.
class PartTerm final : public Term {
 public:
  PartTerm(Type type, TermPtr whole, TermPtr from, TermPtr to, bool slice, std::size_t field)
      : Term(std::move(type)),
        whole_(std::move(whole)),
        from_(std::move(from)),
        to_(std::move(to)),
        slice_(slice),
        field_(field) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const TermValue whole = TRY(whole_->evaluate(at));
    if (!whole.is_value()) return TermValue::null();
    const Type& outer = whole_->type();
    if (outer.kind == Kind::Udt) {
      const auto fields =
          TRY(wire::cql::decode_fields(whole.bytes(), outer.parts->elements.size()));
      if (!fields[field_]) return TermValue::null();
      return TermValue::of(Bytes(fields[field_]->begin(), fields[field_]->end()));
    }
    const bool is_map = outer.kind == Kind::Map;
    const std::size_t step = is_map ? 2 : 1;
    const auto elements = TRY(wire::cql::decode_elements(whole.bytes(), is_map));
    const TermValue from = from_ ? TRY(from_->evaluate(at)) : TermValue::null();
    const TermValue to = to_ ? TRY(to_->evaluate(at)) : TermValue::null();
    if (!slice_ && !from.is_value()) return TermValue::null();
    std::vector<BytesView> kept;
    for (std::size_t i = 0; i < elements.size(); i += step) {
      const BytesView key = elements[i];
      if (from.is_value()) {
        const int order = wire::cql::compare_values(outer.element(0), key, from.bytes());
        if (!slice_ && order == 0) {
          const BytesView found = elements[i + step - 1];
          return TermValue::of(Bytes(found.begin(), found.end()));
        }
        if (order < 0) continue;
      }
      if (!slice_) continue;
      if (to.is_value() && wire::cql::compare_values(outer.element(0), key, to.bytes()) > 0)
        continue;
      for (std::size_t j = 0; j < step; ++j) kept.push_back(elements[i + j]);
    }
    if (!slice_ || kept.empty()) return TermValue::null();
    return TermValue::of(wire::cql::encode_elements(std::span<const BytesView>(kept), is_map));
  }

 private:
  TermPtr whole_;
  TermPtr from_;
  TermPtr to_;
  bool slice_;
  std::size_t field_;
};

std::string_view literal_name(EKind kind) {
  switch (kind) {
    case EKind::String:
      return "STRING";
    case EKind::Integer:
      return "INTEGER";
    case EKind::Float:
      return "FLOAT";
    case EKind::Boolean:
      return "BOOLEAN";
    case EKind::Hex:
      return "HEX";
    case EKind::Uuid:
      return "UUID";
    default:
      return "DURATION";
  }
}

Outcome<Value> call_token(std::span<const TermValue> arguments, const Parameters&,
                          std::span<const Type>) {
  std::vector<BytesView> components;
  for (const TermValue& argument : arguments) components.push_back(argument.bytes());
  return Value(wire::cql::encode_be(wire::cql::murmur3_token(wire::cql::routing_key(components))));
}

}  // namespace

TermPtr constant_term(Type type, Value value) {
  return std::make_unique<ConstantTerm>(std::move(type), std::move(value));
}

// One compilation's rules; a friend so that Compilation's header stays small.
class TermCompiler {
 public:
  explicit TermCompiler(Compilation& in) : in_(in) {}

  Outcome<TermPtr> term(const Expression& e, const ColumnSpec& receiver) {
    switch (e.kind) {
      case EKind::Null:
        return constant_term(receiver.type, Value());
      case EKind::Marker:
        in_.marker_specs_[static_cast<std::size_t>(e.marker)] = receiver;
        return TermPtr(std::make_unique<MarkerTerm>(
            receiver.type, static_cast<std::size_t>(e.marker), receiver.name));
      case EKind::String:
      case EKind::Integer:
      case EKind::Float:
      case EKind::Boolean:
      case EKind::Hex:
      case EKind::Uuid:
      case EKind::Duration:
        return literal(e, receiver);
      case EKind::List:
      case EKind::Set:
      case EKind::Map:
      case EKind::Udt:
        return composite(e, receiver);
      case EKind::Tuple:
        if (e.arguments.size() == 1 && receiver.type.kind != Kind::Tuple) {
          return term(e.arguments[0], receiver);
        }
        return composite(e, receiver);
      case EKind::TypeHint: {
        const Type type = TRY(in_.resolve(e.type));
        TermPtr inner = TRY(term(e.arguments[0], in_.receiver("(" + to_string(type) + ")", type)));
        return assignable(std::move(inner), e, receiver);
      }
      case EKind::Binary:
        return binary(e, &receiver);
      case EKind::Negate: {
        Expression zero{.kind = EKind::Integer, .text = "0"};
        Expression minus{.kind = EKind::Binary, .text = "-"};
        minus.arguments = {std::move(zero), e.arguments[0]};
        return binary(minus, &receiver);
      }
      case EKind::Call:
        return call(e, &receiver);
      case EKind::Column:
        return wire::cql::syntax(fmt::format("no viable alternative at input '{}'", e.text));
      case EKind::Cast:
      case EKind::CountRows:
      case EKind::Field:
      case EKind::Element:
      case EKind::Slice:
        return wire::cql::syntax(fmt::format("no viable alternative at input '{}'", e.source));
    }
    return invalid("unknown kind of term");
  }

  Outcome<TermPtr> selector(const Expression& e) {
    switch (e.kind) {
      case EKind::Column: {
        const Column* column = TRY(in_.column(e.text));
        return TermPtr(std::make_unique<ColumnTerm>(column->type, in_.slot_of(*column)));
      }
      case EKind::CountRows:
        return aggregate("countrows", nullptr, Type::of(Kind::Bigint));
      case EKind::Call:
        return call(e, nullptr);
      case EKind::Cast: {
        const Type to = TRY(in_.resolve(e.type));
        TermPtr inner = TRY(selector(e.arguments[0]));
        if (inner->type() == to) return inner;
        const ScalarFunction function = find_cast(inner->type(), to);
        if (function == nullptr) {
          return invalid(fmt::format(
              "Invalid call to function system.cast_as_{}, none of its type signatures match",
              to_string(to)));
        }
        std::vector<TermPtr> arguments;
        arguments.push_back(std::move(inner));
        return TermPtr(std::make_unique<CallTerm>(to, function, std::move(arguments), true));
      }
      case EKind::TypeHint: {
        const Type type = TRY(in_.resolve(e.type));
        return term(e.arguments[0], in_.receiver("(" + to_string(type) + ")", type));
      }
      case EKind::Binary:
        return binary(e, nullptr);
      case EKind::Negate: {
        Expression zero{.kind = EKind::Integer, .text = "0"};
        Expression minus{.kind = EKind::Binary, .text = "-"};
        minus.arguments = {std::move(zero), e.arguments[0]};
        return binary(minus, nullptr);
      }
      case EKind::Field:
      case EKind::Element:
      case EKind::Slice:
        return part(e);
      case EKind::Tuple:
        if (e.arguments.size() == 1) return selector(e.arguments[0]);
        [[fallthrough]];
      default:
        return invalid(fmt::format(
            "Cannot infer type for term {} in selection clause (try using a cast to force a type)",
            e.source));
    }
  }

 private:
  Outcome<TermPtr> literal(const Expression& e, const ColumnSpec& receiver) {
    const Type& type = receiver.type;
    if (in_.match(e, type) == Compilation::Match::No) {
      return invalid(fmt::format("Invalid {} constant ({}) for \"{}\" of type {}",
                                 literal_name(e.kind), e.text, receiver.name, to_string(type)));
    }
    return constant_term(type, TRY(wire::cql::parse_scalar(type, e.text)));
  }

  Outcome<TermPtr> assignable(TermPtr inner, const Expression& e, const ColumnSpec& receiver) {
    const Type& from = inner->type();
    const Type& to = receiver.type;
    const bool fits = from.unfrozen() == to.unfrozen() ||
                      (from.kind == Kind::Timeuuid && to.kind == Kind::Uuid) ||
                      (from.kind == Kind::Ascii && to.kind == Kind::Text);
    if (!fits) {
      return invalid(fmt::format("Cannot assign value {} to {} of type {}", column_name_of(e),
                                 receiver.name, to_string(to)));
    }
    return inner;
  }

  Outcome<TermPtr> composite(const Expression& e, const ColumnSpec& receiver) {
    const Type& type = receiver.type;
    std::vector<TermPtr> parts;
    const auto add = [&](const Expression& part, std::string name,
                         const Type& part_type) -> Outcome<> {
      parts.push_back(TRY(term(part, in_.receiver(std::move(name), part_type))));
      return {};
    };
    if (e.kind == EKind::List) {
      if (type.kind != Kind::List && type.kind != Kind::Vector) {
        return invalid(fmt::format(
            "Unexpected receiver type '{}'; only list and vector are expected", to_string(type)));
      }
      if (type.kind == Kind::Vector && e.arguments.size() != type.parts->dimension) {
        return invalid(fmt::format(
            "Invalid vector literal for {} of type {}; expected {} elements, but given {}",
            receiver.name, to_string(type), type.parts->dimension, e.arguments.size()));
      }
      TRY(check_parts(e, receiver, "list"));
      for (const Expression& part : e.arguments)
        TRY(add(part, "value(" + receiver.name + ")", type.element()));
    } else if (e.kind == EKind::Set && !(e.arguments.empty() && type.kind == Kind::Map)) {
      if (type.kind != Kind::Set) {
        return invalid(
            fmt::format("Invalid set literal for {} of type {}", receiver.name, to_string(type)));
      }
      TRY(check_parts(e, receiver, "set"));
      for (const Expression& part : e.arguments)
        TRY(add(part, "value(" + receiver.name + ")", type.element()));
    } else if (e.kind == EKind::Map || e.kind == EKind::Set) {
      if (type.kind != Kind::Map) {
        return invalid(
            fmt::format("Invalid map literal for {} of type {}", receiver.name, to_string(type)));
      }
      for (std::size_t i = 0; i < e.arguments.size(); ++i) {
        const Expression& part = e.arguments[i];
        if (in_.match(part, type.element(i % 2)) == Compilation::Match::No) {
          return invalid(fmt::format("Invalid map literal for {}: {} {} is not of type {}",
                                     receiver.name, i % 2 == 0 ? "key" : "value", part.source,
                                     to_string(type.element(i % 2))));
        }
        TRY(add(part, (i % 2 == 0 ? "key(" : "value(") + receiver.name + ")", type.element(i % 2)));
      }
    } else if (e.kind == EKind::Tuple) {
      TRY(tuple_parts(e, receiver, parts));
    } else {
      TRY(udt_parts(e, receiver, parts));
    }
    auto built = std::make_unique<CompositeTerm>(type, std::move(parts));
    if (!built->is_constant()) return TermPtr(std::move(built));
    const Parameters none;
    TermValue value = TRY(built->evaluate({none}));
    return constant_term(type, Value(std::move(value).take()));
  }

  Outcome<> check_parts(const Expression& e, const ColumnSpec& receiver, std::string_view what) {
    const Type& element = receiver.type.element();
    for (const Expression& part : e.arguments) {
      if (in_.match(part, element) == Compilation::Match::No) {
        return invalid(fmt::format("Invalid {} literal for {}: value {} is not of type {}", what,
                                   receiver.name, part.source, to_string(element)));
      }
    }
    return {};
  }

  Outcome<> tuple_parts(const Expression& e, const ColumnSpec& receiver,
                        std::vector<TermPtr>& parts) {
    const Type& type = receiver.type;
    if (type.kind != Kind::Tuple) {
      return invalid(fmt::format("Invalid tuple type literal for {} of type {}", receiver.name,
                                 to_string(type)));
    }
    const std::size_t expected = type.parts->elements.size();
    if (e.arguments.size() > expected) {
      return invalid(fmt::format(
          "Invalid tuple literal for {}: too many elements. Type {} expects {} but got {}",
          receiver.name, to_string(type), expected, e.arguments.size()));
    }
    for (std::size_t i = 0; i < expected; ++i) {
      if (i >= e.arguments.size()) {
        parts.push_back(nullptr);
        continue;
      }
      if (in_.match(e.arguments[i], type.element(i)) == Compilation::Match::No) {
        return invalid(fmt::format("Invalid tuple literal for {}: component {} is not of type {}",
                                   receiver.name, i, to_string(type.element(i))));
      }
      parts.push_back(TRY(term(
          e.arguments[i], in_.receiver(fmt::format("{}[{}]", receiver.name, i), type.element(i)))));
    }
    return {};
  }

  Outcome<> udt_parts(const Expression& e, const ColumnSpec& receiver,
                      std::vector<TermPtr>& parts) {
    const Type& type = receiver.type;
    if (type.kind != Kind::Udt) {
      return invalid(fmt::format("Invalid user type literal for {} of type {}", receiver.name,
                                 to_string(type)));
    }
    const auto& names = type.parts->field_names;
    for (const std::string& name : e.names) {
      if (std::ranges::find(names, name) == names.end()) {
        return invalid(fmt::format("Unknown field '{}' in value of user defined type {}", name,
                                   type.parts->name));
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto at = std::ranges::find(e.names, names[i]);
      if (at == e.names.end()) {
        parts.push_back(nullptr);
        continue;
      }
      const Expression& value = e.arguments[static_cast<std::size_t>(at - e.names.begin())];
      if (in_.match(value, type.element(i)) == Compilation::Match::No) {
        return invalid(fmt::format("Invalid user type literal for {}: field {} is not of type {}",
                                   receiver.name, names[i], to_string(type.element(i))));
      }
      parts.push_back(TRY(term(value, in_.receiver(names[i], type.element(i)))));
    }
    return {};
  }

  Outcome<TermPtr> aggregate(std::string function, TermPtr argument, Type type) {
    AggregateCall call{std::move(function), std::move(argument), {}, type};
    if (call.argument) call.argument_type = call.argument->type();
    in_.aggregates_.push_back(std::move(call));
    return TermPtr(std::make_unique<AggregateTerm>(std::move(type), in_.aggregates_.size() - 1));
  }

  Outcome<TermPtr> aggregate_call(const Expression& e) {
    if (in_.in_aggregate_) {
      return invalid("aggregate functions cannot be used as arguments of aggregate functions");
    }
    const std::string& name = e.name.name;
    if (e.arguments.size() != 1) {
      return invalid(
          fmt::format("Invalid call to function {}, none of its type signatures match", name));
    }
    in_.in_aggregate_ = true;
    auto argument = selector(e.arguments[0]);
    in_.in_aggregate_ = false;
    if (!argument.ok()) return std::move(argument).error();
    Type type = (*argument)->type();
    if (name == "count") {
      type = Type::of(Kind::Bigint);
    } else if (name == "sum" || name == "avg") {
      const bool numeric = operation_type('+', type, type).has_value() && !type.is_text();
      if (!numeric && type.kind != Kind::Counter) {
        return invalid(
            fmt::format("Invalid call to function {}, none of its type signatures match", name));
      }
    }
    if (type.kind == Kind::Counter) type = Type::of(Kind::Bigint);
    return aggregate(name, *std::move(argument), type);
  }

  Outcome<TermPtr> cell_time(const Expression& e) {
    const std::string& name = e.name.name;
    if (e.arguments.size() != 1 || e.arguments[0].kind != EKind::Column) {
      return invalid(fmt::format("Invalid call to function {}", name));
    }
    const Column* column = TRY(in_.column(e.arguments[0].text));
    if (column->kind == ColumnKind::PartitionKey || column->kind == ColumnKind::Clustering) {
      return invalid(fmt::format("Cannot use selection function {} on PRIMARY KEY part {}", name,
                                 column->name));
    }
    const CellTime what = name == "ttl"         ? CellTime::Ttl
                          : name == "writetime" ? CellTime::WriteTime
                                                : CellTime::MaxWriteTime;
    Type type = Type::of(what == CellTime::Ttl ? Kind::Int : Kind::Bigint);
    if (column->type.is_multi_cell() && what != CellTime::MaxWriteTime) type = Type::list(type);
    in_.with_times_ = true;
    in_.with_elements_ = in_.with_elements_ || column->type.is_multi_cell();
    return TermPtr(std::make_unique<CellTimeTerm>(type, in_.slot_of(*column), what));
  }

  Outcome<TermPtr> token_call(const Expression& e) {
    const auto key = in_.table().partition_key();
    if (e.arguments.size() != key.size()) {
      return invalid(fmt::format(
          "Invalid number of arguments in call to function token: {} required but {} provided",
          key.size(), e.arguments.size()));
    }
    std::vector<TermPtr> arguments;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const Expression& argument = e.arguments[i];
      arguments.push_back(
          argument.kind == EKind::Column
              ? TRY(selector(argument))
              : TRY(term(argument,
                         in_.receiver(fmt::format("arg{}(system.token)", i), key[i].type))));
    }
    return TermPtr(
        std::make_unique<CallTerm>(Type::of(Kind::Bigint), call_token, std::move(arguments), true));
  }

  Outcome<TermPtr> call(const Expression& e, const ColumnSpec* receiver) {
    std::string name = e.name.name;
    if (!e.name.keyspace.empty() && e.name.keyspace != "system") {
      return invalid(fmt::format("Unknown function '{}.{}'", e.name.keyspace, name));
    }
    if (name == "writetime" || name == "ttl" || name == "maxwritetime") {
      if (receiver == nullptr) return cell_time(e);
    }
    if (is_aggregate_function(name)) {
      if (receiver != nullptr)
        return invalid("Aggregation function are not supported in the where clause");
      return aggregate_call(e);
    }
    TermPtr built;
    if (name == "token") {
      built = TRY(token_call(e));
    } else if ((name == "fromjson" || name == "from_json") && receiver != nullptr &&
               e.arguments.size() == 1) {
      std::vector<TermPtr> arguments;
      arguments.push_back(
          TRY(term(e.arguments[0], in_.receiver("arg0(system.fromjson)", Type::of(Kind::Text)))));
      const ScalarFunction parse = [](std::span<const TermValue> values, const Parameters&,
                                      std::span<const Type> types) -> Outcome<Value> {
        return from_json(types.back(), as_text(values[0].bytes()));
      };
      return TermPtr(std::make_unique<CallTerm>(receiver->type, parse, std::move(arguments), true));
    } else {
      built = TRY(function_call(e, name, receiver));
    }
    if (receiver == nullptr) return built;
    return assignable(std::move(built), e, *receiver);
  }

  Outcome<TermPtr> function_call(const Expression& e, const std::string& name,
                                 const ColumnSpec* receiver) {
    if (is_generic_function(name)) return generic_call(e, name);
    const std::vector<Overload> overloads = find_function(name);
    if (overloads.empty()) return invalid(fmt::format("Unknown function '{}'", name));
    const Overload* best = nullptr;
    Compilation::Match best_match = Compilation::Match::No;
    for (const Overload& overload : overloads) {
      if (overload.parameters.size() != e.arguments.size()) continue;
      Compilation::Match worst = Compilation::Match::Exact;
      for (std::size_t i = 0; i < e.arguments.size(); ++i) {
        worst = std::min(worst, in_.match(e.arguments[i], overload.parameters[i]));
      }
      if (worst == Compilation::Match::No || worst <= best_match) continue;
      best = &overload;
      best_match = worst;
    }
    if (best == nullptr) {
      return invalid(
          fmt::format("Invalid call to function {}, none of its type signatures match", name));
    }
    std::vector<TermPtr> arguments;
    for (std::size_t i = 0; i < e.arguments.size(); ++i) {
      arguments.push_back(TRY(value_or_column(
          e.arguments[i],
          in_.receiver(fmt::format("arg{}(system.{})", i, name), best->parameters[i]), receiver)));
    }
    return TermPtr(std::make_unique<CallTerm>(best->result, best->call, std::move(arguments),
                                              best->null_in_null_out));
  }

  // Functions of values may only have terms inside; those of the select list columns, too.
  Outcome<TermPtr> value_or_column(const Expression& e, const ColumnSpec& as,
                                   const ColumnSpec* outer) {
    if (outer != nullptr) return term(e, as);
    switch (e.kind) {
      case EKind::Column:
      case EKind::Cast:
      case EKind::CountRows:
      case EKind::Field:
      case EKind::Element:
      case EKind::Slice:
      case EKind::Call:
      case EKind::TypeHint:
      case EKind::Binary:
      case EKind::Negate:
        return selector(e);
      default:
        return term(e, as);
    }
  }

  Outcome<TermPtr> generic_call(const Expression& e, const std::string& name) {
    std::vector<TermPtr> arguments;
    std::vector<Type> types;
    for (const Expression& argument : e.arguments) {
      arguments.push_back(TRY(selector(argument)));
      types.push_back(arguments.back()->type());
    }
    const auto overloads = find_generic_function(name, types);
    if (overloads.empty()) {
      return invalid(
          fmt::format("Invalid call to function {}, none of its type signatures match", name));
    }
    return TermPtr(std::make_unique<CallTerm>(overloads[0].result, overloads[0].call,
                                              std::move(arguments), overloads[0].null_in_null_out));
  }

  static bool is_untyped(const Expression& e) {
    switch (e.kind) {
      case EKind::Integer:
      case EKind::Float:
      case EKind::String:
      case EKind::Duration:
      case EKind::Marker:
        return true;
      case EKind::Tuple:
        return e.arguments.size() == 1 && is_untyped(e.arguments[0]);
      case EKind::Binary:
        return is_untyped(e.arguments[0]) && is_untyped(e.arguments[1]);
      case EKind::Negate:
        return is_untyped(e.arguments[0]);
      default:
        return false;
    }
  }

  // The literal's type beside a typed operand: the operand's own if it fits, else the widest.
  Type type_beside(const Expression& e, const Type& other) const {
    if (e.kind == EKind::Duration) return Type::of(Kind::Duration);
    if (in_.match(e, other) != Compilation::Match::No) return other;
    if (e.kind == EKind::Float) return Type::of(Kind::Double);
    return Type::of(e.kind == EKind::String ? Kind::Text : Kind::Int);
  }

  Outcome<TermPtr> binary(const Expression& e, const ColumnSpec* receiver) {
    const char op = e.text[0];
    const Expression& left = e.arguments[0];
    const Expression& right = e.arguments[1];
    const auto typed = [&](const Expression& side) -> Outcome<TermPtr> {
      return receiver != nullptr ? term_without_receiver(side, *receiver) : selector(side);
    };
    TermPtr a;
    TermPtr b;
    if (is_untyped(left) && is_untyped(right)) {
      const Type type = receiver != nullptr ? receiver->type
                        : left.kind == EKind::Float || right.kind == EKind::Float
                            ? Type::of(Kind::Double)
                            : Type::of(Kind::Int);
      const ColumnSpec spec = in_.receiver(receiver ? receiver->name : "operand", type);
      const auto side = [&](const Expression& operand) -> Outcome<TermPtr> {
        if (operand.kind == EKind::Duration)
          return term(operand, in_.receiver(spec.name, Type::of(Kind::Duration)));
        return term(operand, spec);
      };
      a = TRY(side(left));
      b = TRY(side(right));
    } else if (is_untyped(left)) {
      b = TRY(typed(right));
      a = TRY(term(left, in_.receiver("operand", type_beside(left, b->type()))));
    } else {
      a = TRY(typed(left));
      b = is_untyped(right)
              ? TRY(term(right, in_.receiver("operand", type_beside(right, a->type()))))
              : TRY(typed(right));
    }
    const auto type = operation_type(op, a->type(), b->type());
    if (!type) {
      return invalid(fmt::format("the '{}' operation is not supported between {} and {}", op,
                                 column_name_of(left), column_name_of(right)));
    }
    TermPtr built = std::make_unique<BinaryTerm>(*type, op, std::move(a), std::move(b));
    if (receiver == nullptr || receiver->type == *type) return built;
    if (find_cast(*type, receiver->type) == nullptr)
      return assignable(std::move(built), e, *receiver);
    std::vector<TermPtr> arguments;
    const ScalarFunction convert = find_cast(*type, receiver->type);
    arguments.push_back(std::move(built));
    return TermPtr(std::make_unique<CallTerm>(receiver->type, convert, std::move(arguments), true));
  }

  // A typed operand inside of a value: a function call, a hint or another operation.
  Outcome<TermPtr> term_without_receiver(const Expression& e, const ColumnSpec& receiver) {
    switch (e.kind) {
      case EKind::Call:
      case EKind::TypeHint:
        return selector(e);
      default:
        return term(e, receiver);
    }
  }

  Outcome<TermPtr> part(const Expression& e) {
    TermPtr whole = TRY(selector(e.arguments[0]));
    const Type outer = whole->type();
    if (e.kind == EKind::Field) {
      if (outer.kind != Kind::Udt) {
        return invalid(fmt::format("Invalid field selection: {} of type {} is not a user type",
                                   column_name_of(e.arguments[0]), to_string(outer)));
      }
      const auto& names = outer.parts->field_names;
      const auto at = std::ranges::find(names, e.text);
      if (at == names.end()) {
        return invalid(fmt::format("{} of type {} has no field {}", column_name_of(e.arguments[0]),
                                   to_string(outer), e.text));
      }
      const auto field = static_cast<std::size_t>(at - names.begin());
      return TermPtr(std::make_unique<PartTerm>(outer.element(field), std::move(whole), nullptr,
                                                nullptr, false, field));
    }
    if (outer.kind != Kind::Map && outer.kind != Kind::Set) {
      return invalid(fmt::format("Invalid element selection: {} is of type {} is not a collection",
                                 column_name_of(e.arguments[0]), to_string(outer)));
    }
    const ColumnSpec key =
        in_.receiver("key(" + column_name_of(e.arguments[0]) + ")", outer.element(0));
    const bool slice = e.kind == EKind::Slice;
    const auto bound = [&](const Expression& side) -> Outcome<TermPtr> {
      if (slice && side.kind == EKind::Null) return TermPtr();
      return term(side, key);
    };
    TermPtr from = TRY(bound(e.arguments[1]));
    TermPtr to = slice ? TRY(bound(e.arguments[2])) : TermPtr();
    Type type = slice ? outer.unfrozen() : outer.element(outer.kind == Kind::Map ? 1 : 0);
    return TermPtr(std::make_unique<PartTerm>(std::move(type), std::move(whole), std::move(from),
                                              std::move(to), slice, 0));
  }

  Compilation& in_;
};

Outcome<TermPtr> Compilation::term(const Expression& expression, const ColumnSpec& receiver) {
  return TermCompiler(*this).term(expression, receiver);
}
Outcome<TermPtr> Compilation::selector(const Expression& expression) {
  return TermCompiler(*this).selector(expression);
}

}  // namespace tidemill::tables::statements
