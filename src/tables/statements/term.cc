// SPDX-License-Identifier: Apache-2.0
// Compilation's own members: names, types, matching, markers. Building nodes is in
// term_compiler.cc.
#include "tables/statements/term.h"

#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/functions.h"

namespace tidemill::tables::statements {

using EKind = Expression::Kind;

Compilation::Compilation(std::shared_ptr<const Schema> schema, std::string keyspace,
                         std::shared_ptr<const Table> table,
                         const std::vector<std::string>& marker_names)
    : schema_(std::move(schema)),
      keyspace_(std::move(keyspace)),
      table_(std::move(table)),
      marker_names_(marker_names),
      marker_specs_(marker_names.size()) {}

ColumnSpec Compilation::receiver(const Column& column) const {
  return {table_->keyspace, table_->name, column.name, column.type};
}
ColumnSpec Compilation::receiver(std::string name, Type type) const {
  return {table_ ? table_->keyspace : keyspace_, table_ ? table_->name : std::string(),
          std::move(name), std::move(type)};
}

Outcome<const Column*> Compilation::column(std::string_view name) const {
  if (const Column* found = table_->find(name)) return found;
  return invalid(
      fmt::format("Undefined column name {} in table {}.{}", name, table_->keyspace, table_->name));
}

std::size_t Compilation::slot_of(const Column& column) {
  const auto at =
      std::ranges::find_if(slots_, [&](const Column* known) { return known->name == column.name; });
  if (at != slots_.end()) return static_cast<std::size_t>(at - slots_.begin());
  slots_.push_back(table_->find(column.name));
  return slots_.size() - 1;
}

Outcome<Type> Compilation::resolve(const RawType& raw) const {
  const std::string& name = raw.name.name;
  if (raw.arguments.empty()) {
    if (!raw.quoted && raw.name.keyspace.empty()) {
      auto scalar = wire::cql::scalar_type(name);
      if (scalar.ok()) return *std::move(scalar);
    }
    const std::string& keyspace = raw.name.keyspace.empty() ? keyspace_ : raw.name.keyspace;
    if (const auto types = schema_->find_keyspace(keyspace)) {
      const auto at = types->types.find(name);
      if (at != types->types.end()) return at->second->type;
    }
    return invalid(fmt::format("Unknown type {}.{}", keyspace, name));
  }
  std::vector<Type> arguments;
  for (const RawType& argument : raw.arguments) arguments.push_back(TRY(resolve(argument)));
  const auto check_inside = [&](const Type& whole) -> Outcome<Type> {
    for (const Type& argument : arguments) {
      if (argument.is_multi_cell()) {
        const bool udt = argument.kind == Kind::Udt;
        return invalid(fmt::format("Non-frozen {} are not allowed inside collections: {}",
                                   udt ? "UDTs" : "collections", to_string(whole)));
      }
      if (argument.kind == Kind::Counter) {
        return invalid(
            fmt::format("Counters are not allowed inside collections: {}", to_string(whole)));
      }
    }
    if (whole.kind == Kind::Set && arguments[0].kind == Kind::Duration) {
      return invalid(fmt::format("Durations are not allowed inside sets: {}", to_string(whole)));
    }
    if (whole.kind == Kind::Map && arguments[0].kind == Kind::Duration) {
      return invalid(fmt::format("Durations are not allowed as map keys: {}", to_string(whole)));
    }
    return whole;
  };
  if (name == "frozen" && arguments.size() == 1) return arguments[0].freeze();
  if (name == "list" && arguments.size() == 1) return check_inside(Type::list(arguments[0]));
  if (name == "set" && arguments.size() == 1) return check_inside(Type::set(arguments[0]));
  if (name == "map" && arguments.size() == 2) {
    return check_inside(Type::map(arguments[0], arguments[1]));
  }
  if (name == "tuple") return Type::tuple(std::move(arguments));
  if (name == "vector" && arguments.size() == 1 && raw.dimension > 0 && raw.dimension <= 8192) {
    return Type::vector(std::move(arguments[0]), raw.dimension);
  }
  return invalid(fmt::format("Unknown type {}", name));
}

namespace {

bool literal_fits(EKind literal, Kind type) {
  switch (literal) {
    case EKind::String:
      return type == Kind::Ascii || type == Kind::Text || type == Kind::Inet ||
             type == Kind::Date || type == Kind::Time || type == Kind::Timestamp;
    case EKind::Integer:
      return type == Kind::Bigint || type == Kind::Counter || type == Kind::Date ||
             type == Kind::Decimal || type == Kind::Double || type == Kind::Duration ||
             type == Kind::Float || type == Kind::Int || type == Kind::Smallint ||
             type == Kind::Time || type == Kind::Timestamp || type == Kind::Tinyint ||
             type == Kind::Varint;
    case EKind::Float:
      return type == Kind::Decimal || type == Kind::Double || type == Kind::Float;
    case EKind::Boolean:
      return type == Kind::Boolean;
    case EKind::Hex:
      return type == Kind::Blob;
    case EKind::Uuid:
      return type == Kind::Uuid || type == Kind::Timeuuid;
    case EKind::Duration:
      return type == Kind::Duration;
    default:
      return false;
  }
}

bool same_value_type(const Type& from, const Type& to) {
  if (from.unfrozen() == to.unfrozen()) return true;
  // A timeuuid is a uuid, ascii is text, and anything is a blob only through a function.
  return (from.kind == Kind::Timeuuid && to.kind == Kind::Uuid) ||
         (from.kind == Kind::Ascii && to.kind == Kind::Text);
}

}  // namespace

Compilation::Match Compilation::match(const Expression& expression, const Type& type) const {
  const auto all = [&](auto type_of) {
    Match worst = Match::Exact;
    for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
      worst = std::min(worst, match(expression.arguments[i], type_of(i)));
    }
    return worst;
  };
  const auto of_type = [&](const Type& own) {
    if (own.unfrozen() == type.unfrozen()) return Match::Exact;
    return same_value_type(own, type) ? Match::Weak : Match::No;
  };
  switch (expression.kind) {
    case EKind::Null:
    case EKind::Marker:
      return Match::Weak;
    case EKind::String:
    case EKind::Integer:
    case EKind::Float:
    case EKind::Boolean:
    case EKind::Hex:
    case EKind::Uuid:
    case EKind::Duration:
      return literal_fits(expression.kind, type.kind) ? Match::Weak : Match::No;
    case EKind::List:
      if (type.kind != Kind::List && type.kind != Kind::Vector) return Match::No;
      return all([&](std::size_t) -> const Type& { return type.element(); });
    case EKind::Set:
      if (expression.arguments.empty() && type.kind == Kind::Map) return Match::Weak;
      if (type.kind != Kind::Set) return Match::No;
      return all([&](std::size_t) -> const Type& { return type.element(); });
    case EKind::Map:
      if (type.kind != Kind::Map) return Match::No;
      return all([&](std::size_t i) -> const Type& { return type.element(i % 2); });
    case EKind::Udt:
      return type.kind == Kind::Udt ? Match::Weak : Match::No;
    case EKind::Tuple:
      if (type.kind != Kind::Tuple) {
        return expression.arguments.size() == 1 ? match(expression.arguments[0], type) : Match::No;
      }
      if (expression.arguments.size() > type.parts->elements.size()) return Match::No;
      return all([&](std::size_t i) -> const Type& { return type.element(i); });
    case EKind::Negate:
      return match(expression.arguments[0], type);
    case EKind::TypeHint:
    case EKind::Cast: {
      const auto own = resolve(expression.type);
      return own.ok() ? of_type(*own) : Match::No;
    }
    case EKind::CountRows:
      return of_type(Type::of(Kind::Bigint));
    case EKind::Column: {
      const Column* column = table_ ? table_->find(expression.text) : nullptr;
      return column ? of_type(column->type) : Match::No;
    }
    case EKind::Call:
    case EKind::Binary:
    case EKind::Field:
    case EKind::Element:
    case EKind::Slice: {
      Compilation scratch(schema_, keyspace_, table_, marker_names_);
      const auto compiled = scratch.selector(expression);
      return compiled.ok() ? of_type((*compiled)->type()) : Match::Weak;
    }
  }
  return Match::No;
}

