// SPDX-License-Identifier: Apache-2.0
// Expressions to nodes.
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/functions.h"
#include "tables/statements/term.h"
#include "tables/statements/term_nodes.h"
#include "wire/cql/literal.h"
#include "wire/cql/murmur3.h"

namespace tidemill::tables::statements {

using EKind = Expression::Kind;

namespace {

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
