// SPDX-License-Identifier: Apache-2.0
// What a partition's folder says about its compaction (cleanup.policy=compact).
//
//   state := clean_offset:i64 gaps_below:i64 replaced_from:i64 replaced_to:i64
#pragma once

#include <cstdint>
#include <string>

#include "runtime/disk.h"

namespace tidemill::store::log {

struct CompactionState {
  // Every key of a record below has been looked for in all records below.
  std::int64_t clean_offset = 0;
  // Batches below may be missing: a gap there is no damage.
  std::int64_t gaps_below = 0;
  // A replacement that is under way: the file `.compacting` of the first offset takes the place of
  // all segments up to the second; -1: none. Whoever finds it finishes it.
  std::int64_t replaced_from = -1;
  std::int64_t replaced_to = -1;

  bool operator==(const CompactionState&) const = default;
};

// As new where there is no file.
Result<CompactionState> read_compaction_state(Disk& disk, const std::string& folder);
// Durable: after return; with it every name in the folder.
Result<> write_compaction_state(Disk& disk, const std::string& folder,
                                const CompactionState& state);

}  // namespace tidemill::store::log
