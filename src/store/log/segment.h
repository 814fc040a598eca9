// SPDX-License-Identifier: Apache-2.0
// One segment of a log: a file of record batches and what finds a batch in it. Segments and their
// files are described in docs/dev/formats/segment.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/log/batch_frame.h"
#include "store/log/file_cache.h"
#include "store/log/producer_states.h"

namespace tidemill::store::log {

// .index  := (relative_offset:i32 position:i32)*               as Kafka's offset index
struct IndexEntry {
  std::uint32_t relative_offset = 0;  // of the batch at the position
  std::uint32_t position = 0;
};
// .timeindex := (timestamp:i64 relative_offset:i32)*           as Kafka's time index
struct TimeEntry {
  std::int64_t timestamp_ms = 0;      // the largest up to this batch
  std::uint32_t relative_offset = 0;  // of the last record of the batch that brought it
};
inline constexpr std::size_t kIndexEntryBytes = 8;
inline constexpr std::size_t kTimeEntryBytes = 12;
inline constexpr std::size_t kTransactionEntryBytes = 34;

// Who makes files durable: each is synced as it is written, or the caller syncs all with
// Disk::sync_all() before anything relies on them.
enum class SyncBy { File, Caller };

// Thread:   fields are guarded by the lock of the log that owns it; `seal()` reads a segment that
// no
//           longer changes.
// Lifetime: shared with reads in flight, so a removed segment stays readable for them.
struct Segment {
  Segment(FileCache& cache, std::string folder_path, std::int64_t base);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  FileCache& files;
  const std::uint64_t file_id;
  const std::string folder;
  const std::int64_t base_offset;

  std::int64_t end_offset;           // after the last record
  std::uint64_t bytes = 0;           // used
  std::uint64_t extended_bytes = 0;  // of the file, zeros written ahead included
  std::uint64_t reserved_bytes = 0;  // of the file, space taken ahead included
  std::uint64_t synced_bytes = 0;
  std::int64_t first_timestamp = -1;  // of the first batch
  std::int64_t max_timestamp = -1;
  std::int64_t max_timestamp_offset = -1;  // last record of the batch that has it
  std::int64_t created_ms = 0;
  bool fresh = true;  // its folder has not been synced since it was made
  // Sealed: the indexes are on disk and no longer here; the file does not change.
  bool sealed = false;
  // Set before its files go or change hands: what was read of it since is to be planned anew.
  std::atomic<bool> retired{false};

  std::vector<IndexEntry> index;
  std::vector<TimeEntry> times;
  std::vector<std::uint32_t> header_checks;  // per index entry, of the headers up to the next one
  std::vector<AbortedRange> aborted;         // whose marker lies here
  Bytes producers_at_end;                    // encoded when the segment was closed

  std::string path(std::string_view extension) const;
  Result<std::shared_ptr<File>> file() const { return files.get(file_id, path(".log")); }

  // Takes note of a batch that lies at the position `bytes`.
  void add(const BatchFrame& frame, BytesView header, std::uint32_t index_interval_bytes);

  // Where to begin looking for the batch that holds the offset, or the first batch that may reach
  // the timestamp. Sealed segments are searched in their files.
  Result<std::uint64_t> position_of(std::int64_t offset) const;
  Result<std::uint64_t> position_of_time(std::int64_t timestamp_ms) const;

  // Compares headers that were read with the checks in the seal: of all index intervals that lie
  // whole in `batches`, which begin at the position. Corrupt where one differs. Sealed only.
  Result<> check_headers(std::uint64_t position, BytesView batches) const;

  // Gives back what the file holds beyond `bytes`, then writes .index, .timeindex, .txnindex and
  // .seal. The log itself must be on disk.
  Result<> write_seal(SyncBy sync_by = SyncBy::File) const;
  // Reads the seal of a segment whose log file has the size that was sealed; false where there is
  // none or it belongs to a shorter log. Corrupt where the log is shorter than its seal says.
  // With `load_indexes` the segment can be appended to afterwards.
  Result<bool> read_seal(bool load_indexes);
  // After write_seal(): lets go of what the files hold.
  void drop_indexes();
  // The producers' states at the end, from the seal.
  Result<Bytes> read_sealed_producers() const;
  Result<> remove_files() const;
};

// The name of a segment's file: the base offset in 20 digits and the extension.
std::string segment_file_name(std::int64_t base_offset, std::string_view extension);
// The base offset of a name "<20 digits>.log".
std::optional<std::int64_t> parse_segment_file_name(std::string_view name);

}  // namespace tidemill::store::log
