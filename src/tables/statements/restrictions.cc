// SPDX-License-Identifier: Apache-2.0
// Checking WHERE. What it means for one execution is in restriction_values.cc.
#include "tables/statements/restrictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tidemill::tables::statements {
namespace {

constexpr std::string_view kNeedsFiltering =
    "Cannot execute this query as it might involve data filtering and thus may have unpredictable "
    "performance. "
    "If you want to execute this query despite the performance unpredictability, use ALLOW "
    "FILTERING";

bool is_lower(Operator op) {
  return op == Operator::Greater || op == Operator::GreaterOrEqual;
}
bool is_inclusive(Operator op) {
  return op == Operator::GreaterOrEqual || op == Operator::LessOrEqual;
}

class WhereCompiler {
 public:
  WhereCompiler(Compilation& with, const WhereRules& rules)
      : with_(with), rules_(rules), allow_filtering_(rules.allow_filtering) {
    out_.table = with.shared_table();
  }

  Outcome<Restrictions> all(const std::vector<Relation>& where) {
    for (const Relation& relation : where) TRY(check(relation));
    TRY(choose_index());
    TRY(partition_key());
    TRY(clustering());
    TRY(others());
    return std::move(out_);
  }

 private:
  struct OfColumn {
    const Column* column = nullptr;
    std::vector<const Relation*> relations;
    bool used = false;
  };

  Outcome<> check(const Relation& relation) {
    if (relation.value && has_aggregate(*relation.value)) {
      return invalid("Aggregation function are not supported in the where clause");
    }
    if (relation.op == Operator::NotEqual || relation.op == Operator::NotIn) {
      return invalid(
          fmt::format("Unsupported \"{}\" relation: {}", symbol_of(relation.op), relation.source));
    }
    if (relation.form == Relation::Form::Token) return token(relation);
    for (const std::string& name : relation.columns) {
      const Column* column = TRY(with_.column(name));
      if (relation.form == Relation::Form::Tuple) {
        if (column->kind != ColumnKind::Clustering) {
          return invalid(
              fmt::format("Multi-column relations can only be applied to clustering columns but "
                          "was applied to: {}",
                          name));
        }
        continue;
      }
      if (relation.op == Operator::Like) {
        return invalid(fmt::format(
            "LIKE restriction is only supported on properly indexed columns. {} is not valid.",
            relation.source));
      }
      if (relation.op == Operator::IsNotNull) {
        return invalid(fmt::format("Unsupported restriction: {}", relation.source));
      }
      TRY(collection_rules(relation, *column));
      OfColumn& known = columns_[name];
      known.column = column;
      known.relations.push_back(&relation);
      TRY(conflicts(known, relation));
    }
    if (relation.form == Relation::Form::Tuple) tuples_.push_back(&relation);
    return {};
  }

  // The index that answers a relation, if there is one.
  const Index* serving(const Column& column, const Relation& relation) const {
    const auto serves = [&](const Index& index) {
      if (index.column != column.id || !index.is_built) return false;
      const bool of_column = relation.form == Relation::Form::Column;
      switch (index.target) {
        case Index::Target::Value:
          return of_column &&
                 (relation.op == Operator::Equal ||
                  (index.kind == "CUSTOM" && is_slice(relation.op) && !column.type.is_text()));
        case Index::Target::Values:
          return relation.op == Operator::Contains;
        case Index::Target::Keys:
          return relation.op == Operator::ContainsKey;
        case Index::Target::Entries:
          return relation.form == Relation::Form::Element && relation.op == Operator::Equal;
      }
      return false;
    };
    const auto& indexes = with_.table().indexes;
    const auto at = std::ranges::find_if(indexes, serves);
    return at == indexes.end() ? nullptr : &*at;
  }

