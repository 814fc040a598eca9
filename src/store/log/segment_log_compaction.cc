// SPDX-License-Identifier: Apache-2.0
// Replacing full segments by smaller ones. What makes it safe is written in README.md.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "store/log/segment_log.h"
#include "store/log/segment_rewriter.h"

namespace tidemill::store::log {

namespace {

// Whether the batches of the file, all of them whole, follow each other up to the offset.
Result<bool> reaches(Disk& disk, const std::string& path, std::int64_t from, std::int64_t end) {
  const auto file = TRY(disk.open(path, OpenMode::ReadOnly));
  const std::uint64_t file_bytes = TRY(file->size());
  Bytes batch;
  for (std::uint64_t at = 0; at < file_bytes;) {
    batch.resize(std::min<std::uint64_t>(kFrameBytes, file_bytes - at));
    batch.resize(TRY(file->read(at, batch)));
    const auto frame = parse_frame(batch);
    if (!frame.ok() || frame->base_offset < from || frame->size > file_bytes - at) return false;
    batch.resize(frame->size);
    if (TRY(file->read(at, batch)) != frame->size || !batch_checksum_holds(batch)) return false;
    from = frame->next_offset();
    at += frame->size;
  }
  return from == end;
}

}  // namespace

std::vector<std::shared_ptr<Segment>> SegmentLog::sealed_segments(std::int64_t limit) const {
  std::vector<std::shared_ptr<Segment>> full;
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) {
    if (!segments_[i]->sealed || segments_[i]->end_offset > limit) break;
    full.push_back(segments_[i]);
  }
  return full;
}

bool SegmentLog::holds(const std::vector<std::shared_ptr<Segment>>& sources) const {
  return !std::ranges::search(segments_, sources).empty();
}

Result<> SegmentLog::replace(const std::vector<std::shared_ptr<Segment>>& sources,
                             std::shared_ptr<Segment> made) {
  const auto place = std::ranges::search(segments_, sources);
  TM_CHECK(!place.empty() && made->base_offset == sources.front()->base_offset &&
               made->end_offset == sources.back()->end_offset,
           "segment {} does not take the place of {} others", made->base_offset, sources.size());
  for (const auto& source : sources) source->retired.store(true);
  // The seal of the old file first: it would call the new one damaged.
  Disk& disk = files_.disk();
  for (const std::string_view extension : {".seal", ".txnindex", ".timeindex", ".index"}) {
    const std::string name = made->path(extension);
    if (disk.exists(name)) TRY(disk.remove(name));
  }
  TRY(disk.rename(made->path(kCompactingExtension), made->path(".log")));
  for (const auto& source : sources) bytes_ -= source->bytes;
  bytes_ += made->bytes;
  std::erase_if(aborted_, [&](const AbortedRange& range) {
    return range.last_offset >= made->base_offset && range.last_offset < made->end_offset;
  });
  aborted_.insert(
      std::ranges::lower_bound(aborted_, made->base_offset, {}, &AbortedRange::last_offset),
      made->aborted.begin(), made->aborted.end());
  const auto at = segments_.erase(place.begin(), place.end());
  segments_.insert(at, std::move(made));
  return {};
}

Result<> SegmentLog::finish_replacement() {
  Disk& disk = files_.disk();
  compaction_ = TRY(read_compaction_state(disk, folder_));
  const std::int64_t from = compaction_.replaced_from;
  const Segment first(files_, folder_, std::max<std::int64_t>(from, 0));
  const std::string rewritten = first.path(kCompactingExtension);
  if (from >= 0 && disk.exists(rewritten) &&
      !TRY(reaches(disk, rewritten, from, compaction_.replaced_to))) {
    // Not what the order was for. Sources go after the rename: they are there, the order is void.
    compaction_.replaced_from = compaction_.replaced_to = -1;
    TRY(write_compaction_state(disk, folder_, compaction_));
  } else if (from >= 0) {
    for (const std::string_view extension : {".seal", ".txnindex", ".timeindex", ".index"}) {
      if (disk.exists(first.path(extension))) TRY(disk.remove(first.path(extension)));
    }
    if (disk.exists(rewritten)) TRY(disk.rename(rewritten, first.path(".log")));
    for (const std::string& name : TRY(disk.list(folder_))) {
      const auto base = parse_segment_file_name(name);
      if (base && *base > from && *base < compaction_.replaced_to) {
        TRY(Segment(files_, folder_, *base).remove_files());
      }
    }
    TRY(disk.sync_directory(folder_));
    compaction_.replaced_from = compaction_.replaced_to = -1;
    TRY(write_compaction_state(disk, folder_, compaction_));
  }
  // What a rewrite left that never came into force.
  for (const std::string& name : TRY(disk.list(folder_))) {
    if (name.ends_with(kCompactingExtension)) TRY(disk.remove(folder_ + "/" + name));
  }
  return {};
}

}  // namespace tidemill::store::log
