// SPDX-License-Identifier: Apache-2.0
// WHERE: which partitions, which rows of them, and what is left to be filtered.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tables/statements/term.h"

namespace tidemill::tables::statements {

// column = term, or one of several.
struct KeyValues {
  const Column* column = nullptr;
  bool is_in = false;
  ValueList values = {};
};

struct SliceBound {
  std::vector<TermPtr> terms = {};  // of consecutive clustering columns
  bool inclusive = false;
};

// A condition on one cell of a row that has been read.
struct Filter {
  const Column* column = nullptr;
  std::size_t slot = 0;
  Operator op = Operator::Equal;
  Type type;         // compared type: the column's, or its element's
  TermPtr element;   // column[element]
  ValueList values;  // IN
  TermPtr value;     // others
};

struct TokenBound {
  TermPtr value;
  bool inclusive = false;
};

// The filters with their values of one execution.
struct ActiveFilter {
  const Filter* filter = nullptr;
  Value element;
  std::vector<Bytes> values;
};

// The index whose entries name the rows: column op value, or column[element] = value.
struct IndexUse {
  std::string index;
  TermPtr element = {};
  std::vector<std::pair<Operator, TermPtr>> relations = {};  // one, or the bounds of a range
  bool is_range() const { return relations[0].first != Operator::Equal; }
};

struct Restrictions {
  std::shared_ptr<const Table> table;
  std::vector<KeyValues> partition;  // all of the partition key, or empty
  std::optional<TokenBound> token_lower;
  std::optional<TokenBound> token_upper;
  std::vector<KeyValues> clustering;  // a prefix of the clustering columns
  // (a, b) IN ((1, 2), ...): tuples of the columns after the prefix
  std::vector<std::vector<TermPtr>> tuples;
  ValueList tuple_markers;  // (a, b) IN ?
  std::size_t tuple_columns = 0;
  std::optional<SliceBound> lower;
  std::optional<SliceBound> upper;
  std::vector<Filter> filters;
  bool restricts_clustering = false;
  bool partition_has_in = false;
  bool uses_index = false;        // an index spares ALLOW FILTERING
  std::optional<IndexUse> index;  // and finds the rows, unless the partition is known

  bool has_token() const { return token_lower.has_value() || token_upper.has_value(); }
  bool has_slice() const { return lower.has_value() || upper.has_value(); }
  bool has_clustering_in() const;
  // WHERE names clustering columns; `restricts_clustering` tells of filters too.
  bool restricts_clustering_key() const {
    return !clustering.empty() || tuple_columns > 0 || has_slice();
  }

  Outcome<std::vector<Bytes>> partition_keys(const Parameters& parameters) const;
  // Nothing: no token can match.
  Outcome<std::optional<embedded::TokenRange>> tokens(const Parameters& parameters) const;
  // Empty list and `everything`: all rows.
  struct Ranges {
    std::vector<embedded::ClusteringRange> ranges;
    bool everything = false;
  };
  Outcome<Ranges> ranges(const Parameters& parameters) const;
  Outcome<std::optional<embedded::IndexLookup>> lookup(const Parameters& parameters) const;
  Outcome<std::vector<ActiveFilter>> active_filters(const Parameters& parameters) const;
};

enum class WherePurpose : std::uint8_t { Select, Update, Delete };

struct WhereRules {
  WherePurpose purpose = WherePurpose::Select;
  bool allow_filtering = false;
  bool only_static_columns = false;  // UPDATE of static columns needs no clustering key
};

Outcome<Restrictions> compile_where(const std::vector<Relation>& where, Compilation& with,
                                    const WhereRules& rules);

// Evaluates `terms` (or the bound list) to non-null values.
Outcome<std::vector<Bytes>> evaluate_list(const ValueList& list, const Evaluation& at,
                                          std::string_view column);

bool passes(const std::vector<ActiveFilter>& filters, const RowCells& row);
// One comparison as WHERE and IF make it; `element` types are resolved already.
bool compares(Operator op, const Type& type, BytesView value, const std::vector<Bytes>& against);

}  // namespace tidemill::tables::statements
