// SPDX-License-Identifier: Apache-2.0
// USING, cell changes and running; conditions are in conditions.cc.
#include "tables/statements/modification.h"

#include <fmt/format.h>

#include <algorithm>

#include "tables/embedded/index_entries.h"
#include "tables/statements/compare_and_set.h"

namespace tidemill::tables::statements {

using embedded::CellChange;
using embedded::Mutation;

namespace {

constexpr std::int64_t kTtlMax = 630'720'000;  // twenty years

Bytes field_path(std::size_t field) {
  return wire::cql::encode_be(static_cast<std::uint16_t>(field));
}

CellChange cell(CellChange::Kind kind, const Column& column, Bytes path = {}, Bytes value = {}) {
  CellChange change;
  change.kind = kind;
  change.column = column.id;
  change.path = std::move(path);
  change.value = std::move(value);
  return change;
}

}  // namespace

Outcome<> Modification::compile_using(const Using& with, Compilation& in) {
  if (with.timestamp) {
    timestamp_ = TRY(in.term(*with.timestamp, in.receiver("[timestamp]", Type::of(Kind::Bigint))));
  }
  if (with.ttl) ttl_ = TRY(in.term(*with.ttl, in.receiver("[ttl]", Type::of(Kind::Int))));
  if (table_->is_counter()) {
    if (timestamp_) return invalid("Cannot provide custom timestamp for counter updates");
    if (ttl_) return invalid("Cannot provide custom TTL for counter updates");
  }
  if (timestamp_ && has_conditions())
    return invalid("Cannot provide custom timestamp for conditional updates");
  const Parameters none;
  if (ttl_ && ttl_->is_constant()) {
    const Parameters* parameters = &none;
    const TermValue value = TRY(ttl_->evaluate({*parameters}));
    const std::int64_t seconds = value.is_value() ? wire::cql::decode_integer(value.bytes()) : 0;
    if (seconds < 0)
      return invalid(fmt::format("A TTL must be greater or equal to 0, but was {}", seconds));
    if (seconds > kTtlMax) {
      return invalid(
          fmt::format("ttl is too large. requested ({}) maximum ({})", seconds, kTtlMax));
    }
  }
  return {};
}

void Modification::take_markers_from(const Compilation& in, const Preparation& with) {
  known_markers = in.known_markers();
  // Part of a batch: the others' markers are not known here, the batch joins them.
  auto metadata = in.markers();
  if (metadata.ok()) markers_ = *std::move(metadata);
  partition_key_markers_ = in.partition_key_markers();
  marker_names = with.markers;
}

Outcome<ModificationTimes> Modification::times(const Parameters& parameters) const {
  ModificationTimes out;
  out.ttl_seconds = table_->default_time_to_live;
  if (timestamp_) {
    const TermValue value = TRY(timestamp_->evaluate({parameters}));
    if (value.is_null()) return invalid("Invalid null value of timestamp");
    if (value.is_value()) {
      out.timestamp = wire::cql::decode_integer(value.bytes());
      if (out.timestamp == INT64_MIN) return invalid("Invalid timestamp value");
    } else {
      out.timestamp =
          parameters.timestamp ? *parameters.timestamp : parameters.time->next_timestamp();
    }
  } else {
    out.timestamp = parameters.timestamp && !has_conditions() ? *parameters.timestamp
                                                              : parameters.time->next_timestamp();
  }
  if (ttl_) {
    const TermValue value = TRY(ttl_->evaluate({parameters}));
    if (value.is_value()) {
      const std::int64_t seconds = wire::cql::decode_integer(value.bytes());
      if (seconds < 0)
        return invalid(fmt::format("A TTL must be greater or equal to 0, but was {}", seconds));
      if (seconds > kTtlMax) {
        return invalid(
            fmt::format("ttl is too large. requested ({}) maximum ({})", seconds, kTtlMax));
      }
      out.ttl_seconds = static_cast<std::int32_t>(seconds);
    } else if (value.is_null()) {
      out.ttl_seconds = 0;
    }
  }
  return out;
}

Outcome<std::vector<embedded::Element>> Modification::read_elements(const Column& column,
                                                                    const Parameters& parameters,
                                                                    const Bytes& partition,
                                                                    const Bytes& clustering) const {
  embedded::ReadRequest request;
  request.table = table_;
  request.columns = {column.id};
  request.partitions = {partition};
  if (column.kind != ColumnKind::Static && table_->clustering_columns > 0) {
    embedded::ClusteringRange row;
    row.start = clustering;
    row.end = clustering;
    row.end.push_back(0xFF);
    request.ranges.push_back(std::move(row));
  }
  request.with_elements = true;
  request.with_times = true;
  request.page_rows = 1;
  request.now_seconds = parameters.now_seconds();
  const embedded::Page page = TRY(environment_.store.read(request));
  if (page.rows() == 0) return std::vector<embedded::Element>{};
  return page.elements(0, 0);
}

Outcome<> Modification::append_change(const ColumnChange& change, const Parameters& parameters,
                                      const Bytes& partition, const Bytes& clustering,
                                      std::vector<CellChange>& out) const {
  using Kind = ColumnChange::Kind;
  const Column& column = *change.column;
  const Type& type = column.type;
  const Evaluation at{parameters};
  if (change.kind == Kind::DeleteColumn) {
    out.push_back(cell(CellChange::Kind::DeleteCell, column));
    return {};
  }
  if (change.kind == Kind::DeleteField) {
    out.push_back(cell(CellChange::Kind::DeleteElement, column, field_path(change.field)));
    return {};
  }
  TermValue value = change.value ? TRY(change.value->evaluate(at)) : TermValue::null();
  if (value.is_unset()) return {};

  if (type.kind == wire::cql::Kind::Counter) {
    if (!value.is_value()) return invalid("Invalid null value for counter increment/decrement");
    CellChange add = cell(CellChange::Kind::AddToCounter, column);
    add.delta = wire::cql::decode_integer(value.bytes());
    if (change.kind == Kind::Remove) add.delta = -add.delta;
    out.push_back(std::move(add));
    return {};
  }
  if (!type.is_multi_cell()) {
    out.push_back(value.is_value()
                      ? cell(CellChange::Kind::Set, column, {}, std::move(value).take())
                      : cell(CellChange::Kind::DeleteCell, column));
    return {};
  }

  if (type.kind == wire::cql::Kind::Udt) {
    if (change.kind == Kind::SetField) {
      out.push_back(value.is_value()
                        ? cell(CellChange::Kind::SetElement, column, field_path(change.field),
                               std::move(value).take())
                        : cell(CellChange::Kind::DeleteElement, column, field_path(change.field)));
      return {};
    }
    out.push_back(cell(CellChange::Kind::ClearBefore, column));
    if (!value.is_value()) return {};
    const auto fields = TRY(wire::cql::decode_fields(value.bytes(), type.parts->elements.size()));
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i]) continue;
      out.push_back(cell(CellChange::Kind::SetElement, column, field_path(i),
                         Bytes(fields[i]->begin(), fields[i]->end())));
    }
    return {};
  }

  const bool is_map = type.kind == wire::cql::Kind::Map;
  const bool is_list = type.kind == wire::cql::Kind::List;
  if (change.kind == Kind::SetElement || change.kind == Kind::DeleteElement) {
    TermValue key = TRY(change.key->evaluate(at));
    if (!key.is_value()) {
      return invalid(is_list ? "Invalid null value for list index" : "Invalid null map key");
    }
    Bytes path;
    if (is_list) {
      const auto elements = TRY(read_elements(column, parameters, partition, clustering));
      const std::int64_t index = wire::cql::decode_integer(key.bytes());
      if (elements.empty()) {
        return invalid(change.kind == Kind::SetElement
                           ? "Attempted to set an element on a list which is null"
                           : "Attempted to delete an element from a list which is null");
      }
      if (index < 0 || index >= static_cast<std::int64_t>(elements.size())) {
        return invalid(
            fmt::format("List index {} out of bound, list has size {}", index, elements.size()));
      }
      path = elements[static_cast<std::size_t>(index)].path;
    } else {
      path = std::move(key).take();
    }
    out.push_back(
        value.is_value()
            ? cell(CellChange::Kind::SetElement, column, std::move(path), std::move(value).take())
            : cell(CellChange::Kind::DeleteElement, column, std::move(path)));
    return {};
  }

  if (change.kind == Kind::Assign) out.push_back(cell(CellChange::Kind::ClearBefore, column));
  if (!value.is_value()) return {};
  if (change.kind == Kind::Remove) {
    // Keys of a map come as a set.
    const auto gone = TRY(wire::cql::decode_elements(value.bytes(), false));
    if (!is_list) {
      for (const BytesView key : gone) {
        out.push_back(cell(CellChange::Kind::DeleteElement, column, Bytes(key.begin(), key.end())));
      }
      return {};
    }
    for (const embedded::Element& element :
         TRY(read_elements(column, parameters, partition, clustering))) {
      const bool listed = std::ranges::any_of(
          gone, [&](BytesView one) { return std::ranges::equal(one, element.value); });
      if (listed) out.push_back(cell(CellChange::Kind::DeleteElement, column, element.path));
    }
    return {};
  }
  const auto elements = TRY(wire::cql::decode_elements(value.bytes(), is_map));
  if (is_list) {
    const bool front = change.kind == Kind::Prepend;
    std::vector<Bytes> paths;
    for (std::size_t i = 0; i < elements.size(); ++i)
      paths.push_back(environment_.store.list_path(front));
    if (front) std::ranges::reverse(paths);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      out.push_back(cell(CellChange::Kind::SetElement, column, std::move(paths[i]),
                         Bytes(elements[i].begin(), elements[i].end())));
    }
    return {};
  }
  const std::size_t step = is_map ? 2 : 1;
  for (std::size_t i = 0; i < elements.size(); i += step) {
    Bytes element = is_map ? Bytes(elements[i + 1].begin(), elements[i + 1].end()) : Bytes();
    out.push_back(cell(CellChange::Kind::SetElement, column,
                       Bytes(elements[i].begin(), elements[i].end()), std::move(element)));
  }
  return {};
}