  // One relation beside the key is answered by its index; storage-attached ones work together.
  Outcome<> choose_index() {
    const Table& table = with_.table();
    if (rules_.purpose != WherePurpose::Select || table.indexes.empty()) return {};
    const bool whole_partition =
        !out_.has_token() && std::ranges::all_of(table.partition_key(), [&](const Column& column) {
          const auto at = columns_.find(column.name);
          return at != columns_.end() && has_key_relation(at->second);
        });
    std::size_t counted = whole_partition ? 0 : tuples_.size();
    bool all_attached = counted == 0;
    const OfColumn* chosen = nullptr;
    const Index* index = nullptr;
    for (const auto& [name, known] : columns_) {
      const bool is_key = known.column->kind == ColumnKind::PartitionKey ||
                          known.column->kind == ColumnKind::Clustering;
      if (whole_partition && is_key) continue;
      for (const Relation* relation : known.relations) {
        ++counted;
        const Index* serves = serving(*known.column, *relation);
        all_attached = all_attached && serves != nullptr && serves->kind == "CUSTOM";
        // Equality names fewer rows than a range.
        if (serves == nullptr || (index != nullptr && is_slice(relation->op))) continue;
        chosen = &known;
        index = serves;
      }
    }
    if (index == nullptr || (counted > 1 && !all_attached && !allow_filtering_)) return {};
    allow_filtering_ = true;
    out_.uses_index = true;
    return whole_partition ? check_no_in() : use(*index, *chosen);
  }

  Outcome<> check_no_in() const {
    for (const Column& column : with_.table().partition_key()) {
      if (columns_.at(column.name).relations[0]->op == Operator::In) {
        return invalid(
            "Select on indexed columns and with IN clause for the PRIMARY KEY are not supported");
      }
    }
    return {};
  }

  Outcome<> use(const Index& index, const OfColumn& of) {
    const Type& type = of.column->type;
    IndexUse use{.index = index.name};
    for (const Relation* relation : of.relations) {
      if (serving(*of.column, *relation) != &index) continue;
      const bool slice = is_slice(relation->op);
      if (!use.relations.empty() && !slice) continue;
      Type compared = type;
      if (index.target == Index::Target::Keys) compared = type.element(0);
      if (index.target == Index::Target::Values || index.target == Index::Target::Entries)
        compared = type.element(type.kind == Kind::Map ? 1 : 0);
      if (relation->element) {
        use.element = TRY(with_.term(
            *relation->element, with_.receiver("key(" + of.column->name + ")", type.element(0))));
      }
      use.relations.emplace_back(
          slice ? relation->op : Operator::Equal,
          TRY(with_.term(*relation->value, with_.receiver(of.column->name, compared))));
    }
    out_.index = std::move(use);
    return {};
  }

  Outcome<> collection_rules(const Relation& relation, const Column& column) {
    const bool contains = relation.op == Operator::Contains || relation.op == Operator::ContainsKey;
    if (contains && !column.type.is_collection()) {
      return invalid(fmt::format("Cannot use {} on non-collection column {}",
                                 symbol_of(relation.op), column.name));
    }
    if (relation.op == Operator::ContainsKey && column.type.kind != Kind::Map) {
      return invalid(fmt::format("Cannot use CONTAINS KEY on non-map column {}", column.name));
    }
    if (relation.form == Relation::Form::Element) {
      if (column.type.kind != Kind::Map) {
        return invalid(fmt::format("Column {} cannot be used as a map", column.name));
      }
      return {};
    }
    if (!contains && column.type.is_multi_cell()) {
      return invalid(
          fmt::format("Collection column '{}' ({}) cannot be restricted by a '{}' relation",
                      column.name, to_string(column.type), symbol_of(relation.op)));
    }
    if (is_slice(relation.op) && column.type.kind == Kind::Duration) {
      return invalid("Slice restrictions are not supported on duration columns");
    }
    return {};
  }

