// SPDX-License-Identifier: Apache-2.0
// The log of one partition: segments in a folder, leader epochs, producer states. Knows nothing of
// topics, waiting readers or who may see what.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/log/compaction_state.h"
#include "store/log/segment.h"

namespace tidemill::store::log {

struct LogSettings {
  std::uint64_t segment_bytes = std::uint64_t{1} << 30;
  std::int64_t segment_ms = 604'800'000;
  std::uint32_t index_interval_bytes = 4096;
  // Small appends write zeros ahead of the end, so that a sync changes no metadata of the file.
  bool write_zeros_ahead = false;
};

struct LogOpening {
  // Everything below is known to be on disk: damage there is corruption, beyond it a torn tail.
  std::int64_t durable_offset = 0;
  bool clean = false;  // the process closed the log
  // Start a new leader epoch after an unclean stop even if nothing had to be cut, because readers
  // may have seen what was not on disk yet.
  bool unsynced_was_visible = false;
  // Caller: what recovery read may not be on disk yet; sync before the log is used.
  SyncBy sync_by = SyncBy::File;
  std::int64_t now_ms = 0;
};

// What opening found.
struct LogRecovery {
  std::uint64_t scanned_bytes = 0;
  std::uint64_t cut_bytes = 0;
  bool new_epoch = false;
};

struct LeaderEpoch {
  std::int32_t epoch = 0;
  std::int64_t start_offset = 0;
};

// Some whole batches.
struct ReadChunk {
  std::shared_ptr<const void> memory;
  BytesView batches;
};

// A read as decided under the log's lock, to be carried out without it.
struct ReadPlan {
  std::shared_ptr<const Segment> segment;      // null: nothing to read
  std::shared_ptr<File> file = {};             // its log, open
  std::int64_t offset = 0;                     // the batch that holds it, or
  std::optional<std::int64_t> timestamp_ms;    // the first batch that reaches it
  std::optional<std::uint64_t> position = {};  // where to begin looking, if known already
  std::uint64_t end_position = 0;
  std::int64_t end_offset = 0;  // batches from here on are not given
};

// A sync as decided under the lock, to be carried out without it.
struct SyncJob {
  struct Target {
    std::shared_ptr<Segment> segment;
    std::uint64_t bytes = 0;
    bool fresh = false;
  };
  std::string folder;
  std::vector<Target> targets;
  std::int64_t end_offset = 0;
};

// Thread:   the caller locks around every member function; the static ones need no lock.
// Lifetime: close() writes what makes the next open fast; without it the next open recovers.
// Durable:  append() returns once the bytes are in the page cache; what a finished SyncJob covers
// is
//           on disk.
class SegmentLog {
 public:
  // An empty folder is an empty log. Reads the log, rebuilds what is missing and cuts a torn tail
  // off. Corrupt where something is wrong below the durable offset; nothing is changed then.
  static Result<std::unique_ptr<SegmentLog>> open(FileCache& files, std::string folder,
                                                  LogSettings settings, const LogOpening& opening);

  const LogRecovery& recovery() const { return recovery_; }
  void set_settings(const LogSettings& settings) { settings_ = settings; }
  std::int64_t log_start() const { return log_start_; }
  std::int64_t end_offset() const { return end_offset_; }
  std::int64_t durable_offset() const { return durable_offset_; }
  std::uint64_t bytes() const { return bytes_; }
  std::size_t segments() const { return segments_.size(); }
  std::int64_t max_timestamp() const;
  std::int32_t leader_epoch() const { return epochs_.back().epoch; }
  const std::vector<LeaderEpoch>& epochs() const { return epochs_; }
  ProducerStates& producers() { return producers_; }
  const ProducerStates& producers() const { return producers_; }

  // Writes whole batches whose offsets continue the log. On failure the log is as before.
  Result<> append(BytesView batches, std::span<const BatchFrame> frames, std::int64_t now_ms);