Outcome<> Modification::append_changes(const std::vector<ColumnChange>& changes,
                                       const Parameters& parameters, const Bytes& partition,
                                       const Bytes& clustering, embedded::RowChange& row) const {
  row.cells.reserve(row.cells.size() + changes.size());
  for (const ColumnChange& change : changes) {
    TRY(append_change(change, parameters, partition, clustering, row.cells));
  }
  return {};
}

Outcome<> Modification::append_mutations(const Parameters& parameters,
                                         std::vector<Mutation>& out) const {
  const std::size_t before = out.size();
  TRY(append(parameters, TRY(times(parameters)), out));
  if (!table_->is_indexed()) return {};
  // Here, since the store takes the mutations of many statements at once: all or none.
  const auto schema = environment_.store.schema();
  const auto newest = schema->find_table(table_->keyspace, table_->name);
  if (newest == nullptr || newest->live != table_->live) return {};
  for (std::size_t i = before; i < out.size(); ++i) {
    TRY(embedded::check_indexed_values(*newest, out[i]));
  }
  return {};
}

Outcome<Bytes> Modification::single_partition(const Parameters& parameters) const {
  auto keys = TRY(partitions(parameters));
  if (keys.size() != 1) {
    return invalid(
        fmt::format("IN on the partition key is not supported with conditional {}", plural()));
  }
  return std::move(keys[0]);
}