  // Two relations of one column go together only as the two bounds of a range.
  Outcome<> conflicts(const OfColumn& known, const Relation& added) {
    if (known.relations.size() < 2) return {};
    bool lower = false;
    bool upper = false;
    for (const Relation* relation : known.relations) {
      if (relation->op == Operator::Contains || relation->op == Operator::ContainsKey ||
          relation->form == Relation::Form::Element) {
        continue;
      }
      if (relation->op == Operator::Equal || relation->op == Operator::In) {
        return invalid(
            fmt::format("{} cannot be restricted by more than one relation if it includes an {}",
                        known.column->name, relation->op == Operator::In ? "IN" : "Equal"));
      }
      bool& bound = is_lower(relation->op) ? lower : upper;
      if (bound) {
        return invalid(fmt::format("More than one restriction was found for the {} bound on {}",
                                   is_lower(added.op) ? "start" : "end", known.column->name));
      }
      bound = true;
    }
    return {};
  }

  Outcome<> token(const Relation& relation) {
    const auto key = with_.table().partition_key();
    bool same = relation.columns.size() == key.size();
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      TRY(with_.column(relation.columns[i]));
      same = same && relation.columns[i] == key[i].name;
    }
    if (!same) {
      const bool reordered = relation.columns.size() == key.size() &&
                             std::ranges::all_of(relation.columns, [&](const std::string& name) {
                               return std::ranges::find(key, name, &Column::name) != key.end();
                             });
      return invalid(reordered ? "The token function arguments must be in the partition key order"
                               : "The token() function must be applied to all partition key "
                                 "components or none of them");
    }
    if (relation.op != Operator::Equal && !is_slice(relation.op)) {
      return invalid(
          fmt::format("{} cannot be used with the token function", symbol_of(relation.op)));
    }
    const auto bound = [&](std::optional<TokenBound>& side, std::string_view name) -> Outcome<> {
      if (side)
        return invalid(fmt::format("More than one restriction was found for the {} bound on {}",
                                   name, key[0].name));
      side = TokenBound{TRY(with_.term(*relation.value, with_.receiver("partition key token",
                                                                       Type::of(Kind::Bigint)))),
                        relation.op == Operator::Equal || is_inclusive(relation.op)};
      return {};
    };
    if (relation.op == Operator::Equal || is_lower(relation.op))
      TRY(bound(out_.token_lower, "start"));
    if (relation.op == Operator::Equal || !is_lower(relation.op))
      TRY(bound(out_.token_upper, "end"));
    return {};
  }

  Outcome<ValueList> value_list(const Relation& relation, const std::string& name,
                                const Type& type) {
    ValueList list;
    if (relation.op == Operator::In && !relation.value_is_list) {
      list.list =
          TRY(with_.term(*relation.value, with_.receiver("in(" + name + ")", Type::list(type))));
      return list;
    }
    if (relation.op == Operator::In) {
      for (const Expression& value : relation.value->arguments) {
        list.terms.push_back(TRY(with_.term(value, with_.receiver(name, type))));
      }
      return list;
    }
    list.terms.push_back(TRY(with_.term(*relation.value, with_.receiver(name, type))));
    return list;
  }

  Outcome<> key_values(const Column& column, const Relation& relation,
                       std::vector<KeyValues>& out) {
    KeyValues values;
    values.column = with_.table().find(column.name);
    values.is_in = relation.op == Operator::In;
    values.values = TRY(value_list(relation, column.name, column.type));
    for (const TermPtr& term : values.values.terms) {
      if (term->is_null_literal()) {
        return invalid(fmt::format("Invalid null value in condition for column {}", column.name));
      }
    }
    out.push_back(std::move(values));
    return {};
  }

  static bool has_key_relation(const OfColumn& known) {
    return known.relations.size() == 1 && known.relations[0]->form == Relation::Form::Column &&
           (known.relations[0]->op == Operator::Equal || known.relations[0]->op == Operator::In);
  }

