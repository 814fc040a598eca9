// SPDX-License-Identifier: Apache-2.0
// Rules of tables and their changes. How they are written down: schema_json.cc.
#include "tables/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace tidemill::tables {

namespace {

constexpr std::int32_t kTtlMax = 630720000;  // 20 years
constexpr std::size_t kColumnsMax = 4096;

Error invalid(std::string text) {
  return error(ErrorCode::InvalidArgument, std::move(text));
}

// Key columns stay in the order given; of the others static ones come first (SELECT * order), then
// by name.
void put_in_order(std::vector<Column>& columns) {
  std::vector<Column> ordered;
  for (const auto kind : {ColumnKind::PartitionKey, ColumnKind::Clustering, ColumnKind::Static,
                          ColumnKind::Regular}) {
    const std::size_t first = ordered.size();
    for (auto& column : columns) {
      if (column.kind == kind) ordered.push_back(std::move(column));
    }
    if (kind == ColumnKind::Static || kind == ColumnKind::Regular) {
      std::ranges::sort(std::span(ordered).subspan(first), {}, &Column::name);
    }
  }
  columns = std::move(ordered);
}

// The number an option holds, or the default where it is not given.
Result<std::int32_t> option_number(const TableOptions& options, const std::string& name,
                                   std::int32_t otherwise, std::int32_t max) {
  const auto at = options.scalars.find(name);
  if (at == options.scalars.end()) return otherwise;
  std::int64_t value = 0;
  const auto& text = at->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) {
    return invalid(
        fmt::format("Invalid value {} for option '{}'. Expected an integer", text, name));
  }
  if (value < 0) {
    return invalid(fmt::format("{} must be greater than or equal to 0 (got {})", name, value));
  }
  if (value > max) {
    return invalid(fmt::format("{} must be less than or equal to {} (got {})", name, max, value));
  }
  return static_cast<std::int32_t>(value);
}

Result<> check_nesting(const Column& column) {
  const CqlType& type = column.type;
  const bool is_key =
      column.kind == ColumnKind::PartitionKey || column.kind == ColumnKind::Clustering;
  if (is_key) {
    if (type.is_multi_cell()) {
      return invalid(fmt::format("Invalid non-frozen {} type {} for PRIMARY KEY column '{}'",
                                 type.is_collection() ? "collection" : "user-defined",
                                 to_string(type), column.name));
    }
    if (type.kind == TypeKind::Counter) {
      return invalid(
          fmt::format("counter type is not supported for PRIMARY KEY column '{}'", column.name));
    }
    if (type.kind == TypeKind::Duration) {
      return invalid(
          fmt::format("duration type is not supported for PRIMARY KEY column '{}'", column.name));
    }
  }
  if (type.is_collection() && !type.frozen) {
    for (const auto& element : type.parts->elements) {
      if (element.is_collection() && !element.frozen) {
        return invalid(fmt::format("Non-frozen collections are not allowed inside collections: {}",
                                   to_string(type)));
      }
      if (element.kind == TypeKind::Udt && !element.frozen) {
        return invalid(
            fmt::format("Non-frozen UDTs are not allowed inside collections: {}", to_string(type)));
      }
      if (element.is_multi_cell() || element.kind == TypeKind::Counter) {
        return invalid(
            fmt::format("Counters are not allowed inside collections: {}", to_string(type)));
      }
    }
  }
  return {};
}

Result<> check_kinds(const Table& table) {
  const auto others = table.others();
  const auto counters = std::ranges::count_if(
      others, [](const Column& column) { return column.type.kind == TypeKind::Counter; });
  if (counters != 0 && static_cast<std::size_t>(counters) != others.size()) {
    return invalid("Cannot mix counter and non counter columns in the same table");
  }
  if (counters != 0 && table.default_time_to_live != 0) {
    return invalid("Cannot set default_time_to_live on a table with counters");
  }
  if (table.clustering_columns == 0 && table.has_static()) {
    return invalid(
        "Static columns are only useful (and thus allowed) if the table has at least one "
        "clustering column");
  }
  return {};
}

}  // namespace

const Column* Table::find(std::string_view column) const {
  const auto at = std::ranges::find(columns, column, &Column::name);
  return at == columns.end() ? nullptr : &*at;
}

const Column* Table::find(ColumnId column) const {
  const auto at = std::ranges::find(columns, column, &Column::id);
  return at == columns.end() ? nullptr : &*at;
}

bool Table::has_static() const {
  return std::ranges::any_of(
      columns, [](const Column& column) { return column.kind == ColumnKind::Static; });
}

bool Table::is_counter() const {
  return std::ranges::any_of(
      columns, [](const Column& column) { return column.type.kind == TypeKind::Counter; });
}

std::shared_ptr<const Keyspace> Schema::find_keyspace(std::string_view keyspace) const {
  const auto at = keyspaces.find(std::string(keyspace));
  return at == keyspaces.end() ? nullptr : at->second;
}

