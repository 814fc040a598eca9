// SPDX-License-Identifier: Apache-2.0
#include "store/log/segment_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "runtime/log.h"
#include "store/log/checked_file.h"

namespace tidemill::store::log {
namespace {

// state := log_start:i64 count:u32 (epoch:i32 start_offset:i64)*
constexpr std::string_view kStateMagic = "TMPS";
constexpr std::uint16_t kStateVersion = 1;
constexpr std::string_view kStateFile = "/partition.state";

constexpr std::uint64_t kZerosAheadBytes = 256 << 10;
constexpr std::uint64_t kSmallAppendBytes = 64 << 10;
constexpr std::uint64_t kReservingFromBytes = 16 << 20;
constexpr std::uint64_t kReservedBytesMax = 64 << 20;

}  // namespace

SegmentLog::SegmentLog(FileCache& files, std::string folder, LogSettings settings)
    : files_(files), folder_(std::move(folder)), settings_(settings) {}

Result<> SegmentLog::write_state(Disk& disk, const std::string& folder, BytesView state) {
  return write_checked_file(disk, fmt::format("{}{}", folder, kStateFile), kStateMagic,
                            kStateVersion, state);
}

Bytes SegmentLog::encode_state(std::int64_t log_start) const {
  ByteWriter state;
  state.i64be(log_start);
  state.u32be(static_cast<std::uint32_t>(epochs_.size()));
  for (const LeaderEpoch& epoch : epochs_) {
    state.i32be(epoch.epoch);
    state.i64be(epoch.start_offset);
  }
  return state.take();
}

std::int64_t SegmentLog::max_timestamp() const {
  std::int64_t newest = -1;
  for (const auto& segment : segments_) newest = std::max(newest, segment->max_timestamp);
  return newest;
}

Result<> SegmentLog::roll_for(std::uint64_t more_bytes, const BatchFrame& first,
                              const BatchFrame& last, std::int64_t now_ms) {
  if (!segments_.empty()) {
    Segment& active = *segments_.back();
    const bool too_old = active.bytes > 0 && active.first_timestamp >= 0 &&
                         first.max_timestamp - active.first_timestamp > settings_.segment_ms;
    const bool full = active.bytes > 0 && active.bytes + more_bytes > settings_.segment_bytes;
    // Relative offsets in the indexes have 32 bits (KAFKA-6264).
    const bool too_far = last.last_offset() - active.base_offset >
                         std::int64_t{std::numeric_limits<std::int32_t>::max()};
    if (!too_old && !full && !too_far) return {};
    ByteWriter producers;
    producers_.encode(producers);
    active.producers_at_end = producers.take();
  }
  auto next = std::make_shared<Segment>(files_, folder_, first.base_offset);
  next->created_ms = now_ms;
  TRY(next->file());
  segments_.push_back(std::move(next));
  return {};
}

void SegmentLog::note(Segment& segment, const BatchFrame& frame, BytesView batch,
                      std::int64_t now_ms) {
  segment.add(frame, batch, settings_.index_interval_bytes);
  if (!frame.control()) {
    producers_.apply(frame, now_ms);
    return;
  }
  const auto marker = parse_end_marker(batch);
  if (!marker.ok()) return;  // a control type of a later version of Kafka
  if (const auto ended = producers_.apply_marker(frame, *marker, now_ms)) {
    segment.aborted.push_back(*ended);
    aborted_.push_back(*ended);
  }
}

// Blocks that come one by one cost an append of many a third of its time. A segment never reserves
// more than it already has, so that thousands of small partitions take no space they do not use.
void SegmentLog::reserve_for(Segment& active, File& file, std::uint64_t more_bytes) const {
  const std::uint64_t needed = active.bytes + more_bytes;
  if (more_bytes <= kSmallAppendBytes || active.bytes < kReservingFromBytes ||
      needed <= active.reserved_bytes) {
    return;
  }
  const std::uint64_t ahead = std::max(more_bytes, std::min(active.bytes, kReservedBytesMax));
  const std::uint64_t end = std::min(active.bytes + ahead, settings_.segment_bytes);
  if (end < needed) return;
  // Only a help: a full disk shows at the write that needs the space, and a file system that
  // cannot reserve is not asked again for a while.
  (void)file.reserve(active.bytes, end);
  active.reserved_bytes = end;
}

Result<> SegmentLog::append(BytesView batches, std::span<const BatchFrame> frames,
                            std::int64_t now_ms) {
  TM_CHECK(!frames.empty() && frames.front().base_offset == end_offset_,
           "batches begin at {}, the log ends at {}",
           frames.empty() ? -1 : frames.front().base_offset, end_offset_);
  TRY(roll_for(batches.size(), frames.front(), frames.back(), now_ms));
  Segment& active = *segments_.back();
  const auto file = TRY(active.file());
  reserve_for(active, *file, batches.size());
  if (auto written = file->write(active.bytes, batches); !written.ok()) {
    // What was written of it is cut off, lest a recovery takes it for acknowledged.
    if (file->truncate(active.bytes).ok()) active.extended_bytes = active.bytes;
    active.reserved_bytes = active.bytes;
    return written;
  }
  const std::uint64_t used = active.bytes + batches.size();
  if (settings_.write_zeros_ahead && batches.size() <= kSmallAppendBytes &&
      used > active.extended_bytes && used + kZerosAheadBytes <= settings_.segment_bytes) {
    // Only a help: a full disk shows at the next write that needs the space.
    if (file->extend_with_zeros(used, used + kZerosAheadBytes).ok()) {
      active.extended_bytes = used + kZerosAheadBytes;
    } else if (!file->truncate(used).ok()) {
      active.extended_bytes = used;
    }
  }
  std::size_t at = 0;
  for (const BatchFrame& frame : frames) {
    note(active, frame, batches.subspan(at, frame.size), now_ms);
    at += frame.size;
  }
  end_offset_ = active.end_offset;
  bytes_ += batches.size();
  return {};
}

SyncJob SegmentLog::begin_sync() const {
  SyncJob job{.folder = folder_, .targets = {}, .end_offset = end_offset_};
  for (const auto& segment : segments_) {
    if (segment->synced_bytes < segment->bytes) {
      job.targets.push_back({segment, segment->bytes, segment->fresh});
    }
  }
  return job;
}

Result<> SegmentLog::run_sync(const SyncJob& job) {
  bool fresh = false;
  for (const SyncJob::Target& target : job.targets) {
    const auto file = TRY(target.segment->file());
    TRY(file->sync());
    fresh = fresh || target.fresh;
  }
  if (fresh) TRY(job.targets.front().segment->files.disk().sync_directory(job.folder));
  return {};
}

void SegmentLog::finish_sync(const SyncJob& job) {
  for (const SyncJob::Target& target : job.targets) {
    target.segment->synced_bytes = std::max(target.segment->synced_bytes, target.bytes);
    target.segment->fresh = false;
  }
  durable_offset_ = std::max(durable_offset_, job.end_offset);
}

std::vector<std::shared_ptr<Segment>> SegmentLog::to_seal() const {
  std::vector<std::shared_ptr<Segment>> full;
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) {
    const auto& segment = segments_[i];
    if (!segment->sealed && segment->synced_bytes == segment->bytes) full.push_back(segment);
  }
  return full;
}

