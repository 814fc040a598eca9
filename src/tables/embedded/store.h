// SPDX-License-Identifier: Apache-2.0
// The table store: a persisted schema and rows merged by timestamp, on one RocksDB. Knows no CQL
// text; docs/dev/formats/rows.md has the bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/completion.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "tables/embedded/mutation.h"
#include "tables/embedded/read.h"
#include "tables/schema.h"

namespace tidemill::tables::embedded {

// When an acknowledged write is on disk: Batch = before the answer (one fdatasync for all writes
// waiting), Periodic = at most `sync_interval` later. A killed process loses nothing in either.
enum class Durability { Batch, Periodic };

struct StoreOptions {
  std::string path;
  Durability durability = Durability::Batch;
  std::chrono::milliseconds sync_interval{1000};  // Periodic only
  std::size_t pending_bytes_max = 64U << 20;      // writes waiting for the disk; beyond: Exhausted
  std::size_t memtable_bytes = 16U << 20;
  std::size_t block_cache_bytes = 8U << 20;
  std::size_t bulk_rows_min = 2000;  // upserts of so many rows go into files of their own
  std::chrono::seconds compaction_period{86400};  // how late space of expired rows is reclaimed
  // Tombstones are kept for the table's gc_grace_seconds, but no longer than this: without
  // replicas they only guard against late writes with old timestamps.
  std::chrono::seconds gc_grace_max{3600};
  Metrics* metrics = nullptr;  // where it counts; must outlive the store
};

struct TableSize {
  std::uint64_t rows_estimate = 0;
  std::uint64_t bytes = 0;
};

// Owns the database in a folder.
//
// Thread:   apply(), schema(), list_path() from any, also I/O threads; everything else blocks: run
//           it on the blocking pool.
// Lifetime: close() (or the destructor) completes what was applied, then stops. Clock and Random
//           must outlive it. Completions run on the store's writer thread: hand over, don't work.
// Durable:  what StoreOptions::durability says, once the completion is called or a call returns.
// Errors:   Exhausted: disk full or too many writes pending; Io: the disk failed; Corrupt: the
//           files are damaged; NotFound/AlreadyExists/InvalidArgument with Cassandra's wording.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, Clock& clock,
                                             Random& random);
  virtual ~Store() = default;
  virtual void close() = 0;
  // What takes long (CREATE INDEX) soon fails with Unavailable; close() waits for nobody.
  virtual void begin_close() = 0;

  // --- schema ---
  // The newest schema; keep it as long as needed.
  virtual std::shared_ptr<const Schema> schema() const = 0;
  virtual Result<> create_keyspace(const Keyspace& keyspace) = 0;
  virtual Result<> alter_keyspace(const std::string& keyspace,
                                  const std::map<std::string, std::string>& replication,
                                  std::optional<bool> durable_writes) = 0;
  virtual Result<> drop_keyspace(const std::string& keyspace) = 0;
  // Columns with name, type, kind, descending, keys in order; ids, positions and `id` (unless
  // given) are filled in.
  virtual Result<std::shared_ptr<const Table>> create_table(Table draft) = 0;
  virtual Result<std::shared_ptr<const Table>> alter_table(const std::string& keyspace,
                                                           const std::string& table,
                                                           const TableAlteration& alteration) = 0;
  virtual Result<> drop_table(const std::string& keyspace, const std::string& table) = 0;
  // Everything applied before is gone; writes that run at the same time may or may not be.
  virtual Result<> truncate(const std::string& keyspace, const std::string& table) = 0;
  // Name, kind, options, column and target are the caller's. Returns once all rows are in it.
  virtual Result<> create_index(const std::string& keyspace, const std::string& table,
                                const Index& index) = 0;
  virtual Result<> drop_index(const std::string& keyspace, const std::string& table,
                              const std::string& index) = 0;
  virtual Result<> create_type(const UserType& type) = 0;
  // A type of that name exists; its fields stay where they are, new ones follow. Not for types in
  // keys or indexes, unless names only change. Conflict when `from`, which the type was derived
  // from, is no longer the newest schema: derive it again.
  virtual Result<> alter_type(const UserType& type, const Schema& from) = 0;
  virtual Result<> drop_type(const std::string& keyspace, const std::string& type) = 0;
  // Called after each change is durable and visible, in order, on the changing thread; must not
  // change the schema itself. The returned number removes it.
  using SchemaListener = std::function<void(const SchemaChange&)>;
  virtual std::uint64_t add_schema_listener(SchemaListener listener) = 0;
  virtual void remove_schema_listener(std::uint64_t number) = 0;

  // --- writes ---
  // All mutations or none; visible and durable when `done` is called. Never blocks on the disk.
  virtual void apply(std::vector<Mutation> mutations, Completion<Result<>> done) = 0;
  // The same, waiting for it (blocking).
  virtual Result<> apply_and_wait(std::vector<Mutation> mutations) = 0;
  // Rows by columns (PORT Writer): `columns` are all of the primary key's and any others.
  virtual Result<> upsert(const Table& table, std::span<const ColumnId> columns,
                          const UpsertBatch& batch) = 0;
  // The path of a new list element behind (or in front of) all that exist. Elements of one
  // prepended literal take theirs in reverse order.
  virtual Bytes list_path(bool front) = 0;

  // --- reads ---
  // One page, from one snapshot.
  virtual Result<Page> read(const ReadRequest& request) const = 0;

  // --- compare and set ---
  // Runs `decide` while no other read_modify_write touches the partition (of the given table), then
  // applies what it returns (nothing: an empty vector). `decide` reads through read().
  using Decide = std::function<Result<std::vector<Mutation>>()>;
  virtual Result<> read_modify_write(const Table& table, BytesView partition_key,
                                     const Decide& decide) = 0;

  // --- the server's own values (host id, prepared statements, roles, ...) ---
  virtual Result<std::optional<Bytes>> get_local(const std::string& key) const = 0;
  virtual Result<> put_local(const std::string& key, BytesView value) = 0;
  virtual Result<> remove_local(const std::string& key) = 0;
  virtual Result<std::vector<std::pair<std::string, Bytes>>> list_local(
      const std::string& prefix) const = 0;

  // --- upkeep ---
  virtual Result<TableSize> size_of(const Table& table) const = 0;
  // Writes memory to files / rewrites all files of a table now (tests, `tidemill table compact`).
  virtual Result<> flush() = 0;
  virtual Result<> compact(const Table& table) = 0;
};

}  // namespace tidemill::tables::embedded
