// SPDX-License-Identifier: Apache-2.0
#include "store/log/segment_rewriter.h"

#include <fmt/format.h>

namespace tidemill::store::log {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

}  // namespace

SegmentRewriter::SegmentRewriter(std::shared_ptr<Segment> segment, std::unique_ptr<File> file,
                                 std::uint32_t index_interval_bytes)
    : segment_(std::move(segment)),
      file_(std::move(file)),
      index_interval_bytes_(index_interval_bytes) {}

Result<std::unique_ptr<SegmentRewriter>> SegmentRewriter::create(
    FileCache& files, std::string folder, std::int64_t base_offset,
    std::uint32_t index_interval_bytes) {
  auto segment = std::make_shared<Segment>(files, std::move(folder), base_offset);
  const std::string path = segment->path(kCompactingExtension);
  if (files.disk().exists(path)) TRY(files.disk().remove(path));
  auto file = TRY(files.disk().open(path, OpenMode::CreateNew));
  return std::unique_ptr<SegmentRewriter>(
      new SegmentRewriter(std::move(segment), std::move(file), index_interval_bytes));
}

Result<> SegmentRewriter::add(BytesView batch) {
  const BatchFrame frame = TRY(parse_frame(batch));
  if (frame.size != batch.size() || frame.base_offset < segment_->end_offset) {
    return error(ErrorCode::Internal,
                 fmt::format("batch of {} bytes at offset {} cannot follow offset {}", batch.size(),
                             frame.base_offset, segment_->end_offset));
  }
  segment_->add(frame, batch, index_interval_bytes_);
  buffer_.insert(buffer_.end(), batch.begin(), batch.end());
  return buffer_.size() >= kBufferBytes ? flush() : Result<>{};
}

Result<> SegmentRewriter::flush() {
  TRY(file_->write(written_, buffer_));
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<std::shared_ptr<Segment>> SegmentRewriter::finish(Bytes producers_at_end,
                                                         std::vector<AbortedRange> aborted,
                                                         std::int64_t created_ms) {
  TRY(flush());
  TRY(file_->sync());
  file_.reset();
  segment_->synced_bytes = segment_->bytes;
  segment_->fresh = false;
  segment_->created_ms = created_ms;
  segment_->producers_at_end = std::move(producers_at_end);
  segment_->aborted = std::move(aborted);
  return segment_;
}

Result<> SegmentRewriter::discard() {
  file_.reset();
  return segment_->files.disk().remove(segment_->path(kCompactingExtension));
}

}  // namespace tidemill::store::log
