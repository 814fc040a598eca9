// SPDX-License-Identifier: Apache-2.0
// What Database, Connection and Prepared share inside this folder.
#pragma once

#include <duckdb.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "duck/database.h"

namespace tidemill::duck {

// What a connection's statements read under the name of an input.
struct InputSlot {
  std::vector<Chunk> chunks;
};

// Finds the slots of a connection by DuckDB's connection id when a statement is bound.
class SlotRegistry {
 public:
  void add(std::uint64_t connection, std::map<std::string, InputSlot>* slots);
  void remove(std::uint64_t connection);
  InputSlot* find(std::uint64_t connection, const std::string& input);

 private:
  Mutex mutex_;
  std::unordered_map<std::uint64_t, std::map<std::string, InputSlot>*> slots_ TM_GUARDED_BY(mutex_);
};

struct DatabaseState {
  duckdb_database database = nullptr;
  std::shared_ptr<SlotRegistry> registry = std::make_shared<SlotRegistry>();
  ~DatabaseState() { duckdb_close(&database); }
};

struct ConnectionState {
  std::shared_ptr<DatabaseState> database;
  duckdb_connection connection = nullptr;
  std::uint64_t id = 0;
  std::map<std::string, InputSlot> slots;
  ~ConnectionState();
};

struct PreparedState {
  std::shared_ptr<ConnectionState> connection;
  duckdb_prepared_statement statement = nullptr;
  std::vector<ResultColumn> columns;
  ~PreparedState() { duckdb_destroy_prepare(&statement); }
};

// The type a stream carries such a value as, if it can without a cast, and the nearest one.
ResultColumn result_column(std::string name, duckdb_logical_type type);
duckdb_type duckdb_type_of(ColumnType type);

// Registers the table function and the replacement scan that make `FROM name` read its slot.
Result<> register_input(DatabaseState& database, duckdb_connection connection,
                        const std::string& name, std::vector<Column> columns);

Result<> register_pattern(duckdb_connection connection, const std::string& name, Pattern pattern);

}  // namespace tidemill::duck