std::shared_ptr<const Table> Schema::find_table(std::string_view keyspace,
                                                std::string_view table) const {
  const auto in = find_keyspace(keyspace);
  if (in == nullptr) return nullptr;
  const auto at = in->tables.find(std::string(table));
  return at == in->tables.end() ? nullptr : at->second;
}

FindUserType Schema::user_types(std::string_view keyspace) const {
  return [in = find_keyspace(keyspace)](std::string_view name) -> const CqlType* {
    if (in == nullptr) return nullptr;
    const auto at = in->types.find(std::string(name));
    return at == in->types.end() ? nullptr : &at->second->type;
  };
}

Result<Table> finish_table(Table table) {
  put_in_order(table.columns);
  table.partition_columns = 0;
  table.clustering_columns = 0;
  std::set<std::string_view> names;
  for (auto& column : table.columns) {
    if (!names.insert(column.name).second) {
      return invalid(
          fmt::format("Duplicate column '{}' declaration for table '{}'", column.name, table.name));
    }
    TRY(check_nesting(column));
    column.position = -1;
    if (column.kind == ColumnKind::PartitionKey) {
      column.position = static_cast<std::int32_t>(table.partition_columns++);
    } else if (column.kind == ColumnKind::Clustering) {
      column.position = static_cast<std::int32_t>(table.clustering_columns++);
    }
    // 0 is given out to the first column of a new table; a draft leaves ids at 0.
    if (column.id == 0) column.id = ++table.next_column_id;
  }
  if (table.partition_columns == 0) {
    return invalid(
        fmt::format("No PRIMARY KEY specified for table '{}' (exactly one required)", table.name));
  }
  if (table.columns.size() > kColumnsMax) {
    return invalid(fmt::format("table '{}' has {} columns, at most {} are supported", table.name,
                               table.columns.size(), kColumnsMax));
  }
  table.default_time_to_live =
      TRY(option_number(table.options, "default_time_to_live", 0, kTtlMax));
  table.gc_grace_seconds =
      TRY(option_number(table.options, "gc_grace_seconds", 864000, 2147483647));
  TRY(check_kinds(table));
  return table;
}

namespace {

std::vector<std::string> indexes_of(const Table& table, ColumnId column) {
  std::vector<std::string> names;
  for (const Index& index : table.indexes) {
    if (index.column == column) names.push_back(index.name);
  }
  return names;
}

}  // namespace

Result<Table> altered(const Table& table, const TableAlteration& change, std::int64_t now_us) {
  Table next = table;
  const std::string full_name = fmt::format("{}.{}", table.keyspace, table.name);
  for (const auto& added : change.add) {
    if (next.find(added.name) != nullptr) {
      return invalid(fmt::format("Column with name '{}' already exists", added.name));
    }
    if (table.is_counter() != (added.type.kind == TypeKind::Counter) && !table.others().empty()) {
      return invalid("Cannot mix counter and non counter columns in the same table");
    }
    Column column;
    column.name = added.name;
    column.type = added.type;
    column.kind = added.is_static ? ColumnKind::Static : ColumnKind::Regular;
    next.columns.push_back(std::move(column));
  }
  for (const auto& name : change.drop) {
    const Column* column = next.find(name);
    if (column == nullptr) {
      return invalid(fmt::format("Column {} was not found in table '{}'", name, full_name));
    }
    if (column->position >= 0) {
      return invalid(fmt::format("Cannot drop PRIMARY KEY column {}", name));
    }
    if (const auto indexes = indexes_of(next, column->id); !indexes.empty()) {
      return invalid(
          fmt::format("Cannot drop column {} because it has dependent secondary indexes ({})", name,
                      fmt::join(indexes, ", ")));
    }
    std::erase_if(next.dropped, [&](const DroppedColumn& old) { return old.name == name; });
    next.dropped.push_back({column->name, column->type, column->kind, now_us});
    std::erase_if(next.columns, [&](const Column& other) { return other.name == name; });
  }
  for (const auto& renamed : change.rename) {
    const auto at = std::ranges::find(next.columns, renamed.from, &Column::name);
    if (at == next.columns.end()) {
      return invalid(fmt::format("Column {} was not found in table {}", renamed.from, full_name));
    }
    if (at->position < 0) {
      return invalid(fmt::format("Cannot rename non PRIMARY KEY column {}", renamed.from));
    }
    if (next.find(renamed.to) != nullptr) {
      return invalid(
          fmt::format("Cannot rename column {} to {} in table '{}'; another column with that name "
                      "already exists",
                      renamed.from, renamed.to, full_name));
    }
    if (const auto indexes = indexes_of(next, at->id); !indexes.empty()) {
      return invalid(
          fmt::format("Can't rename column {} because it has dependent secondary indexes ({})",
                      renamed.from, fmt::join(indexes, ", ")));
    }
    at->name = renamed.to;
  }
  for (const auto& [name, value] : change.options.scalars) next.options.scalars[name] = value;
  for (const auto& [name, value] : change.options.maps) next.options.maps[name] = value;
  ++next.version;
  return finish_table(std::move(next));
}

}  // namespace tidemill::tables
