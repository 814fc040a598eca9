// SPDX-License-Identifier: Apache-2.0
// Everything a query remembers from epoch to epoch, and how it comes back after a crash: a local
// snapshot, then the tail of the changelog topic.
#pragma once

#include <optional>
#include <string>

#include "broker/broker.h"
#include "runtime/disk.h"
#include "stream/query.h"
#include "stream/state/changelog.h"
#include "stream/state/key_table.h"
#include "stream/state/window_table.h"

namespace tidemill::stream {

// Where a query keeps things; names are made of the query's name.
struct QueryPlaces {
  std::string group;  // its committed offsets
  std::string transactional_id;
  std::string changelog_topic;
  std::string snapshot_path;  // empty: no snapshots
};
QueryPlaces places_of(const std::string& query, const std::string& state_folder);

// Thread: one at a time.
class QueryMemory {
 public:
  // `write_times`: the last write time per key of the sink is kept.
  QueryMemory(const QuerySpec& spec, bool write_times);

  EpochRecord record;               // the last committed one
  std::optional<KeyTable> seen;     // DISTINCT ON: key -> event time
  std::optional<KeyTable> written;  // key of the sink -> write time
  std::optional<WindowTable> windows;

  void write_changes(ChangelogBatch& out, const EpochRecord& next);
  // After write_changes() reached the log.
  void commit(EpochRecord next);
  void rollback();

  // Reads the snapshot (once) and the changelog's tail. Whoever writes the changelog must have been
  // fenced before.
  // Errors: Conflict when the state belongs to another plan.
  Result<> restore(broker::Broker& broker, Disk& disk, const QueryPlaces& places);
  Result<> save(Disk& disk, const QueryPlaces& places);
  // Where the changelog ends, to be told after each commit; what was written since the snapshot.
  void changelog_at(std::int64_t next_offset) { changelog_next_ = next_offset; }
  std::uint64_t bytes_since_snapshot() const { return bytes_since_snapshot_; }
  std::size_t memory_bytes() const;

 private:
  Result<> load(BytesView snapshot);
  Result<> apply(const RecordView& record);
  void clear();

  std::string plan_hash_;
  std::string query_;
  bool loaded_ = false;
  std::int64_t changelog_next_ = 0;
  std::uint64_t bytes_since_snapshot_ = 0;
};

}  // namespace tidemill::stream
