// SPDX-License-Identifier: Apache-2.0
// The table function over our chunks. Only the columns a statement uses are copied: 16 bytes per
// text, whatever its length, since DuckDB's vectors point to the text where it lies.
#include <algorithm>
#include <cstring>

#include "duck/state.h"

namespace tidemill::duck {
namespace {

struct InputFunction {
  std::string name;
  std::vector<Column> columns;
  std::shared_ptr<SlotRegistry> registry;
};

struct BoundInput {
  const InputSlot* slot;
};

struct Scan {
  const InputSlot* slot = nullptr;
  std::vector<idx_t> columns;
  std::size_t chunk = 0;
  std::size_t row = 0;
};

template <class T>
void destroy(void* object) {
  delete static_cast<T*>(object);
}

void bind(duckdb_bind_info info) {
  const auto& function = *static_cast<const InputFunction*>(duckdb_bind_get_extra_info(info));
  duckdb_client_context context = nullptr;
  duckdb_table_function_get_client_context(info, &context);
  const auto connection = duckdb_client_context_get_connection_id(context);
  duckdb_destroy_client_context(&context);
  const auto* slot = function.registry->find(connection, function.name);
  if (slot == nullptr) {
    duckdb_bind_set_error(info, "this input belongs to another connection");
    return;
  }
  for (const auto& column : function.columns) {
    duckdb_logical_type type = duckdb_create_logical_type(duckdb_type_of(column.type));
    duckdb_bind_add_result_column(info, column.name.c_str(), type);
    duckdb_destroy_logical_type(&type);
  }
  duckdb_bind_set_cardinality(info, 16'384, false);
  duckdb_bind_set_bind_data(info, new BoundInput{slot}, destroy<BoundInput>);
}

void init(duckdb_init_info info) {
  auto scan = std::make_unique<Scan>();
  scan->slot = static_cast<const BoundInput*>(duckdb_init_get_bind_data(info))->slot;
  const idx_t count = duckdb_init_get_column_count(info);
  for (idx_t i = 0; i < count; ++i) scan->columns.push_back(duckdb_init_get_column_index(info, i));
  duckdb_init_set_max_threads(info, 1);
  duckdb_init_set_init_data(info, scan.release(), destroy<Scan>);
}

void copy_validity(const ColumnView& from, std::span<const std::uint32_t> selection,
                   std::size_t row, std::size_t count, duckdb_vector to) {
  if (from.validity == nullptr) return;
  if (selection.empty()) {
    // Vectors start at multiples of 2,048 rows, so at whole words.
    const std::uint64_t* words = from.validity + row / 64;
    const std::size_t whole = count / 64;
    const bool valid =
        std::all_of(words, words + whole, [](auto w) { return ~w == 0; }) &&
        (count % 64 == 0 || (~words[whole] & ((std::uint64_t{1} << (count % 64)) - 1)) == 0);
    if (valid) return;
    duckdb_vector_ensure_validity_writable(to);
    std::memcpy(duckdb_vector_get_validity(to), words, (count + 63) / 64 * 8);
    return;
  }
  std::uint64_t* validity = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    if (!from.is_null(selection[row + i])) continue;
    if (validity == nullptr) {
      duckdb_vector_ensure_validity_writable(to);
      validity = duckdb_vector_get_validity(to);
    }
    validity[i / 64] &= ~(std::uint64_t{1} << (i % 64));
  }
}

template <class T>
void gather(const void* from, std::span<const std::uint32_t> selection, void* to) {
  const T* source = static_cast<const T*>(from);
  T* target = static_cast<T*>(to);
  for (const std::uint32_t place : selection) *target++ = source[place];
}

struct Wide {
  std::uint64_t halves[2];
};

void copy_column(const ColumnView& from, std::span<const std::uint32_t> selection, std::size_t row,
                 std::size_t count, duckdb_vector to) {
  void* target = duckdb_vector_get_data(to);
  if (from.values == nullptr) {  // a column without an array gives the row's place
    auto* places = static_cast<std::int64_t*>(target);
    for (std::size_t i = 0; i < count; ++i) {
      places[i] = static_cast<std::int64_t>(selection.empty() ? row + i : selection[row + i]);
    }
    return;
  }
  const std::size_t width = width_of(from.type);
  if (selection.empty()) {
    std::memcpy(target, static_cast<const char*>(from.values) + row * width, count * width);
  } else {
    const auto chosen = selection.subspan(row, count);
    switch (width) {
      case 1:
        gather<std::uint8_t>(from.values, chosen, target);
        break;
      case 4:
        gather<std::uint32_t>(from.values, chosen, target);
        break;
      case 8:
        gather<std::uint64_t>(from.values, chosen, target);
        break;
      default:
        gather<Wide>(from.values, chosen, target);
    }
  }
  copy_validity(from, selection, row, count, to);
}

void produce(duckdb_function_info info, duckdb_data_chunk output) {
  auto& scan = *static_cast<Scan*>(duckdb_function_get_init_data(info));
  const auto& chunks = scan.slot->chunks;
  while (scan.chunk < chunks.size() && scan.row >= chunks[scan.chunk].rows()) {
    ++scan.chunk;
    scan.row = 0;
  }
  if (scan.chunk == chunks.size()) {
    duckdb_data_chunk_set_size(output, 0);
    return;
  }
  const Chunk& chunk = chunks[scan.chunk];
  const std::size_t count = std::min<std::size_t>(chunk.rows() - scan.row, duckdb_vector_size());
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    // Without columns (count(*)) DuckDB asks for a row id that is never read.
    if (scan.columns[i] >= chunk.columns().size()) continue;
    copy_column(chunk.column(scan.columns[i]), chunk.selection(), scan.row, count,
                duckdb_data_chunk_get_vector(output, i));
  }
  duckdb_data_chunk_set_size(output, count);
  scan.row += count;
}

void replace(duckdb_replacement_scan_info info, const char* table, void* name) {
  const auto& input = *static_cast<const std::string*>(name);
  if (input == table) duckdb_replacement_scan_set_function_name(info, input.c_str());
}

}  // namespace

