// SPDX-License-Identifier: Apache-2.0
// The kinds of compiled terms. Included by term_compiler.cc only, which makes them.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tables/statements/functions.h"
#include "tables/statements/term.h"
#include "wire/cql/value.h"

namespace tidemill::tables::statements {

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
    TRY(wire::cql::check_value(type(), bound.bytes));
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

}  // namespace tidemill::tables::statements
