// SPDX-License-Identifier: Apache-2.0
// PORT: CQL tables. What the engine's sinks, the web server and the command line see of the table
// store; embedded/ implements it on RocksDB, cassandra/ on a real cluster through our CQL client.
// The contract suite tests/contract/tables judges both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tidemill::tables {

struct CqlRequest {
  std::string cql;
  std::string keyspace;        // empty: none in use
  std::int32_t page_size = 0;  // 0: everything
  Bytes paging_state;
};

struct CqlColumn {
  std::string name;
  std::string type;  // as CQL writes it: "map<text, int>"
};

// A value in CQL's binary form (native_protocol_v4 section 6) or null.
using CqlValue = std::optional<Bytes>;

struct CqlResult {
  std::vector<CqlColumn> columns;
  std::vector<std::vector<CqlValue>> rows;
  std::vector<std::vector<std::optional<std::string>>> text;  // the same, as cqlsh shows them
  Bytes paging_state;                                         // empty: no more pages
  std::vector<std::string> warnings;
};

enum class ColumnKind { PartitionKey, Clustering, Static, Regular };

struct ColumnInfo {
  std::string name;
  std::string type;
  ColumnKind kind = ColumnKind::Regular;
  bool descending = false;  // clustering only
};

struct TableInfo {
  std::string keyspace;
  std::string table;
  bool system = false;
  std::vector<ColumnInfo> columns;  // partition key, clustering, then the others by name
  std::int32_t default_time_to_live = 0;
  std::uint64_t rows_estimate = 0;
  std::uint64_t bytes = 0;
  std::string create_statement;
};

// Values of one column for many rows: value i is data[offsets[i]..offsets[i+1]) in CQL's binary
// form; nulls[i] != 0 makes it null. An empty `nulls` means none is null.
struct ValueColumn {
  Bytes data;
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint8_t> nulls;
};

// Rows to insert or overwrite, by column.
struct UpsertBatch {
  std::size_t rows = 0;
  std::vector<ValueColumn> columns;            // in the order of the writer's columns
  std::vector<std::int64_t> write_timestamps;  // microseconds, one per row
  std::int32_t ttl_seconds = -1;               // -1: the table's default; 0: none
  // One per row, in seconds since the epoch, so that the same write later expires at the same time;
  // 0: `ttl_seconds` after the write, as all rows do when it is empty. Needs a ttl.
  std::vector<std::int64_t> expires_at_s;
};

// Writes many rows of one table, as INSERT ... USING TIMESTAMP would: the later timestamp wins, the
// same write twice is the same as once. Null values leave no cell.
//
// Thread: one at a time; several writers of a table may work at once.
class Writer {
 public:
  virtual ~Writer() = default;
  // After: the rows are visible and survive a crash.
  // Errors: InvalidArgument for a null key or a value that is not of the column's type (nothing is
  // written), NotFound once the table was dropped, Exhausted for a full disk.
  virtual Result<> upsert(const UpsertBatch& batch) = 0;
};

// Calls block (never from an I/O thread) and are safe from any thread.
class Tables {
 public:
  virtual ~Tables() = default;
  // Any CQL statement. Errors carry Cassandra's wording.
  virtual Result<CqlResult> execute(const CqlRequest& request) = 0;
  virtual Result<std::vector<TableInfo>> list_tables() = 0;
  virtual Result<TableInfo> describe_table(const std::string& keyspace,
                                           const std::string& table) = 0;
  virtual Result<std::unique_ptr<Writer>> open_writer(const std::string& keyspace,
                                                      const std::string& table,
                                                      const std::vector<std::string>& columns) = 0;
};

}  // namespace tidemill::tables