  Outcome<> partition_key() {
    const auto key = with_.table().partition_key();
    std::vector<std::string> missing;
    bool other_relation = false;
    bool any = false;
    for (const Column& column : key) {
      const auto at = columns_.find(column.name);
      if (at == columns_.end()) {
        missing.push_back(column.name);
        continue;
      }
      any = true;
      if (!has_key_relation(at->second)) other_relation = true;
    }
    if (rules_.purpose != WherePurpose::Select) {
      if (out_.has_token()) {
        return invalid(fmt::format(
            "The token function cannot be used in WHERE clauses for {} statements", purpose()));
      }
      if (other_relation) {
        return invalid(fmt::format(
            "Only EQ and IN relation are supported on the partition key (unless you use the "
            "token() function) for {} statements",
            purpose()));
      }
      if (!missing.empty()) {
        return invalid(
            fmt::format("Some partition key parts are missing: {}", fmt::join(missing, ", ")));
      }
    }
    if (missing.empty() && !other_relation && !out_.has_token()) {
      for (const Column& column : key) {
        OfColumn& known = columns_[column.name];
        known.used = true;
        TRY(key_values(column, *known.relations[0], out_.partition));
        out_.partition_has_in = out_.partition_has_in || out_.partition.back().is_in;
      }
      return {};
    }
    // token() beside the whole key: the key is checked on the rows.
    if (any && !allow_filtering_ && !(out_.has_token() && missing.empty() && !other_relation)) {
      return invalid(std::string(kNeedsFiltering));
    }
    return {};
  }

  std::string_view purpose() const {
    return rules_.purpose == WherePurpose::Update ? "UPDATE" : "DELETE";
  }

  // Takes the longest usable prefix of the clustering columns.
  Outcome<> clustering() {
    const auto columns = with_.table().clustering();
    std::size_t at = 0;
    bool sliced = false;
    const Column* slice_column = nullptr;
    const Column* first_gap = nullptr;
    for (; at < columns.size(); ++at) {
      const Column& column = columns[at];
      const auto found = columns_.find(column.name);
      if (found == columns_.end()) {
        TRY(tuple_relations(at, sliced));
        if (sliced) {
          slice_column = &column;
          break;
        }
        if (!tuple_equal_.empty()) {
          at += tuple_equal_.size() - 1;
          tuple_equal_.clear();
          continue;
        }
        if (out_.tuple_columns > 0) {
          at += out_.tuple_columns;
        } else {
          first_gap = &column;
        }
        break;
      }
      OfColumn& known = found->second;
      const bool plain = std::ranges::all_of(known.relations, [](const Relation* relation) {
        return relation->form == Relation::Form::Column;
      });
      const bool contains = std::ranges::any_of(known.relations, [](const Relation* relation) {
        return relation->op == Operator::Contains || relation->op == Operator::ContainsKey;
      });
      if (!plain || contains) {
        first_gap = &column;
        break;
      }
      if (has_key_relation(known)) {
        known.used = true;
        TRY(key_values(column, *known.relations[0], out_.clustering));
        continue;
      }
      known.used = true;
      for (const Relation* relation : known.relations) TRY(slice({column.name}, *relation));
      TRY(tuple_relations(at, sliced));
      sliced = true;
      slice_column = &column;
      break;
    }
    TRY(check_rest(columns, slice_column, first_gap));
    if (rules_.purpose != WherePurpose::Select) TRY(check_modification(columns));
    out_.restricts_clustering = out_.restricts_clustering || !out_.clustering.empty() ||
                                out_.has_slice() || out_.tuple_columns > 0;
    return {};
  }

  Outcome<> slice(const std::vector<std::string>& names, const Relation& relation) {
    std::optional<SliceBound>& side = is_lower(relation.op) ? out_.lower : out_.upper;
    if (side) {
      return invalid(fmt::format("More than one restriction was found for the {} bound on {}",
                                 is_lower(relation.op) ? "start" : "end", fmt::join(names, ", ")));
    }
    SliceBound bound;
    bound.inclusive = is_inclusive(relation.op);
    if (names.size() == 1 && relation.form == Relation::Form::Column) {
      const Column* column = TRY(with_.column(names[0]));
      bound.terms.push_back(TRY(with_.term(*relation.value, with_.receiver(*column))));
    } else {
      bound.terms = TRY(tuple_terms(relation, *relation.value));
    }
    for (std::size_t i = 0; i < bound.terms.size(); ++i) {
      if (bound.terms[i]->is_null_literal()) {
        return invalid(fmt::format("Invalid null value in condition for column {}", names[i]));
      }
    }
    side = std::move(bound);
    return {};
  }

