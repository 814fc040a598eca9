// SPDX-License-Identifier: Apache-2.0
// Reading: which segment, where in it, and which whole batches.
#include <fmt/format.h>

#include <algorithm>

#include "store/log/segment_log.h"

namespace tidemill::store::log {
namespace {

// The index leads to at most one interval before the batch looked for.
constexpr std::uint64_t kLookBytes = 8192;

// A window of a segment's file.
class Window {
 public:
  Window(const File& file, std::uint64_t end) : file_(file), end_(end) {}

  std::uint64_t position() const { return start_ + at_; }
  BytesView ahead() const { return BytesView{memory_.get(), size_}.subspan(at_); }
  BytesView behind(std::uint64_t more) const { return {memory_.get(), at_ + more}; }
  std::shared_ptr<const void> memory() const { return memory_; }
  std::uint64_t offset_in_memory() const { return at_; }
  void step(std::uint64_t bytes) { at_ += bytes; }

  // Makes at least `needed` bytes (or all up to the end) readable ahead, reading `wanted` if it has
  // to read at all.
  Result<> ensure(std::uint64_t needed, std::uint64_t wanted) {
    const std::uint64_t left = end_ - std::min(end_, position());
    needed = std::min(needed, left);
    if (memory_ != nullptr && at_ <= size_ && size_ - at_ >= needed) return {};
    start_ = position();
    at_ = 0;
    const std::uint64_t asked = std::min(std::max(needed, wanted), left);
    // Not a vector: that would clear what the file fills at once.
    auto fresh = std::make_shared_for_overwrite<std::uint8_t[]>(asked);
    const std::size_t got = TRY(file_.read(start_, {fresh.get(), asked}));
    if (got < needed) {
      return error(ErrorCode::Corrupt, fmt::format("the file ends at byte {}, {} belong to the log",
                                                   start_ + got, end_));
    }
    memory_ = std::move(fresh);
    size_ = got;
    return {};
  }

 private:
  const File& file_;
  const std::uint64_t end_;
  std::uint64_t start_ = 0;
  std::uint64_t at_ = 0;
  std::uint64_t size_ = 0;
  std::shared_ptr<const std::uint8_t[]> memory_;

