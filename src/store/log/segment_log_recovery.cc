// SPDX-License-Identifier: Apache-2.0
// Opening a log: what can be trusted, what must be read again, what may be cut (kafka.md 2.2 in
// short: only beyond the last offset known to be on disk).
#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "store/log/checked_file.h"
#include "store/log/segment_log.h"

namespace tidemill::store::log {
namespace {

constexpr std::string_view kStateMagic = "TMPS";
constexpr std::uint16_t kStateVersion = 1;
constexpr std::string_view kStateFile = "/partition.state";
constexpr std::uint64_t kStateBytesMax = 16 << 20;
constexpr std::uint64_t kScanBytes = 1 << 20;

bool all_zero(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

// Where reading a segment ended, and why if not at the end of its file.
struct SegmentLog::Scan {
  std::string damage;  // empty: none
  std::uint64_t file_bytes = 0;
};

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(FileCache& files, std::string folder,
                                                     LogSettings settings,
                                                     const LogOpening& opening) {
  std::unique_ptr<SegmentLog> log(new SegmentLog(files, std::move(folder), settings));
  TRY(log->read_state());
  TRY(log->finish_replacement());
  TRY(log->recover(opening));
  return log;
}

Result<> SegmentLog::read_state() {
  const std::string path = fmt::format("{}{}", folder_, kStateFile);
  if (!files_.disk().exists(path)) {
    // As new. If it is lost, segments and epochs of the batches contradict it.
    epochs_.push_back({});
    return {};
  }
  const auto content =
      TRY(read_checked_file(files_.disk(), path, kStateMagic, kStateVersion, kStateBytesMax));
  ByteReader in(content.payload);
  log_start_ = TRY(in.i64be());
  const std::uint32_t count = TRY(in.u32be());
  for (std::uint32_t i = 0; i < count; ++i) {
    LeaderEpoch epoch;
    epoch.epoch = TRY(in.i32be());
    epoch.start_offset = TRY(in.i64be());
    epochs_.push_back(epoch);
  }
  if (epochs_.empty() || log_start_ < 0) {
    return error(ErrorCode::Corrupt,
                 fmt::format("file '{}{}' has no leader epoch", folder_, kStateFile));
  }
  return {};
}

// Reads a segment's batches in order, notes each, and stops before the first that is not whole.
Result<SegmentLog::Scan> SegmentLog::scan(Segment& segment, std::int64_t now_ms) {
  Scan scan;
  const auto file = TRY(segment.file());
  scan.file_bytes = TRY(file->size());
  Bytes buffer;
  std::uint64_t buffer_at = 0;
  std::int32_t epoch = 0;
  const auto view = [&](std::uint64_t bytes) -> Result<BytesView> {
    const std::uint64_t at = segment.bytes;
    bytes = std::min(bytes, scan.file_bytes - at);
    if (at < buffer_at || at + bytes > buffer_at + buffer.size()) {
      buffer.resize(std::min(std::max(bytes, kScanBytes), scan.file_bytes - at));
      buffer_at = at;
      buffer.resize(TRY(file->read(at, buffer)));
    }
    return BytesView{buffer}.subspan(at - buffer_at, std::min<std::uint64_t>(bytes, buffer.size()));
  };
  while (segment.bytes < scan.file_bytes) {
    const BytesView head = TRY(view(kFrameBytes));
    if (all_zero(head)) {
      // Zeros written ahead, or a size that reached the disk before its data: the end, unless
      // something follows.
      for (std::uint64_t at = segment.bytes; at < scan.file_bytes;) {
        buffer.resize(std::min(kScanBytes, scan.file_bytes - at));
        buffer_at = at;
        buffer.resize(TRY(file->read(at, buffer)));
        if (buffer.empty()) break;
        if (!all_zero(buffer)) {
          scan.damage = "zeros with something behind them";
          break;
        }
        at += buffer.size();
      }
      return scan;
    }
    const auto frame = parse_frame(head);
    if (!frame.ok()) {
      scan.damage = frame.error().message;
      return scan;
    }
    if (frame->size > scan.file_bytes - segment.bytes) {
      scan.damage = fmt::format("batch of {} bytes passes the end of the file", frame->size);
      return scan;
    }
    const bool gap = frame->base_offset > segment.end_offset;
    if (gap ? frame->base_offset > compaction_.gaps_below
            : frame->base_offset != segment.end_offset) {
      scan.damage =
          fmt::format("batch has base offset {}, not {}", frame->base_offset, segment.end_offset);
      return scan;
    }
    if (frame->leader_epoch < epoch || frame->leader_epoch > epochs_.back().epoch) {
      scan.damage = fmt::format("batch has leader epoch {} after {}", frame->leader_epoch, epoch);
      return scan;
    }
    const BytesView batch = TRY(view(frame->size));
    if (!batch_checksum_holds(batch)) {
      scan.damage = "checksum mismatch";
      return scan;
    }
    epoch = frame->leader_epoch;
    note(segment, *frame, batch, now_ms);
    recovery_.scanned_bytes += frame->size;
  }
  return scan;
}

// Drops everything behind the first segments and the batches noted of the last of them.
Result<> SegmentLog::cut(std::size_t keep_segments, const std::vector<std::int64_t>& bases) {
  Segment& last = *segments_.back();
  const auto file = TRY(last.file());
  const std::uint64_t had = TRY(file->size());
  TRY(file->truncate(last.bytes));
  TRY(file->sync());
  last.extended_bytes = last.bytes;
  recovery_.cut_bytes += had - last.bytes;
  for (std::size_t i = bases.size(); i > keep_segments; --i) {
    const Segment later(files_, folder_, bases[i - 1]);
    const auto later_file = TRY(later.file());
    recovery_.cut_bytes += TRY(later_file->size());
    TRY(later.remove_files());
  }
  return files_.disk().sync_directory(folder_);
}

Result<> SegmentLog::recover(const LogOpening& opening) {
  std::vector<std::int64_t> bases;
  for (const std::string& name : TRY(files_.disk().list(folder_))) {
    if (const auto base = parse_segment_file_name(name)) bases.push_back(*base);
  }
  // A removal that was interrupted after the log start had been made durable.
  while (bases.size() > 1 && bases[1] <= log_start_) {
    TRY(Segment(files_, folder_, bases.front()).remove_files());
    bases.erase(bases.begin());
  }
  if (!bases.empty() && bases.front() > log_start_) {
    return error(
        ErrorCode::Corrupt,
        fmt::format("'{}' begins with offset {}, the log starts at {}: a segment is missing",
                    folder_, bases.front(), log_start_));
  }
  end_offset_ = bases.empty() ? log_start_ : bases.front();
  bool cut_something = false;
  bool scanned = false;
  for (std::size_t i = 0; i < bases.size(); ++i) {
    if (bases[i] != end_offset_) {
      return error(ErrorCode::Corrupt,
                   fmt::format("'{}' has offset {} followed by segment {}: a segment is missing",
                               folder_, end_offset_, bases[i]));
    }
    const bool last = i + 1 == bases.size();
    auto segment = std::make_shared<Segment>(files_, folder_, bases[i]);
    segment->created_ms = opening.now_ms;
    segments_.push_back(segment);
    bool trusted = false;
    if (!last || opening.clean) {
      trusted = TRY(segment->read_seal(last));
      trusted = trusted && (last || segment->end_offset == bases[i + 1]);
    }
    if (trusted) {
      ByteReader in(segment->producers_at_end);
      producers_ = TRY(ProducerStates::decode(in, opening.now_ms)
                           .context(fmt::format("in '{}'", segment->path(".seal"))));
      segment->producers_at_end = {};
      aborted_.insert(aborted_.end(), segment->aborted.begin(), segment->aborted.end());
      end_offset_ = segment->end_offset;
      bytes_ += segment->bytes;
      continue;
    }
    segment = std::make_shared<Segment>(files_, folder_, bases[i]);
    segment->created_ms = opening.now_ms;
    segments_.back() = segment;
    const Scan found = TRY(scan(*segment, opening.now_ms));
    scanned = scanned || segment->bytes > 0;
    end_offset_ = segment->end_offset;
    bytes_ += segment->bytes;
    segment->extended_bytes = found.file_bytes;
    std::string damage = found.damage;
    if (damage.empty() && !last && end_offset_ != bases[i + 1]) {
      damage = fmt::format("it ends before segment {}", bases[i + 1]);
    }
    // Lost batches at the very end leave no trace but the offset that is known to be on disk.
    if (damage.empty() && last && end_offset_ < opening.durable_offset) damage = "it ends";
    if (!damage.empty()) {
      if (end_offset_ < opening.durable_offset) {
        return error(
                   ErrorCode::Corrupt,
                   fmt::format(
                       "segment '{}' is damaged at byte {} (offset {}): {}; offsets below {} were "
                       "safely on disk, so nothing is cut off",
                       segment->path(".log"), segment->bytes, end_offset_, damage,
                       opening.durable_offset))
            .with_hint("restore the file from a copy, or delete the topic");
      }
      TRY(cut(i + 1, bases));
      cut_something = true;
      log_warning("store",
                  "segment '{}': {} bytes cut off behind offset {} after an unclean stop: {}",
                  segment->path(".log"), recovery_.cut_bytes, end_offset_, damage);
    }
    if (!last) {
      ByteWriter producers;
      producers_.encode(producers);
      segment->producers_at_end = producers.take();
    }
    const auto file = TRY(segment->file());
    // A full segment is sealed soon, and a seal vouches for what is on disk.
    if (opening.sync_by == SyncBy::File || !last) TRY(file->sync());
    segment->synced_bytes = segment->bytes;
    if (cut_something) break;
  }
  if (bases.empty() && log_start_ < opening.durable_offset) {
    return error(ErrorCode::Corrupt,
                 fmt::format("'{}' has no segment, offsets {} to {} are missing", folder_,
                             log_start_, opening.durable_offset));
  }
  if ((scanned && opening.sync_by == SyncBy::File) || cut_something) {
    TRY(files_.disk().sync_directory(folder_));
  }
  for (const auto& segment : segments_) segment->fresh = false;
  if (log_start_ > end_offset_) {
    // Records were deleted that had not reached the disk: go on behind them.
    for (const auto& segment : advance_log_start(log_start_)) TRY(segment->remove_files());
    end_offset_ = log_start_;
  }
  durable_offset_ = end_offset_;
  if (cut_something || (scanned && !opening.clean && opening.unsynced_was_visible)) {
    const std::int32_t next = epochs_.back().epoch + 1;
    std::erase_if(epochs_, [this](const LeaderEpoch& epoch) {
      return epoch.start_offset >= end_offset_ && epoch.start_offset > 0;
    });
    epochs_.push_back({next, end_offset_});
    recovery_.new_epoch = true;
    TRY(write_state(files_.disk(), folder_, encode_state(log_start_)));
  }
  return {};
}

}  // namespace tidemill::store::log
