// SPDX-License-Identifier: Apache-2.0
// INSERT INTO table (columns) VALUES (terms) | JSON text [DEFAULT NULL|UNSET] [IF NOT EXISTS]
// [USING ...]
#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/functions.h"
#include "tables/statements/json.h"
#include "tables/statements/modification.h"

namespace tidemill::tables::statements {

using embedded::Mutation;
using embedded::RowChange;

namespace {

// The value that a JSON text of this execution has for one column.
class JsonColumnTerm final : public Term {
 public:
  JsonColumnTerm(const Column& column, std::shared_ptr<const Term> text, bool default_unset)
      : Term(column.type),
        name_(column.name),
        text_(std::move(text)),
        default_unset_(default_unset) {}
  Outcome<TermValue> evaluate(const Evaluation& at) const override {
    const TermValue text = TRY(text_->evaluate(at));
    if (!text.is_value()) return invalid("Got null for INSERT JSON values");
    const auto json = parse_json(as_text(text.bytes()));
    if (!json || json->kind != Json::Kind::Object) {
      return invalid(
          fmt::format("Could not decode JSON string as a map: {}", as_text(text.bytes())));
    }
    for (std::size_t i = 0; i < json->keys.size(); ++i) {
      if (plain_key(json->keys[i]) != name_) continue;
      return value_of(json->items[i]);
    }
    return default_unset_ ? TermValue::unset() : TermValue::null();
  }

  static std::string plain_key(const std::string& key) {
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
      return key.substr(1, key.size() - 2);
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return lower;
  }

 private:
  Outcome<TermValue> value_of(const Json& json) const {
    auto value = json_value(type(), json);
    if (value.ok()) return TermValue::of(*std::move(value));
    return invalid(
        fmt::format("Error decoding JSON value for {}: {}", name_, value.error().message));
  }

  std::string name_;
  std::shared_ptr<const Term> text_;
  bool default_unset_;
};

class InsertModification final : public Modification {
 public:
  static Outcome<StatementPtr> prepare(const InsertStatement& syntax, const Preparation& with) {
    const auto table = TRY(find_table(syntax.table, with));
    TRY(check_modifiable(table->keyspace));
    auto insert =
        std::shared_ptr<InsertModification>(new InsertModification(with.environment, table));
    insert->schema_ = with.environment.store.schema();
    Compilation in(insert->schema_, table->keyspace, table, with.markers);
    if (table->is_counter()) {
      return invalid("INSERT statements are not allowed on counter tables, use UPDATE instead");
    }
    TRY(insert->compile_conditions(syntax.conditions, in));
    if (syntax.json) {
      TRY(insert->compile_json(syntax, in));
    } else {
      TRY(insert->compile_values(syntax, in));
    }
    insert->touches_static_ = !insert->static_changes_.empty();
    insert->touches_rows_ = !insert->only_static_;
    TRY(insert->compile_using(syntax.with, in));
    insert->take_markers_from(in, with);
    return StatementPtr(std::move(insert));
  }

 private:
  using Modification::Modification;

  Outcome<> add(const Column& column, TermPtr value) {
    switch (column.kind) {
      case ColumnKind::PartitionKey:
        partition_[static_cast<std::size_t>(column.position)] = std::move(value);
        return {};
      case ColumnKind::Clustering:
        clustering_[static_cast<std::size_t>(column.position)] = std::move(value);
        return {};
      case ColumnKind::Static:
        static_changes_.push_back(
            {.kind = ColumnChange::Kind::Assign, .column = &column, .value = std::move(value)});
        return {};
      case ColumnKind::Regular:
        changes_.push_back(
            {.kind = ColumnChange::Kind::Assign, .column = &column, .value = std::move(value)});
        return {};
    }
    return {};
  }

  Outcome<> compile_values(const InsertStatement& syntax, Compilation& in) {
    if (syntax.columns.size() != syntax.values.size())
      return invalid("Unmatched column names/values");
    partition_.resize(table_->partition_columns);
    clustering_.resize(table_->clustering_columns);
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < syntax.columns.size(); ++i) {
      const std::string& name = syntax.columns[i];
      const Column* column = TRY(in.column(name));
      if (std::ranges::find(seen, name) != seen.end())
        return invalid("The column names contains duplicates");
      seen.push_back(name);
      TermPtr value = TRY(in.term(syntax.values[i], in.receiver(*column)));
      const bool key =
          column->kind == ColumnKind::PartitionKey || column->kind == ColumnKind::Clustering;
      if (key && value->is_null_literal()) {
        return invalid(fmt::format("Invalid null value in condition for column {}", name));
      }
      TRY(add(*column, std::move(value)));
    }
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < partition_.size(); ++i) {
      if (!partition_[i]) missing.push_back(table_->partition_key()[i].name);
    }
    if (!missing.empty()) {
      return invalid(
          fmt::format("Some partition key parts are missing: {}", fmt::join(missing, ", ")));
    }
    std::size_t given = 0;
    for (std::size_t i = 0; i < clustering_.size(); ++i) {
      if (clustering_[i]) {
        ++given;
      } else {
        missing.push_back(table_->clustering()[i].name);
      }
    }
    only_static_ =
        !clustering_.empty() && given == 0 && changes_.empty() && !static_changes_.empty();
    if (!missing.empty() && !only_static_) {
      return invalid(fmt::format("Some clustering keys are missing: {}", fmt::join(missing, ", ")));
    }
    return {};
  }

