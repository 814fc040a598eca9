// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/compaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "store/log/segment_log.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;
using kafka::BatchView;
using store::log::AbortedRange;
using store::log::Segment;
using store::log::SegmentLog;
using store::log::SegmentRewriter;

namespace {

constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kPlainBytesMax = std::size_t{256} << 20;

std::int64_t add_bounded(std::int64_t time_ms, std::int64_t more_ms) {
  return time_ms > INT64_MAX - more_ms ? INT64_MAX : time_ms + more_ms;
}

}  // namespace

Compaction::Compaction(CompactionTask task, store::log::FileCache& files, KeyOffsets& keys,
                       std::function<bool()> stop, Replace replace)
    : task_(std::move(task)),
      files_(files),
      keys_(keys),
      stop_(std::move(stop)),
      replace_(std::move(replace)) {
  for (const AbortedRange& range : task_.aborted) aborted_[range.producer_id].push_back(range);
  for (auto& [producer, ranges] : aborted_) {
    std::ranges::sort(ranges, {}, &AbortedRange::last_offset);
  }
}

Result<CompactionOutcome> Compaction::run() {
  const auto pass = [this]() -> Result<> {
    TRY(collect_keys());
    for (const auto& segment : task_.segments) {
      if (segment->base_offset >= outcome_.clean_offset) break;
      TRY(rewrite(segment).context(fmt::format("segment '{}'", segment->path(".log"))));
    }
    return finish_group();
  };
  Result<> outcome = pass();
  if (outcome.ok()) return outcome_;
  // A full disk gets its room back. Opening the log removes what stays here.
  if (rewriter_ != nullptr) std::ignore = rewriter_->discard();
  return std::move(outcome).error();
}

Result<> Compaction::each_batch(const Segment& segment, std::int64_t from, const Visit& visit) {
  // Not through the cache of files, which would create one that retention has just removed.
  store::log::ReadPlan plan{
      .segment = std::shared_ptr<const Segment>(std::shared_ptr<void>{}, &segment),
      .file = TRY(files_.disk().open(segment.path(".log"), OpenMode::ReadOnly)),
      .offset = std::max(from, segment.base_offset),
      .timestamp_ms = {},
      .end_position = segment.bytes,
      .end_offset = segment.end_offset};
  while (plan.offset < segment.end_offset) {
    if (stop_()) return error(ErrorCode::Unavailable, "compaction is told to stop");
    const auto chunk = TRY(SegmentLog::read(plan, kReadBytes));
    if (chunk.batches.empty()) {
      return error(ErrorCode::Corrupt, fmt::format("it ends before offset {}", segment.end_offset));
    }
    for (BytesView rest = chunk.batches; !rest.empty();) {
      const auto batch = TRY(kafka::next_batch(rest));
      if (!batch) return error(ErrorCode::Corrupt, "a batch is cut short");
      if (!TRY(visit(*batch))) return {};
      plan.offset = batch->header.last_offset() + 1;
    }
  }
  return {};
}

bool Compaction::aborted(const Header& header) const {
  if (!header.transactional()) return false;
  const auto known = aborted_.find(header.producer_id);
  if (known == aborted_.end()) return false;
  const auto range =
      std::ranges::lower_bound(known->second, header.base_offset, {}, &AbortedRange::last_offset);
  return range != known->second.end() && range->first_offset <= header.base_offset;
}

bool Compaction::newest_of_producer(const Header& header) const {
  const auto known = task_.newest_batches.find(header.producer_id);
  return known != task_.newest_batches.end() &&
         (known->second == header.last_offset() || (known->second < 0 && header.control()));
}

Result<std::vector<RecordView>> Compaction::unpack(const BatchView& batch) {
  // A damaged batch must not come out with a new checksum.
  TRY(kafka::check_batch_crc(batch));
  const BytesView plain = TRY(kafka::plain_records(batch, kPlainBytesMax, plain_));
  kafka::RecordReader reader(batch.header, plain);
  std::vector<RecordView> records;
  RecordView record;
  while (TRY(reader.next(record))) records.push_back(record);
  return records;
}

// The newest offsets of the keys from the clean offset on, as far as the table holds them.
Result<> Compaction::collect_keys() {
  outcome_.clean_offset = task_.clean_offset;
  for (const auto& segment : task_.segments) {
    if (segment->end_offset <= task_.clean_offset) continue;
    bool full = false;
    TRY(each_batch(*segment, task_.clean_offset, [&](const BatchView& batch) -> Result<bool> {
          full = !TRY(collect_batch(batch));
          if (!full) outcome_.clean_offset = batch.header.last_offset() + 1;
          return !full;
        }).context(fmt::format("segment '{}'", segment->path(".log"))));
    if (full) break;
  }
  if (outcome_.clean_offset == task_.clean_offset) {
    return error(ErrorCode::Exhausted,
                 fmt::format("the keys of the batch at offset {} do not fit in the memory that "
                             "compaction may use",
                             task_.clean_offset));
  }
  return {};
}

Result<bool> Compaction::collect_batch(const BatchView& batch) {
  if (batch.header.control() || batch.header.record_count == 0 || aborted(batch.header)) {
    return true;
  }
  const auto records = TRY(unpack(batch));
  // Some may be in the table when it is full: they are of this batch, whose records all stay.
  return std::ranges::all_of(records, [this](const RecordView& record) {
    return !record.has_key() || keys_.put(record.key, record.offset);
  });
}

