// SPDX-License-Identifier: Apache-2.0
// What exists: keyspaces, tables, columns, user types. Immutable once published by the store;
// system keyspaces are not in here (the server answers them).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "tables/tables.h"
#include "tables/types.h"

namespace tidemill::tables {

// Names a column's cells on disk. Never used twice within a table, so that a dropped column's cells
// stay unseen when a column of the same name is added later.
using ColumnId = std::uint32_t;

struct Column {
  ColumnId id = 0;
  std::string name;
  CqlType type;
  ColumnKind kind = ColumnKind::Regular;
  std::int32_t position = -1;  // within the partition key or the clustering columns
  bool descending = false;     // clustering only
};

struct DroppedColumn {
  std::string name;
  CqlType type;
  ColumnKind kind = ColumnKind::Regular;
  std::int64_t dropped_us = 0;
};

// WITH options, kept as given and echoed by DESCRIBE and system_schema: `comment` and numbers as
// text, the map-valued ones (compaction, compression, caching, ...) apart.
struct TableOptions {
  std::map<std::string, std::string> scalars;
  std::map<std::string, std::map<std::string, std::string>> maps;
  bool operator==(const TableOptions&) const = default;
};

// A secondary index: entries beside the rows, found by a column's value.
struct Index {
  enum class Target : std::uint8_t { Value, Keys, Values, Entries };  // of a collection
  std::string name;
  std::string kind;                            // "COMPOSITES", "CUSTOM"
  std::map<std::string, std::string> options;  // as system_schema.indexes shows them
  ColumnId column = 0;
  Target target = Target::Value;
  std::uint32_t incarnation = 0;  // prefix of its entries; TRUNCATE takes a new one
  bool is_built = false;          // holds the rows that were there before it
};

struct Table {
  std::string keyspace;
  std::string name;
  Uuid id;                        // system_schema.tables.id
  std::uint32_t incarnation = 0;  // prefix of all keys on disk; TRUNCATE takes a new one
  // The incarnation of now, shared by all versions of the table: who holds an old version (a
  // prepared statement) still finds the rows. 0 once dropped. Set by the store.
  std::shared_ptr<std::atomic<std::uint32_t>> live;
  // Shared in the same way: some version has an index, so writes have to look at the newest one.
  std::shared_ptr<std::atomic<bool>> indexed;
  std::uint32_t version = 0;    // grows with every ALTER; a prepared statement's check
  std::vector<Column> columns;  // partition key, clustering, then static and regular by name
  std::size_t partition_columns = 0;
  std::size_t clustering_columns = 0;
  ColumnId next_column_id = 0;
  std::vector<DroppedColumn> dropped;
  std::vector<Index> indexes;
  TableOptions options;
  std::int32_t default_time_to_live = 0;  // parsed from options
  std::int32_t gc_grace_seconds = 864000;

  const Column* find(std::string_view column) const;
  const Column* find(ColumnId column) const;
  std::span<const Column> partition_key() const { return {columns.data(), partition_columns}; }
  std::span<const Column> clustering() const {
    return {columns.data() + partition_columns, clustering_columns};
  }
  std::span<const Column> others() const {
    return std::span(columns).subspan(partition_columns + clustering_columns);
  }
  std::uint32_t live_incarnation() const { return live != nullptr ? live->load() : incarnation; }
  bool is_indexed() const { return indexed != nullptr && indexed->load(); }
  bool has_static() const;
  bool is_counter() const;
};

struct UserType {
  CqlType type;  // kind Udt with keyspace, name and fields; not frozen
};

struct Keyspace {
  std::string name;
  std::map<std::string, std::string> replication;  // with 'class' fully qualified
  bool durable_writes = true;
  std::map<std::string, std::shared_ptr<const Table>> tables;
  std::map<std::string, std::shared_ptr<const UserType>> types;
};

// One version of everything.
struct Schema {
  Uuid version;  // system.local.schema_version
  std::map<std::string, std::shared_ptr<const Keyspace>> keyspaces;

  std::shared_ptr<const Keyspace> find_keyspace(std::string_view keyspace) const;
  std::shared_ptr<const Table> find_table(std::string_view keyspace, std::string_view table) const;
  FindUserType user_types(std::string_view keyspace) const;  // valid while the Schema lives
};

enum class ChangeKind { Created, Updated, Dropped };
enum class ChangeTarget { Keyspace, Table, Type };

// What a schema change did, as RESULT and EVENT Schema_change tell it.
struct SchemaChange {
  ChangeKind kind = ChangeKind::Created;
  ChangeTarget target = ChangeTarget::Keyspace;
  std::string keyspace;
  std::string name;  // table or type; empty for a keyspace
};

// What ALTER TABLE does; all of it or nothing.
struct TableAlteration {
  struct Added {
    std::string name;
    CqlType type;
    bool is_static = false;
  };
  struct Renamed {
    std::string from;
    std::string to;
  };
  std::vector<Added> add;
  std::vector<std::string> drop;
  std::vector<Renamed> rename;  // primary key columns only
  TableOptions options;         // those named replace the old ones
};

// Sorts the columns, numbers positions and ids, reads the options that the store itself obeys and
// refuses what no table may be (no partition key, a counter beside other columns, a static column
// without clustering, ...). Errors: InvalidArgument with Cassandra's wording.
Result<Table> finish_table(Table draft);
// The altered table; ids of kept columns stay.
Result<Table> altered(const Table& table, const TableAlteration& alteration, std::int64_t now_us);

// Catalogue records on disk (JSON): docs/dev/formats/rows.md.
std::string encode_keyspace(const Keyspace& keyspace);  // without its tables and types
std::string encode_table(const Table& table);
std::string encode_user_type(const UserType& type);
Result<Keyspace> decode_keyspace(std::string_view text);
Result<Table> decode_table(std::string_view text, const FindUserType& types);
Result<UserType> decode_user_type(std::string_view text, const FindUserType& types);

}  // namespace tidemill::tables
