// SPDX-License-Identifier: Apache-2.0
// RAII over RocksDB with errors as values. The only door to its headers; knows nothing of what is
// stored.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/rocks/rules.h"

namespace tidemill::store::rocks {

inline rocksdb::Slice to_slice(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline rocksdb::Slice to_slice(std::string_view text) {
  return {text.data(), text.size()};
}
inline BytesView to_bytes(const rocksdb::Slice& slice) {
  return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

// Exhausted for a full disk, Corrupt for damaged files, Io for the disk, else Internal.
Error to_error(const rocksdb::Status& status, std::string_view what);

struct FamilyOptions {
  std::string name;
  std::size_t memtable_bytes = 4U << 20;
  const Rules* rules = nullptr;  // must outlive the database
  std::size_t successive_merges_max = 8;
  std::chrono::seconds compaction_period{0};  // 0: only when files overlap
};

struct DatabaseOptions {
  std::string path;
  std::size_t block_cache_bytes = 8U << 20;
  std::size_t wal_bytes_max = 64U << 20;
  int background_jobs = 2;
  std::vector<FamilyOptions> families;  // the first must be "default"
};

using FamilyIndex = std::size_t;

// Changes written together.
class Batch {
 public:
  void put(rocksdb::ColumnFamilyHandle* family, BytesView key, BytesView value);
  void merge(rocksdb::ColumnFamilyHandle* family, BytesView key, BytesView value);
  void remove(rocksdb::ColumnFamilyHandle* family, BytesView key);
  void clear() { batch_.Clear(); }
  std::size_t bytes() const { return batch_.GetDataSize(); }
  bool is_empty() const { return batch_.Count() == 0; }

 private:
  friend class Database;
  rocksdb::WriteBatch batch_;
};

// Walks keys in [lower, upper) of one snapshot.
//
// Thread:   one.
// Lifetime: must end before the database is closed.
class Cursor {
 public:
  Cursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, Bytes lower, Bytes upper,
         const rocksdb::Snapshot* snapshot, bool fill_cache);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  void seek_first() { iterator_->SeekToFirst(); }
  void seek_last() { iterator_->SeekToLast(); }
  void seek(BytesView key) { iterator_->Seek(to_slice(key)); }
  // The last key <= `key`.
  void seek_before(BytesView key) { iterator_->SeekForPrev(to_slice(key)); }
  void next() { iterator_->Next(); }
  void previous() { iterator_->Prev(); }
  bool valid() const { return iterator_->Valid(); }
  BytesView key() const { return to_bytes(iterator_->key()); }
  BytesView value() const { return to_bytes(iterator_->value()); }
  // Ask when valid() turns false: the end, or a failure?
  Result<> status() const;

 private:
  Bytes lower_;
  Bytes upper_;
  rocksdb::Slice lower_slice_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// A value found by key; the bytes live as long as this.
class Found {
 public:
  explicit operator bool() const { return found_; }
  BytesView value() const { return to_bytes(value_); }

 private:
  friend class Database;
  rocksdb::PinnableSlice value_;
  bool found_ = false;
};

// A sorted file made outside the log and memory, taken over as a whole by Database::ingest.
class SortedFile {
 public:
  ~SortedFile();  // removes its name; what was ingested has another
  // Keys must rise strictly.
  Result<> merge(BytesView key, BytesView value);
  Result<> finish();  // written and on disk

 private:
  friend class Database;
  SortedFile();
  struct State;
  std::unique_ptr<State> state_;
};

// An open database.
//
// Thread:   any.
// Lifetime: cursors and snapshots end first; close() or the destructor flushes nothing: the log
//           has it.
// Durable:  write(..., Sync::Yes), ingest() and sync() return once the bytes are on disk.
// After a full disk: writes fail until space is back, then go on by themselves.
class Database {
 public:
  enum class Sync { No, Yes };

  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();

  rocksdb::ColumnFamilyHandle* family(FamilyIndex index) const { return handles_[index]; }

  Result<> write(Batch& batch, Sync sync);
  Result<> sync();  // everything written so far
  Result<Found> get(FamilyIndex family, BytesView key,
                    const rocksdb::Snapshot* snapshot = nullptr) const;
  std::unique_ptr<Cursor> cursor(FamilyIndex family, Bytes lower, Bytes upper,
                                 const rocksdb::Snapshot* snapshot = nullptr,
                                 bool fill_cache = true) const;
  std::shared_ptr<const rocksdb::Snapshot> snapshot() const;

  Result<std::unique_ptr<SortedFile>> new_sorted_file(FamilyIndex family);
  // After: the entries of the files are visible and durable, as the newest of their keys.
  Result<> ingest(FamilyIndex family, std::span<const std::unique_ptr<SortedFile>> files);

  Result<> flush();
  Result<> compact(FamilyIndex family, BytesView lower, BytesView upper);
  // Drops files that hold nothing else; quick, leaves the rest to compaction.
  Result<> drop_files(FamilyIndex family, BytesView lower, BytesView upper);
  std::uint64_t bytes_between(FamilyIndex family, BytesView lower, BytesView upper) const;
  std::uint64_t property(FamilyIndex family, const std::string& name) const;

 private:
  class MergeByRules;
  class CompactByRules;
  class CompactByRulesFactory;

  Database() = default;
  Result<> recover_space();

  std::string path_;
  std::vector<std::unique_ptr<MergeByRules>> mergers_;
  std::vector<std::unique_ptr<CompactByRulesFactory>> filters_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::Options file_options_;  // what sorted files are written with
  std::atomic<std::uint64_t> next_file_{0};
  std::atomic<bool> stopped_by_disk_{false};
};

}  // namespace tidemill::store::rocks