  Outcome<> compile_json(const InsertStatement& syntax, Compilation& in) {
    partition_.resize(table_->partition_columns);
    clustering_.resize(table_->clustering_columns);
    json_ = std::shared_ptr<const Term>(
        TRY(in.term(*syntax.json, in.receiver("[json]", Type::of(Kind::Text)))));
    for (const Column& column : table_->columns) {
      TRY(add(column, std::make_unique<JsonColumnTerm>(column, json_, syntax.json_default_unset)));
    }
    const Parameters none;
    if (json_->is_constant()) TRY(check_json_keys({none}));
    return {};
  }

  Outcome<> check_json_keys(const Evaluation& at) const {
    if (!json_) return {};
    const TermValue text = TRY(json_->evaluate(at));
    if (!text.is_value()) return invalid("Got null for INSERT JSON values");
    const auto json = parse_json(as_text(text.bytes()));
    if (!json || json->kind != Json::Kind::Object) {
      return invalid(
          fmt::format("Could not decode JSON string as a map: {}", as_text(text.bytes())));
    }
    for (const std::string& key : json->keys) {
      if (table_->find(JsonColumnTerm::plain_key(key)) == nullptr) {
        return invalid(fmt::format("JSON values map contains unrecognized column: {}", key));
      }
    }
    return {};
  }

  // Key terms to their encoded form.
  template <class Encode>
  Outcome<Bytes> key(const std::vector<TermPtr>& terms, std::span<const Column> columns,
                     const Parameters& parameters, Encode encode) const {
    std::vector<TermValue> values;
    std::vector<BytesView> components;
    values.reserve(terms.size());
    components.reserve(terms.size());
    for (std::size_t i = 0; i < terms.size(); ++i) {
      values.push_back(TRY(terms[i]->evaluate({parameters})));
      if (values.back().is_null()) {
        return invalid(
            fmt::format("Invalid null value in condition for column {}", columns[i].name));
      }
      if (values.back().is_unset())
        return invalid(fmt::format("Invalid unset value for column {}", columns[i].name));
      components.push_back(values.back().bytes());
    }
    return TRY(encode(*table_, components));
  }

  Outcome<std::vector<Bytes>> partitions(const Parameters& parameters) const override {
    std::vector<Bytes> out;
    out.push_back(
        TRY(key(partition_, table_->partition_key(), parameters, embedded::encode_partition_key)));
    return out;
  }

  Outcome<Bytes> clustering(const Parameters& parameters) const {
    return key(clustering_, table_->clustering(), parameters, embedded::encode_clustering);
  }

  Outcome<std::vector<embedded::ClusteringRange>> rows_looked_at(
      const Parameters& parameters) const override {
    std::vector<embedded::ClusteringRange> out;
    if (only_static_ || clustering_.empty()) return out;
    auto& row = out.emplace_back();
    row.start = TRY(clustering(parameters));
    row.end = row.start;
    row.end.push_back(0xFF);
    row.is_row = true;
    return out;
  }
  std::string_view plural() const override { return "updates"; }

  Outcome<> append(const Parameters& parameters, const ModificationTimes& times,
                   std::vector<Mutation>& out) const override {
    if (json_ && !json_->is_constant()) TRY(check_json_keys({parameters}));
    Mutation mutation;
    mutation.table = table_;
    mutation.partition_key =
        TRY(key(partition_, table_->partition_key(), parameters, embedded::encode_partition_key));
    const auto change = [&](bool is_static) -> Outcome<> {
      RowChange& row = mutation.rows.emplace_back();
      row.is_static = is_static;
      row.timestamp = times.timestamp;
      row.ttl_seconds = times.ttl_seconds;
      if (!is_static) {
        row.marker = true;
        if (!clustering_.empty()) row.clustering = TRY(clustering(parameters));
      }
      TRY(append_changes(is_static ? static_changes_ : changes_, parameters, mutation.partition_key,
                         row.clustering, row));
      if (is_static && row.cells.empty()) mutation.rows.pop_back();
      return {};
    };
    mutation.rows.reserve(2);
    if (!static_changes_.empty()) TRY(change(true));
    if (!only_static_) TRY(change(false));
    if (!mutation.rows.empty()) out.push_back(std::move(mutation));
    return {};
  }

  std::vector<TermPtr> partition_;
  std::vector<TermPtr> clustering_;
  std::vector<ColumnChange> changes_;
  std::vector<ColumnChange> static_changes_;
  std::shared_ptr<const Term> json_;
  bool only_static_ = false;
};

}  // namespace

Outcome<StatementPtr> prepare_insert(const InsertStatement& syntax, const Preparation& with) {
  return InsertModification::prepare(syntax, with);
}

}  // namespace tidemill::tables::statements