  Outcome<std::vector<TermPtr>> tuple_terms(const Relation& relation, const Expression& value) {
    if (value.kind != Expression::Kind::Tuple) {
      return invalid(
          fmt::format("Invalid tuple value for {}: use a written tuple", relation.source));
    }
    if (value.arguments.size() != relation.columns.size()) {
      return invalid(fmt::format("Expected {} elements in value tuple, but got {}: {}",
                                 relation.columns.size(), value.arguments.size(), value.source));
    }
    std::vector<TermPtr> terms;
    for (std::size_t i = 0; i < value.arguments.size(); ++i) {
      const Column* column = TRY(with_.column(relation.columns[i]));
      terms.push_back(TRY(with_.term(value.arguments[i], with_.receiver(*column))));
    }
    return terms;
  }

  // Tuple relations that begin at clustering column `at`.
  Outcome<> tuple_relations(std::size_t at, bool& sliced) {
    const auto columns = with_.table().clustering();
    for (const Relation* relation : tuples_) {
      bool consecutive = at + relation->columns.size() <= columns.size();
      for (std::size_t i = 0; consecutive && i < relation->columns.size(); ++i) {
        consecutive = relation->columns[i] == columns[at + i].name;
      }
      if (!consecutive) {
        return invalid(fmt::format(
            "Clustering columns must appear in the PRIMARY KEY order in multi-column relations: {}",
            relation->source));
      }
      if (relation->op == Operator::Equal) {
        auto terms = TRY(tuple_terms(*relation, *relation->value));
        for (std::size_t i = 0; i < terms.size(); ++i) {
          KeyValues values{.column = &columns[at + i]};
          values.values.terms.push_back(std::move(terms[i]));
          out_.clustering.push_back(std::move(values));
          tuple_equal_.push_back(relation->columns[i]);
        }
      } else if (relation->op == Operator::In) {
        out_.tuple_columns = relation->columns.size();
        if (!relation->value_is_list) {
          std::vector<Type> types;
          for (std::size_t i = 0; i < out_.tuple_columns; ++i)
            types.push_back(columns[at + i].type);
          out_.tuple_markers.list = TRY(
              with_.term(*relation->value,
                         with_.receiver(fmt::format("in({})", fmt::join(relation->columns, ",")),
                                        Type::list(Type::tuple(types)))));
        } else {
          for (const Expression& value : relation->value->arguments) {
            out_.tuples.push_back(TRY(tuple_terms(*relation, value)));
          }
        }
      } else {
        TRY(slice(relation->columns, *relation));
        sliced = true;
      }
    }
    tuples_.clear();
    return {};
  }

  // Clustering columns behind the usable prefix can only be filtered.
  Outcome<> check_rest(std::span<const Column> columns, const Column* slice_column,
                       const Column* gap) {
    for (const Column& column : columns) {
      const auto found = columns_.find(column.name);
      if (found == columns_.end() || found->second.used) continue;
      out_.restricts_clustering = true;
      if (allow_filtering_) continue;
      if (rules_.purpose == WherePurpose::Select && out_.partition.empty())
        return invalid(std::string(kNeedsFiltering));
      if (slice_column != nullptr) {
        return invalid(
            fmt::format("Clustering column \"{}\" cannot be restricted (preceding column \"{}\" is "
                        "restricted by a non-EQ relation)",
                        column.name, slice_column->name));
      }
      if (gap != nullptr && gap->name != column.name) {
        return invalid(
            fmt::format("PRIMARY KEY column \"{}\" cannot be restricted as preceding column \"{}\" "
                        "is not restricted",
                        column.name, gap->name));
      }
      return invalid(std::string(kNeedsFiltering));
    }
    if (!tuples_.empty()) {
      return invalid(
          fmt::format("PRIMARY KEY column \"{}\" cannot be restricted as preceding column \"{}\" "
                      "is not restricted",
                      tuples_[0]->columns[0], gap ? gap->name : ""));
    }
    const bool restricted = !out_.clustering.empty() || out_.has_slice() || out_.tuple_columns > 0;
    if (rules_.purpose == WherePurpose::Select && restricted && out_.partition.empty() &&
        !allow_filtering_) {
      return invalid(std::string(kNeedsFiltering));
    }
    return {};
  }