Outcome<std::shared_ptr<const wire::cql::Metadata>> Compilation::markers() const {
  wire::cql::Metadata metadata;
  for (std::size_t i = 0; i < marker_specs_.size(); ++i) {
    if (!marker_specs_[i]) return invalid("Cannot infer the type of a bind marker");
    ColumnSpec spec = *marker_specs_[i];
    if (!marker_names_[i].empty()) spec.name = marker_names_[i];
    metadata.columns.push_back(std::move(spec));
  }
  return std::make_shared<const wire::cql::Metadata>(std::move(metadata));
}

std::vector<std::uint16_t> Compilation::partition_key_markers() const {
  // Only when each key column has a marker that is the column's own.
  std::vector<std::uint16_t> out;
  if (!table_) return out;
  for (const Column& column : table_->partition_key()) {
    const auto at = std::ranges::find_if(marker_specs_, [&](const auto& spec) {
      return spec && spec->name == column.name && spec->type == column.type;
    });
    if (at == marker_specs_.end()) return {};
    out.push_back(static_cast<std::uint16_t>(at - marker_specs_.begin()));
  }
  return out;
}

bool has_aggregate(const Expression& expression) {
  if (expression.kind == EKind::CountRows) return true;
  if (expression.kind == EKind::Call && is_aggregate_function(expression.name.name)) return true;
  return std::ranges::any_of(expression.arguments, has_aggregate);
}

std::string column_name_of(const Expression& expression) {
  const auto& arguments = expression.arguments;
  switch (expression.kind) {
    case EKind::Column:
      return expression.text;
    case EKind::CountRows:
      return "count";
    case EKind::Field:
      return column_name_of(arguments[0]) + "." + expression.text;
    case EKind::Element:
      return fmt::format("{}[{}]", column_name_of(arguments[0]), column_name_of(arguments[1]));
    case EKind::Slice: {
      const auto bound = [](const Expression& side) {
        return side.kind == EKind::Null ? std::string() : column_name_of(side);
      };
      return fmt::format("{}[{}..{}]", column_name_of(arguments[0]), bound(arguments[1]),
                         bound(arguments[2]));
    }
    case EKind::Cast:
      return fmt::format(
          "cast({} as {})", column_name_of(arguments[0]),
          expression.type.name.name == "varchar" ? "text" : expression.type.name.name);
    case EKind::TypeHint:
      return fmt::format("({}){}", expression.type.name.name, column_name_of(arguments[0]));
    case EKind::Binary:
      return fmt::format("{} {} {}", column_name_of(arguments[0]), expression.text,
                         column_name_of(arguments[1]));
    case EKind::Negate:
      return "-" + column_name_of(arguments[0]);
    case EKind::Call: {
      std::string inner;
      for (const Expression& argument : arguments) {
        if (!inner.empty()) inner += ", ";
        inner += column_name_of(argument);
      }
      const std::string& name = expression.name.name;
      if (name == "writetime" || name == "ttl" || name == "maxwritetime") {
        return fmt::format("{}({})", name, inner);
      }
      return fmt::format("{}.{}({})",
                         expression.name.keyspace.empty() ? "system" : expression.name.keyspace,
                         name, inner);
    }
    default:
      return expression.source;
  }
}

}  // namespace tidemill::tables::statements