Outcome<StatementResult> Modification::execute(const Parameters& parameters) const {
  using wire::cql::Consistency;
  if (has_conditions()) {
    const Bytes partition = TRY(single_partition(parameters));
    CompareAndSet set(environment_, table_, partition, CompareAndSet::Shows::Statement);
    TRY(set.add(*this, parameters));
    return compare_and_set(environment_, *table_, partition, set, [&](auto& mutations) {
      return append_mutations(parameters, mutations);
    });
  }
  if (parameters.consistency == Consistency::Serial ||
      parameters.consistency == Consistency::LocalSerial) {
    return invalid("You must use conditional updates for serializable writes");
  }
  if (!reads_) {
    std::vector<Mutation> mutations;
    TRY(append_mutations(parameters, mutations));
    TRY(environment_.store.apply_and_wait(std::move(mutations)));
    return StatementResult{};
  }
  // A list changed by index or value is read first, with the partition locked.
  for (const Bytes& partition : TRY(partitions(parameters))) {
    std::optional<CqlError> failure;
    const auto decide = [&]() -> Result<std::vector<Mutation>> {
      std::vector<Mutation> mutations;
      auto appended = append_mutations(parameters, mutations);
      if (!appended.ok()) {
        failure = std::move(appended).error();
        return std::vector<Mutation>{};
      }
      std::erase_if(mutations,
                    [&](const Mutation& mutation) { return mutation.partition_key != partition; });
      return mutations;
    };
    TRY(environment_.store.read_modify_write(*table_, partition, decide));
    if (failure) return *std::move(failure);
  }
  return StatementResult{};
}

}  // namespace tidemill::tables::statements
