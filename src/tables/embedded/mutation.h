// SPDX-License-Identifier: Apache-2.0
// What a write statement asks of one partition. Nothing is read to apply it: cells, rows and
// deletions are merged by timestamp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tables/embedded/keys.h"

namespace tidemill::tables::embedded {

// A change of one cell. For an unset value make no change; for null, DeleteCell.
struct CellChange {
  enum class Kind : std::uint8_t {
    Set,          // a simple (or frozen) column's value
    DeleteCell,   // a simple column, or a whole multicell one
    ClearBefore,  // a multicell column's assignment: drops what was written before (timestamp - 1),
                  // elements follow as SetElement of the same row change
    SetElement,   // path -> value; set elements have an empty value, list paths see
                  // Store::list_path, user type fields: u16be field number
    DeleteElement,  // path
    AddToCounter,   // delta
  };
  Kind kind = Kind::Set;
  ColumnId column = 0;
  Bytes path;  // map key or set element in CQL's binary form
  Bytes value;
  std::int64_t delta = 0;
};

// Changes of one row, or of the partition's static row, with one timestamp and time to live.
struct RowChange {
  bool is_static = false;
  Bytes clustering;              // encode_clustering of all columns; unused for the static row
  std::int64_t timestamp = 0;    // microseconds
  std::int32_t ttl_seconds = 0;  // resolved: 0 means none
  bool marker = false;           // INSERT: the row exists even without cells
  bool delete_row = false;       // drops what was written at or before the timestamp
  std::vector<CellChange> cells;
};

struct RangeDeletion {
  ClusteringRange range;
  std::int64_t timestamp = 0;
};

// Changes of one partition, applied atomically. `apply` takes several: all or none.
struct Mutation {
  std::shared_ptr<const Table> table;
  Bytes partition_key;                           // encode_partition_key
  std::optional<std::int64_t> delete_partition;  // timestamp
  std::vector<RangeDeletion> ranges;
  std::vector<RowChange> rows;
};

}  // namespace tidemill::tables::embedded