  Result<ReadPlan> plan_read(std::int64_t offset, std::int64_t end_offset) const;
  Result<ReadPlan> plan_read_time(std::int64_t timestamp_ms, std::int64_t end_offset) const;
  Result<ReadPlan> plan_read_max_timestamp() const;
  // Batches from the planned one on: at least one, and as many as fit max_bytes. Empty where none
  // is left before the end.
  static Result<ReadChunk> read(const ReadPlan& plan, std::size_t max_bytes);
  // Aborted transactions that overlap the offsets [from, to), sorted by first offset.
  std::vector<AbortedRange> aborted_between(std::int64_t from, std::int64_t to) const;
  // Bytes from the offset's index entry to the end.
  std::uint64_t bytes_from(std::int64_t offset) const;

  SyncJob begin_sync() const;
  static Result<> run_sync(const SyncJob& job);
  void finish_sync(const SyncJob& job);

  // Full segments whose indexes are still in memory only and whose log is on disk: write_seal()
  // each without the lock, then say so.
  std::vector<std::shared_ptr<Segment>> to_seal() const;
  void finish_seal(const std::shared_ptr<Segment>& segment);

  // Up to where retention would move the log start, never beyond `limit`.
  std::int64_t retention_start(std::int64_t retention_ms, std::int64_t retention_bytes,
                               std::int64_t limit, std::int64_t now_ms) const;
  // The log start must be durable before files go: write encode_state() with write_state() (no
  // lock, one caller at a time), then advance_log_start(), then remove_files() of what it gives.
  Bytes encode_state(std::int64_t log_start) const;
  static Result<> write_state(Disk& disk, const std::string& folder, BytesView state);
  std::vector<std::shared_ptr<Segment>> advance_log_start(std::int64_t log_start);

  // Full segments from the log start on that end at or below the limit.
  std::vector<std::shared_ptr<Segment>> sealed_segments(std::int64_t limit) const;
  // Whether these segments are still here, one behind the other.
  bool holds(const std::vector<std::shared_ptr<Segment>>& sources) const;
  // Puts the rewritten segment in the place of the sources, for readers and on disk. It must be
  // durable as `replaced_from` before, the files of the other sources go afterwards.
  Result<> replace(const std::vector<std::shared_ptr<Segment>>& sources,
                   std::shared_ptr<Segment> made);
  const CompactionState& compaction() const { return compaction_; }
  void set_compaction(const CompactionState& state) { compaction_ = state; }

  // Syncs, seals every segment and gives back zeros written ahead.
  Result<> close(SyncBy sync_by = SyncBy::File);

 private:
  struct Scan;

  SegmentLog(FileCache& files, std::string folder, LogSettings settings);
  Result<> recover(const LogOpening& opening);
  Result<> read_state();
  Result<> finish_replacement();
  Result<Scan> scan(Segment& segment, std::int64_t now_ms);
  Result<> cut(std::size_t keep_segments, const std::vector<std::int64_t>& bases);
  Result<> roll_for(std::uint64_t more_bytes, const BatchFrame& first, const BatchFrame& last,
                    std::int64_t now_ms);
  void reserve_for(Segment& active, File& file, std::uint64_t more_bytes) const;
  void note(Segment& segment, const BatchFrame& frame, BytesView batch, std::int64_t now_ms);
  const std::shared_ptr<Segment>* segment_of(std::int64_t offset) const;

  FileCache& files_;
  const std::string folder_;
  LogSettings settings_;
  LogRecovery recovery_;
  std::int64_t log_start_ = 0;
  std::int64_t end_offset_ = 0;
  std::int64_t durable_offset_ = 0;
  std::uint64_t bytes_ = 0;
  CompactionState compaction_;
  std::vector<LeaderEpoch> epochs_;
  std::vector<std::shared_ptr<Segment>> segments_;  // the last one is appended to
  ProducerStates producers_;
  std::vector<AbortedRange> aborted_;  // sorted by marker
};

}  // namespace tidemill::store::log
