// SPDX-License-Identifier: Apache-2.0
// A Pattern as a scalar function of one text.
#include "duck/state.h"

namespace tidemill::duck {
namespace {

void match_texts(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& pattern = *static_cast<const Pattern*>(duckdb_scalar_function_get_extra_info(info));
  duckdb_vector column = duckdb_data_chunk_get_vector(input, 0);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  const ColumnView texts{ColumnType::Varchar, duckdb_vector_get_data(column),
                         duckdb_vector_get_validity(column)};
  bool* matches = static_cast<bool*>(duckdb_vector_get_data(output));
  std::uint64_t* validity = nullptr;
  for (idx_t row = 0; row < rows; ++row) {
    if (!texts.is_null(row)) {
      matches[row] = pattern.matches(texts.text(row));
      continue;
    }
    if (validity == nullptr) {
      duckdb_vector_ensure_validity_writable(output);
      validity = duckdb_vector_get_validity(output);
    }
    validity[row / 64] &= ~(std::uint64_t{1} << (row % 64));
  }
}

}  // namespace

Result<> register_pattern(duckdb_connection connection, const std::string& name, Pattern pattern) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(function, name.c_str());
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_logical_type boolean = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
  duckdb_scalar_function_add_parameter(function, text);
  duckdb_scalar_function_set_return_type(function, boolean);
  duckdb_destroy_logical_type(&text);
  duckdb_destroy_logical_type(&boolean);
  duckdb_scalar_function_set_extra_info(function, new Pattern(std::move(pattern)),
                                        [](void* object) { delete static_cast<Pattern*>(object); });
  duckdb_scalar_function_set_function(function, match_texts);
  const auto state = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess) {
    return error(ErrorCode::AlreadyExists, "function '" + name + "' is declared already");
  }
  return {};
}

}  // namespace tidemill::duck
