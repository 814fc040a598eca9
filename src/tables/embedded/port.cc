// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/port.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::tables::embedded {

namespace {

class StoreWriter final : public Writer {
 public:
  StoreWriter(Store& store, std::shared_ptr<const Table> table, std::vector<ColumnId> columns)
      : store_(store), table_(std::move(table)), columns_(std::move(columns)) {}

  Result<> upsert(const UpsertBatch& batch) override {
    // The newest version of the table, for its default_time_to_live and dropped columns.
    const auto now = store_.schema()->find_table(table_->keyspace, table_->name);
    if (now == nullptr || now->id != table_->id) {
      return error(ErrorCode::NotFound,
                   fmt::format("Table '{}.{}' doesn't exist", table_->keyspace, table_->name));
    }
    return store_.upsert(*now, columns_, batch);
  }

 private:
  Store& store_;
  std::shared_ptr<const Table> table_;
  std::vector<ColumnId> columns_;
};

Result<TableInfo> info_of(const Store& store, const Table& table) {
  TableInfo info;
  info.keyspace = table.keyspace;
  info.table = table.name;
  info.default_time_to_live = table.default_time_to_live;
  for (const auto& column : table.columns) {
    info.columns.push_back({column.name, to_string(column.type), column.kind, column.descending});
  }
  std::ranges::sort(info.columns.begin() + static_cast<std::ptrdiff_t>(table.partition_columns +
                                                                       table.clustering_columns),
                    info.columns.end(), {}, &ColumnInfo::name);
  const TableSize size = TRY(store.size_of(table));
  info.rows_estimate = size.rows_estimate;
  info.bytes = size.bytes;
  return info;
}

}  // namespace

Result<std::vector<TableInfo>> list_tables(const Store& store) {
  std::vector<TableInfo> tables;
  const auto schema = store.schema();
  for (const auto& [keyspace_name, keyspace] : schema->keyspaces) {
    for (const auto& [name, table] : keyspace->tables) {
      tables.push_back(TRY(info_of(store, *table)));
    }
  }
  return tables;
}

Result<TableInfo> describe_table(const Store& store, const std::string& keyspace,
                                 const std::string& table) {
  const auto found = store.schema()->find_table(keyspace, table);
  if (found == nullptr) {
    return error(ErrorCode::NotFound, fmt::format("Table '{}.{}' doesn't exist", keyspace, table));
  }
  return info_of(store, *found);
}

Result<std::unique_ptr<Writer>> open_writer(Store& store, const std::string& keyspace,
                                            const std::string& table,
                                            const std::vector<std::string>& columns) {
  const auto found = store.schema()->find_table(keyspace, table);
  if (found == nullptr) {
    return error(ErrorCode::NotFound, fmt::format("Table '{}.{}' doesn't exist", keyspace, table));
  }
  std::vector<ColumnId> ids;
  for (const auto& name : columns) {
    const Column* column = found->find(name);
    if (column == nullptr) {
      return error(ErrorCode::NotFound,
                   fmt::format("Undefined column name {} in table {}.{}", name, keyspace, table));
    }
    if (std::ranges::find(ids, column->id) != ids.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("Multiple definitions found for column {}", name));
    }
    if (column->kind == ColumnKind::Static || column->type.is_multi_cell() ||
        column->type.kind == TypeKind::Counter) {
      return error(
          ErrorCode::Unsupported,
          fmt::format("column {} of table {}.{} is {}: a bulk writer takes regular columns "
                      "of one cell; declare it frozen, or use INSERT",
                      name, keyspace, table,
                      column->kind == ColumnKind::Static ? "static" : to_string(column->type)));
    }
    ids.push_back(column->id);
  }
  for (std::size_t i = 0; i < found->partition_columns + found->clustering_columns; ++i) {
    if (std::ranges::find(ids, found->columns[i].id) == ids.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("Some {} key parts are missing: {}",
                               i < found->partition_columns ? "partition" : "clustering",
                               found->columns[i].name));
    }
  }
  return std::unique_ptr<Writer>(std::make_unique<StoreWriter>(store, found, std::move(ids)));
}

}  // namespace tidemill::tables::embedded
