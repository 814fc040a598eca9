// SPDX-License-Identifier: Apache-2.0
// WHERE with the values of one execution: keys, token range, clustering ranges, filters.
#include <fmt/format.h>

#include <algorithm>

#include <limits>
#include "tables/embedded/index_entries.h"

#include "tables/statements/restrictions.h"

namespace tidemill::tables::statements {
namespace {

// A cartesian product of key values larger than this is a mistake or an attack.
constexpr std::size_t kCombinationsMax = 100'000;
constexpr std::size_t kCombinationBytesMax = 64U << 20;

Outcome<BytesView> key_value(const TermValue& value, std::string_view column) {
  if (value.is_null())
    return invalid(fmt::format("Invalid null value in condition for column {}", column));
  if (value.is_unset()) return invalid(fmt::format("Invalid unset value for column {}", column));
  return value.bytes();
}

using Combination = std::vector<Bytes>;

std::size_t bytes_of(std::span<const Bytes> values) {
  std::size_t bytes = 0;
  for (const Bytes& value : values) bytes += value.size();
  return bytes;
}

Outcome<std::vector<Combination>> combinations(const std::vector<KeyValues>& keys,
                                               const Evaluation& at) {
  std::vector<Combination> out(1);
  std::size_t combination_bytes = 0;
  for (const KeyValues& key : keys) {
    std::vector<Bytes> values = TRY(evaluate_list(key.values, at, key.column->name));
    if (key.is_in) {
      // Cassandra answers in the order of the key values, whatever their tokens.
      const Type& type = key.column->type;
      std::ranges::sort(values, [&](const Bytes& a, const Bytes& b) {
        return wire::cql::compare_values(type, a, b) < 0;
      });
      const auto repeats = std::ranges::unique(values);
      values.erase(repeats.begin(), repeats.end());
    }
    if (out.size() * values.size() > kCombinationsMax) {
      return invalid(fmt::format("IN restrictions give more than {} combinations of key values",
                                 kCombinationsMax));
    }
    // Every old combination times, every new value times.
    combination_bytes = combination_bytes * values.size() + bytes_of(values) * out.size();
    if (combination_bytes > kCombinationBytesMax) {
      return invalid(fmt::format("IN restrictions give more than {} bytes of key values",
                                 kCombinationBytesMax));
    }
    std::vector<Combination> next;
    next.reserve(out.size() * values.size());
    for (const Combination& combination : out) {
      for (const Bytes& value : values) {
        next.push_back(combination);
        next.back().push_back(value);
      }
    }
    out = std::move(next);
  }
  return out;
}

std::vector<BytesView> views(const Combination& values) {
  return {values.begin(), values.end()};
}

}  // namespace

Outcome<std::vector<Bytes>> evaluate_list(const ValueList& list, const Evaluation& at,
                                          std::string_view column) {
  std::vector<Bytes> out;
  if (list.list) {
    const TermValue whole = TRY(list.list->evaluate(at));
    const BytesView bytes = TRY(key_value(whole, column));
    for (const BytesView element : TRY(wire::cql::decode_elements(bytes, false))) {
      out.emplace_back(element.begin(), element.end());
    }
    return out;
  }
  for (const TermPtr& term : list.terms) {
    TermValue value = TRY(term->evaluate(at));
    TRY(key_value(value, column));
    out.push_back(std::move(value).take());
  }
  return out;
}

Outcome<std::vector<Bytes>> Restrictions::partition_keys(const Parameters& parameters) const {
  const Evaluation at{parameters};
  std::vector<Bytes> out;
  // The usual case copies no values: one key, all of it by equality.
  if (!partition_has_in) {
    std::vector<TermValue> values;
    std::vector<BytesView> components;
    values.reserve(partition.size());
    for (const KeyValues& key : partition) {
      values.push_back(TRY(key.values.terms[0]->evaluate(at)));
      components.push_back(TRY(key_value(values.back(), key.column->name)));
    }
    out.push_back(TRY(embedded::encode_partition_key(*table, components)));
    return out;
  }
  for (const Combination& combination : TRY(combinations(partition, at))) {
    out.push_back(TRY(embedded::encode_partition_key(*table, views(combination))));
  }
  return out;
}

Outcome<std::optional<embedded::TokenRange>> Restrictions::tokens(
    const Parameters& parameters) const {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const Evaluation at{parameters};
  embedded::TokenRange range;
  const auto value_of = [&](const TokenBound& bound) -> Outcome<std::int64_t> {
    const TermValue value = TRY(bound.value->evaluate(at));
    return wire::cql::decode_integer(TRY(key_value(value, "partition key token")));
  };
  if (token_lower) {
    range.start = TRY(value_of(*token_lower));
    if (!token_lower->inclusive) {
      if (range.start == kMax) return std::optional<embedded::TokenRange>{};
      ++range.start;
    }
  }
  if (token_upper) {
    range.end = TRY(value_of(*token_upper));
    // The smallest token as an upper bound means "to the end of the ring".
    if (range.end == kMin) {
      range.end = kMax;
    } else if (!token_upper->inclusive) {
      --range.end;
    }
  }
  if (range.start > range.end) return std::optional<embedded::TokenRange>{};
  return std::optional<embedded::TokenRange>{range};
}

Outcome<Restrictions::Ranges> Restrictions::ranges(const Parameters& parameters) const {
  const Evaluation at{parameters};
  Ranges out;
  if (clustering.empty() && tuple_columns == 0 && !has_slice()) {
    out.everything = true;
    return out;
  }
  std::vector<Combination> prefixes = TRY(combinations(clustering, at));
  if (tuple_columns > 0) {
    std::vector<Combination> tuple_values;
    for (const auto& terms : tuples) {
      Combination values;
      for (std::size_t i = 0; i < terms.size(); ++i) {
        TermValue value = TRY(terms[i]->evaluate(at));
        TRY(key_value(value, table->clustering()[clustering.size() + i].name));
        values.push_back(std::move(value).take());
      }
      tuple_values.push_back(std::move(values));
    }
    if (tuple_markers.list) {
      for (const Bytes& tuple : TRY(evaluate_list(tuple_markers, at, "in"))) {
        Combination values;
        for (const auto& field : TRY(wire::cql::decode_fields(tuple, tuple_columns))) {
          if (!field) return invalid("Invalid null value in condition for a clustering column");
          values.emplace_back(field->begin(), field->end());
        }
        tuple_values.push_back(std::move(values));
      }
    }
    if (prefixes.size() * tuple_values.size() > kCombinationsMax) {
      return invalid(fmt::format("IN restrictions give more than {} combinations of key values",
                                 kCombinationsMax));
    }
    std::vector<Combination> joined;
    for (const Combination& prefix : prefixes) {
      for (const Combination& values : tuple_values) {
        joined.push_back(prefix);
        joined.back().insert(joined.back().end(), values.begin(), values.end());
      }
    }
    prefixes = std::move(joined);
  }
  std::vector<TermValue> bound_values;
  bound_values.reserve(16);
  const auto bound_of = [&](const std::optional<SliceBound>& side)
      -> Outcome<std::optional<embedded::ClusteringBound>> {
    if (!side) return std::optional<embedded::ClusteringBound>{};
    embedded::ClusteringBound bound;
    bound.inclusive = side->inclusive;
    for (std::size_t i = 0; i < side->terms.size(); ++i) {
      bound_values.push_back(TRY(side->terms[i]->evaluate(at)));
      bound.values.push_back(
          TRY(key_value(bound_values.back(), table->clustering()[clustering.size() + i].name)));
    }
    return std::optional<embedded::ClusteringBound>{std::move(bound)};
  };
  const auto low = TRY(bound_of(lower));
  const auto high = TRY(bound_of(upper));
  for (const Combination& prefix : prefixes) {
    auto part = TRY(embedded::clustering_ranges(*table, views(prefix), low, high));
    for (auto& range : part) {
      if (!range.is_empty()) out.ranges.push_back(std::move(range));
    }
  }
  if (out.ranges.size() > 1) embedded::normalize_ranges(out.ranges);
  return out;
}

bool Restrictions::has_clustering_in() const {
  return tuples.size() > 1 || tuple_markers.list || !tuple_markers.terms.empty() ||
         std::ranges::any_of(clustering, &KeyValues::is_in);
}

Outcome<std::optional<embedded::IndexLookup>> Restrictions::lookup(
    const Parameters& parameters) const {
  using Lookup = std::optional<embedded::IndexLookup>;
  if (!index) return Lookup();
  const auto found = std::ranges::find(table->indexes, index->index, &Index::name);
  if (found == table->indexes.end()) return Lookup();
  const std::string& column = table->find(found->column)->name;
  const auto evaluate = [&](const TermPtr& term) -> Outcome<Bytes> {
    TermValue value = TRY(term->evaluate({parameters}));
    if (value.is_null())
      return invalid(fmt::format("Unsupported null value for column {}", column));
    if (value.is_unset())
      return invalid(fmt::format("Unsupported unset value for column {}", column));
    return std::move(value).take();
  };
  embedded::IndexLookup out{.index = index->index, .lower = {}, .upper = {}};
  for (const auto& [op, term] : index->relations) {
    const Bytes value = TRY(evaluate(term));
    const Bytes path = index->element ? TRY(evaluate(index->element)) : value;
    Bytes component = TRY(embedded::index_component(*table, *found, path, value));
    Bytes behind = embedded::prefix_end(component);
    switch (op) {
      case Operator::Greater:
        out.lower = std::move(behind);
        break;
      case Operator::GreaterOrEqual:
        out.lower = std::move(component);
        break;
      case Operator::Less:
        out.upper = std::move(component);
        break;
      case Operator::LessOrEqual:
        out.upper = std::move(behind);
        break;
      default:
        out.lower = std::move(component);
        out.upper = std::move(behind);
        break;
    }
  }
  return Lookup(std::move(out));
}

Outcome<std::vector<ActiveFilter>> Restrictions::active_filters(
    const Parameters& parameters) const {
  const Evaluation at{parameters};
  std::vector<ActiveFilter> out;
  for (const Filter& filter : filters) {
    ActiveFilter active{&filter, {}, {}};
    const auto checked = [&](const TermValue& value) -> Outcome<> {
      if (value.is_null())
        return invalid(fmt::format("Unsupported null value for column {}", filter.column->name));
      if (value.is_unset())
        return invalid(fmt::format("Unsupported unset value for column {}", filter.column->name));
      return {};
    };
    if (filter.element) {
      TermValue element = TRY(filter.element->evaluate(at));
      TRY(checked(element));
      active.element = std::move(element).take();
    }
    if (filter.values.list) {
      active.values = TRY(evaluate_list(filter.values, at, filter.column->name));
    }
    for (const TermPtr& term : filter.values.terms) {
      TermValue value = TRY(term->evaluate(at));
      TRY(checked(value));
      active.values.push_back(std::move(value).take());
    }
    out.push_back(std::move(active));
  }
  return out;
}

bool compares(Operator op, const Type& type, BytesView value, const std::vector<Bytes>& against) {
  if (op == Operator::In) {
    return std::ranges::any_of(against, [&](const Bytes& one) {
      return wire::cql::compare_values(type, value, one) == 0;
    });
  }
  const int order = wire::cql::compare_values(type, value, against[0]);
  switch (op) {
    case Operator::Equal:
      return order == 0;
    case Operator::NotEqual:
      return order != 0;
    case Operator::Less:
      return order < 0;
    case Operator::LessOrEqual:
      return order <= 0;
    case Operator::Greater:
      return order > 0;
    case Operator::GreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

namespace {

bool passes_one(const ActiveFilter& active, const RowCells& row) {
  const Filter& filter = *active.filter;
  const auto& cell = row.values[filter.slot];
  if (!cell) return false;
  const Type& type = filter.column->type;
  const bool contains = filter.op == Operator::Contains || filter.op == Operator::ContainsKey;
  if (!contains && !active.element) return compares(filter.op, filter.type, *cell, active.values);
  const bool is_map = type.kind == Kind::Map;
  const auto elements = wire::cql::decode_elements(*cell, is_map);
  if (!elements.ok()) return false;
  const std::size_t step = is_map ? 2 : 1;
  const std::size_t offset = is_map && filter.op == Operator::Contains ? 1 : 0;
  for (std::size_t i = 0; i + step <= elements->size(); i += step) {
    if (contains) {
      if (wire::cql::compare_values(filter.type, (*elements)[i + offset], active.values[0]) == 0)
        return true;
    } else if (wire::cql::compare_values(type.element(0), (*elements)[i], *active.element) == 0) {
      return compares(filter.op, filter.type, (*elements)[i + 1], active.values);
    }
  }
  return false;
}

}  // namespace

bool passes(const std::vector<ActiveFilter>& filters, const RowCells& row) {
  return std::ranges::all_of(filters,
                             [&](const ActiveFilter& filter) { return passes_one(filter, row); });
}

}  // namespace tidemill::tables::statements