Result<> Compaction::rewrite(const std::shared_ptr<Segment>& segment) {
  if (rewriter_ != nullptr &&
      (rewriter_->bytes() + segment->bytes > task_.segment_bytes ||
       segment->end_offset - rewriter_->base_offset() > std::numeric_limits<std::int32_t>::max())) {
    TRY(finish_group());
  }
  if (rewriter_ == nullptr) {
    rewriter_ = TRY(SegmentRewriter::create(files_, task_.folder, segment->base_offset,
                                            task_.index_interval_bytes));
  }
  changed_ = changed_ || !sources_.empty();
  sources_.push_back(segment);
  return each_batch(*segment, segment->base_offset, [this](const BatchView& batch) -> Result<bool> {
    last_ = batch.header;
    outcome_.read_bytes += batch.bytes.size();
    TRY(take(batch));
    return true;
  });
}

Result<> Compaction::take(const BatchView& batch) {
  const Header& header = batch.header;
  if (header.control()) return take_marker(batch);
  if (header.transactional()) open_.insert(header.producer_id);
  if (aborted(header) || header.record_count == 0) {
    if (!newest_of_producer(header)) return drop(batch);
    return header.record_count == 0 ? keep(batch.bytes) : keep_rewritten(batch, {}, {});
  }
  // Nothing is known of the keys behind.
  if (header.base_offset >= outcome_.clean_offset) return keep(batch.bytes);
  return take_records(batch);
}

Result<> Compaction::take_marker(const BatchView& batch) {
  const Header& header = batch.header;
  const bool needed = open_.erase(header.producer_id) > 0 || newest_of_producer(header);
  const bool due = header.has_delete_horizon() && header.base_timestamp <= task_.now_ms;
  if (!needed && due) return drop(batch);
  if (const auto known = aborted_.find(header.producer_id); known != aborted_.end()) {
    const auto range = std::ranges::lower_bound(known->second, header.last_offset(), {},
                                                &AbortedRange::last_offset);
    if (range != known->second.end() && range->last_offset == header.last_offset()) {
      kept_aborted_.push_back(*range);
    }
  }
  if (needed || header.has_delete_horizon()) return keep(batch.bytes);
  const auto records = TRY(unpack(batch));
  return keep_rewritten(batch, records, add_bounded(task_.now_ms, task_.delete_retention_ms));
}

bool Compaction::stays(const Header& header, const RecordView& record) const {
  if (!record.has_key()) return false;
  const auto newest = keys_.newest(record.key);
  if (newest && record.offset < *newest) return false;
  return record.has_value() || !header.has_delete_horizon() || task_.now_ms < header.base_timestamp;
}

Result<> Compaction::take_records(const BatchView& batch) {
  auto records = TRY(unpack(batch));
  const std::size_t before = records.size();
  std::erase_if(records, [&](const RecordView& record) { return !stays(batch.header, record); });
  if (records.empty() && !newest_of_producer(batch.header)) return drop(batch);
  const bool tombstones =
      std::ranges::any_of(records, [](const RecordView& record) { return !record.has_value(); });
  const bool set_horizon = tombstones && !batch.header.has_delete_horizon();
  if (records.size() == before && !set_horizon) return keep(batch.bytes);
  outcome_.dropped_records += before - records.size();
  return keep_rewritten(batch, records,
                        set_horizon
                            ? std::optional{add_bounded(task_.now_ms, task_.delete_retention_ms)}
                            : std::nullopt);
}

Result<> Compaction::keep(BytesView batch) {
  outcome_.kept_bytes += batch.size();
  return rewriter_->add(batch);
}

Result<> Compaction::keep_rewritten(const BatchView& batch, std::span<const RecordView> kept,
                                    std::optional<std::int64_t> delete_horizon_ms) {
  changed_ = true;
  return keep(TRY(kafka::rewrite_batch(batch.header, kept, delete_horizon_ms)));
}

Result<> Compaction::drop(const BatchView& batch) {
  // The placeholder at the end of a segment comes back with finish_group().
  const bool comes_back = batch.header.record_count == 0 &&
                          batch.header.last_offset() + 1 == sources_.back()->end_offset &&
                          std::ranges::equal(batch.bytes, kafka::build_placeholder(batch.header));
  changed_ = changed_ || !comes_back;
  outcome_.dropped_records += static_cast<std::uint64_t>(batch.header.record_count);
  return {};
}

Result<> Compaction::finish_group() {
  if (rewriter_ == nullptr) return {};
  const Segments sources = std::move(sources_);
  sources_.clear();
  const auto kept_aborted = std::move(kept_aborted_);
  kept_aborted_.clear();
  if (!std::exchange(changed_, false)) {
    const auto unused = std::move(rewriter_);
    return unused->discard();
  }
  if (rewriter_->end_offset() < sources.back()->end_offset) {
    TRY(rewriter_->add(kafka::build_placeholder(last_)));
  }
  std::int64_t created_ms = 0;
  for (const auto& source : sources) created_ms = std::max(created_ms, source->created_ms);
  auto made = TRY(
      rewriter_->finish(TRY(sources.back()->read_sealed_producers()), kept_aborted, created_ms));
  rewriter_.reset();  // from here on the file is replace_'s
  return replace_(sources, std::move(made));
}

}  // namespace tidemill::broker::embedded