 public:
  void start_at(std::uint64_t position) {
    start_ = position;
    at_ = 0;
    memory_ = nullptr;
  }
};

Result<ReadChunk> read_from(const ReadPlan& plan, const File& file, std::size_t max_bytes) {
  std::uint64_t position = 0;
  if (plan.position) {
    position = *plan.position;
  } else if (plan.timestamp_ms) {
    position = TRY(plan.segment->position_of_time(*plan.timestamp_ms));
  } else {
    position = TRY(plan.segment->position_of(plan.offset));
  }
  Window window(file, plan.end_position);
  window.start_at(position);
  const std::uint64_t first_read = std::max<std::uint64_t>(max_bytes, kFrameBytes) + kLookBytes;

  BatchFrame frame;
  while (true) {
    if (window.position() >= plan.end_position) return ReadChunk{};
    TRY(window.ensure(kFrameBytes, first_read));
    frame = TRY(parse_frame(window.ahead()).context(fmt::format("at byte {}", window.position())));
    if (frame.base_offset >= plan.end_offset) return ReadChunk{};
    if (plan.timestamp_ms ? frame.max_timestamp >= *plan.timestamp_ms
                          : frame.last_offset() >= plan.offset) {
      break;
    }
    window.step(frame.size);
  }
  if (frame.size > plan.end_position - window.position()) {
    return error(ErrorCode::Corrupt,
                 fmt::format("the batch at byte {} claims {} bytes, the log ends at byte {}",
                             window.position(), frame.size, plan.end_position));
  }
  TRY(window.ensure(frame.size, std::max<std::uint64_t>(frame.size, max_bytes)));

  const BytesView ahead = window.ahead();
  std::uint64_t taken = frame.size;
  while (taken + kFrameBytes <= ahead.size()) {
    const BatchFrame next = TRY(parse_frame(ahead.subspan(taken))
                                    .context(fmt::format("at byte {}", window.position() + taken)));
    if (next.base_offset >= plan.end_offset || taken + next.size > max_bytes ||
        taken + next.size > ahead.size()) {
      break;
    }
    taken += next.size;
  }
  // A plan without a position is one for a sealed segment.
  if (!plan.position) {
    TRY(plan.segment->check_headers(window.position() - window.offset_in_memory(),
                                    window.behind(taken)));
  }
  return ReadChunk{.memory = window.memory(), .batches = ahead.first(taken)};
}

}  // namespace

const std::shared_ptr<Segment>* SegmentLog::segment_of(std::int64_t offset) const {
  const auto after = std::ranges::upper_bound(
      segments_, offset, {}, [](const auto& segment) { return segment->base_offset; });
  if (after == segments_.begin()) return segments_.empty() ? nullptr : &segments_.front();
  return &*std::prev(after);
}

Result<ReadPlan> SegmentLog::plan_read(std::int64_t offset, std::int64_t end_offset) const {
  ReadPlan plan{.segment = nullptr,
                .file = nullptr,
                .offset = offset,
                .timestamp_ms = {},
                .end_offset = end_offset};
  const auto* segment = segment_of(offset);
  if (offset >= end_offset || segment == nullptr) return plan;
  if (offset >= (*segment)->end_offset) return plan;
  plan.segment = *segment;
  plan.file = TRY((*segment)->file());
  plan.end_position = (*segment)->bytes;
  if (!(*segment)->sealed) plan.position = TRY((*segment)->position_of(offset));
  return plan;
}

Result<ReadPlan> SegmentLog::plan_read_time(std::int64_t timestamp_ms,
                                            std::int64_t end_offset) const {
  ReadPlan plan{.segment = nullptr,
                .file = nullptr,
                .offset = log_start_,
                .timestamp_ms = timestamp_ms,
                .end_offset = end_offset};
  for (const auto& segment : segments_) {
    if (segment->max_timestamp < timestamp_ms || segment->end_offset <= log_start_) continue;
    plan.segment = segment;
    plan.file = TRY(segment->file());
    plan.end_position = segment->bytes;
    if (!segment->sealed) plan.position = TRY(segment->position_of_time(timestamp_ms));
    break;
  }
  return plan;
}

Result<ReadPlan> SegmentLog::plan_read_max_timestamp() const {
  const auto newest = std::ranges::max_element(
      segments_, {}, [](const auto& segment) { return segment->max_timestamp; });
  if (newest == segments_.end() || (*newest)->max_timestamp < 0) return ReadPlan{};
  return plan_read((*newest)->max_timestamp_offset, end_offset_);
}

Result<ReadChunk> SegmentLog::read(const ReadPlan& plan, std::size_t max_bytes) {
  if (plan.segment == nullptr) return ReadChunk{};
  return read_from(plan, *plan.file, max_bytes)
      .context(fmt::format("segment '{}'", plan.segment->path(".log")));
}

std::vector<AbortedRange> SegmentLog::aborted_between(std::int64_t from, std::int64_t to) const {
  std::vector<AbortedRange> found;
  auto range = std::ranges::lower_bound(aborted_, from, {}, &AbortedRange::last_offset);
  for (; range != aborted_.end(); ++range) {
    if (range->first_offset < to) found.push_back(*range);
    // Nothing that ended later began below the last stable offset of then.
    if (range->last_stable_offset >= to) break;
  }
  std::ranges::sort(found, {}, &AbortedRange::first_offset);
  return found;
}

std::uint64_t SegmentLog::bytes_from(std::int64_t offset) const {
  std::uint64_t total = 0;
  for (auto at = segments_.rbegin(); at != segments_.rend(); ++at) {
    const Segment& segment = **at;
    if (segment.base_offset <= offset) {
      // A sealed segment's index is on disk; its whole size is bound enough.
      std::uint64_t skip = 0;
      if (!segment.sealed) {
        if (const auto found = segment.position_of(offset); found.ok()) skip = *found;
      }
      return total + segment.bytes - std::min(skip, segment.bytes);
    }
    total += segment.bytes;
  }
  return total;
}

}  // namespace tidemill::store::log