  Outcome<> check_modification(std::span<const Column> columns) {
    if (rules_.purpose != WherePurpose::Update) return {};
    if (out_.has_slice()) {
      return invalid(
          "Slice restrictions are not supported on the clustering columns in UPDATE statements");
    }
    if (rules_.only_static_columns && out_.clustering.empty()) return {};
    std::vector<std::string> missing;
    for (std::size_t i = out_.clustering.size() + out_.tuple_columns; i < columns.size(); ++i) {
      missing.push_back(columns[i].name);
    }
    if (!missing.empty())
      return invalid(fmt::format("Some clustering keys are missing: {}", fmt::join(missing, ", ")));
    return {};
  }

  // What is left becomes filters.
  Outcome<> others() {
    std::vector<std::string> regular;
    for (auto& [name, known] : columns_) {
      const bool key = known.column->kind == ColumnKind::PartitionKey ||
                       known.column->kind == ColumnKind::Clustering;
      if (known.used) continue;
      if (!key) regular.push_back(name);
      if (rules_.purpose != WherePurpose::Select) continue;
      if (!key && !allow_filtering_) return invalid(std::string(kNeedsFiltering));
      for (const Relation* relation : known.relations) TRY(filter(*known.column, *relation));
    }
    if (rules_.purpose != WherePurpose::Select && !regular.empty()) {
      return invalid(fmt::format("Non PRIMARY KEY columns found in where clause: {}",
                                 fmt::join(regular, ", ")));
    }
    return {};
  }

  Outcome<> filter(const Column& column, const Relation& relation) {
    Filter filter;
    filter.column = with_.table().find(column.name);
    filter.slot = with_.slot_of(column);
    filter.op = relation.op;
    filter.type = column.type;
    std::string name = column.name;
    if (relation.element) {
      filter.element = TRY(with_.term(*relation.element,
                                      with_.receiver("key(" + name + ")", column.type.element(0))));
      filter.type = column.type.element(1);
      name = "value(" + name + ")";
    } else if (relation.op == Operator::Contains) {
      filter.type = column.type.element(column.type.kind == Kind::Map ? 1 : 0);
      name = "value(" + name + ")";
    } else if (relation.op == Operator::ContainsKey) {
      filter.type = column.type.element(0);
      name = "key(" + name + ")";
    }
    filter.values = TRY(value_list(relation, name, filter.type));
    for (const TermPtr& term : filter.values.terms) {
      if (term->is_null_literal()) {
        const bool key =
            column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering;
        return invalid(
            fmt::format(fmt::runtime(key ? "Invalid null value in condition for column {}"
                                         : "Unsupported null value for column {}"),
                        column.name));
      }
    }
    out_.filters.push_back(std::move(filter));
    return {};
  }

  Compilation& with_;
  const WhereRules& rules_;
  bool allow_filtering_;
  Restrictions out_;
  std::map<std::string, OfColumn> columns_;
  std::vector<const Relation*> tuples_;
  std::vector<std::string> tuple_equal_;
};

}  // namespace

Outcome<Restrictions> compile_where(const std::vector<Relation>& where, Compilation& with,
                                    const WhereRules& rules) {
  return WhereCompiler(with, rules).all(where);
}

}  // namespace tidemill::tables::statements