void SlotRegistry::add(std::uint64_t connection, std::map<std::string, InputSlot>* slots) {
  const MutexLock lock(mutex_);
  slots_[connection] = slots;
}

void SlotRegistry::remove(std::uint64_t connection) {
  const MutexLock lock(mutex_);
  slots_.erase(connection);
}

InputSlot* SlotRegistry::find(std::uint64_t connection, const std::string& input) {
  const MutexLock lock(mutex_);
  const auto found = slots_.find(connection);
  // std::map: the address of a slot stays.
  return found == slots_.end() ? nullptr : &(*found->second)[input];
}

Result<> register_input(DatabaseState& database, duckdb_connection connection,
                        const std::string& name, std::vector<Column> columns) {
  auto function =
      std::make_unique<InputFunction>(InputFunction{name, std::move(columns), database.registry});
  duckdb_table_function table = duckdb_create_table_function();
  duckdb_table_function_set_name(table, name.c_str());
  duckdb_table_function_set_extra_info(table, function.release(), destroy<InputFunction>);
  duckdb_table_function_set_bind(table, bind);
  duckdb_table_function_set_init(table, init);
  duckdb_table_function_set_function(table, produce);
  duckdb_table_function_supports_projection_pushdown(table, true);
  const auto state = duckdb_register_table_function(connection, table);
  duckdb_destroy_table_function(&table);
  if (state != DuckDBSuccess) {
    return error(ErrorCode::AlreadyExists, "input '" + name + "' is declared already");
  }
  duckdb_add_replacement_scan(database.database, replace, new std::string(name),
                              destroy<std::string>);
  return {};
}

}  // namespace tidemill::duck