void SegmentLog::finish_seal(const std::shared_ptr<Segment>& segment) {
  segment->drop_indexes();
  segment->producers_at_end = {};
}

std::int64_t SegmentLog::retention_start(std::int64_t retention_ms, std::int64_t retention_bytes,
                                         std::int64_t limit, std::int64_t now_ms) const {
  std::int64_t start = log_start_;
  std::uint64_t left = bytes_;
  for (const auto& segment : segments_) {
    if (segment->end_offset > limit || segment->bytes == 0) break;
    const bool active = segment == segments_.back();
    const std::int64_t newest =
        segment->max_timestamp >= 0 ? segment->max_timestamp : segment->created_ms;
    const bool too_old = retention_ms >= 0 && now_ms - newest > retention_ms;
    const bool too_much = retention_bytes >= 0 && !active &&
                          left - segment->bytes >= static_cast<std::uint64_t>(retention_bytes);
    if (!too_old && !too_much) break;
    left -= segment->bytes;
    start = std::max(start, segment->end_offset);
  }
  return start;
}

std::vector<std::shared_ptr<Segment>> SegmentLog::advance_log_start(std::int64_t log_start) {
  log_start_ = std::max(log_start_, log_start);
  const auto kept = std::ranges::find_if(segments_, [this](const auto& segment) {
    return segment->end_offset > log_start_ || segment->bytes == 0;
  });
  std::vector<std::shared_ptr<Segment>> gone(segments_.begin(), kept);
  segments_.erase(segments_.begin(), kept);
  for (const auto& segment : gone) {
    segment->retired.store(true);
    bytes_ -= segment->bytes;
  }
  std::erase_if(aborted_,
                [this](const AbortedRange& range) { return range.last_offset < log_start_; });
  return gone;
}

Result<> SegmentLog::close(SyncBy sync_by) {
  const SyncJob job = begin_sync();
  TRY(run_sync(job));
  finish_sync(job);
  for (const auto& segment : segments_) {
    if (segment->sealed) continue;
    if (segment == segments_.back()) {
      ByteWriter producers;
      producers_.encode(producers);
      segment->producers_at_end = producers.take();
    }
    TRY(segment->write_seal(sync_by));
  }
  return {};
}

}  // namespace tidemill::store::log
