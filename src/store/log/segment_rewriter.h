// SPDX-License-Identifier: Apache-2.0
// Writes what takes the place of some full segments: their batches, fewer and smaller.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/log/segment.h"

namespace tidemill::store::log {

inline constexpr std::string_view kCompactingExtension = ".compacting";

// Thread:   one at a time.
// Lifetime: the file `.compacting` stays when it is destroyed: discard() it, or give what finish()
//           made to SegmentLog::replace().
class SegmentRewriter {
 public:
  static Result<std::unique_ptr<SegmentRewriter>> create(FileCache& files, std::string folder,
                                                         std::int64_t base_offset,
                                                         std::uint32_t index_interval_bytes);

  // A whole batch behind the one before.
  Result<> add(BytesView batch);
  std::uint64_t bytes() const { return segment_->bytes; }
  std::int64_t base_offset() const { return segment_->base_offset; }
  std::int64_t end_offset() const { return segment_->end_offset; }
  // Durable: the content is on disk after return; its name once the folder is synced.
  Result<std::shared_ptr<Segment>> finish(Bytes producers_at_end, std::vector<AbortedRange> aborted,
                                          std::int64_t created_ms);
  Result<> discard();

 private:
  SegmentRewriter(std::shared_ptr<Segment> segment, std::unique_ptr<File> file,
                  std::uint32_t index_interval_bytes);
  Result<> flush();

  std::shared_ptr<Segment> segment_;
  std::unique_ptr<File> file_;
  const std::uint32_t index_interval_bytes_;
  Bytes buffer_;
  std::uint64_t written_ = 0;
};

}  // namespace tidemill::store::log
