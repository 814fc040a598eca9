// SPDX-License-Identifier: Apache-2.0
// Records that were not processed, as they go to the dead-letter topic: key and value as they came,
// the why in headers (docs/dev/engine.md lists them).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/chunk.h"
#include "model/record.h"
#include "stream/slice.h"

namespace tidemill::stream {

// Thread: one at a time.
class DeadLetters {
 public:
  DeadLetters(std::string query, std::string source, std::string target, std::int32_t partitions)
      : query_(std::move(query)),
        source_(std::move(source)),
        target_(std::move(target)),
        partitions_(partitions) {}

  // The slice's records must live until the records are written.
  void add(const Slice& slice, std::uint32_t row, const std::string& rules,
           const std::string& reason);
  // By partition of the target.
  const std::map<std::int32_t, std::vector<NewRecord>>& records() const { return records_; }
  const std::string& target() const { return target_; }

 private:
  std::string query_;
  std::string source_;
  std::string target_;
  std::int32_t partitions_;
  TextArena memory_;
  Bytes scratch_;
  std::map<std::int32_t, std::vector<NewRecord>> records_;
};

std::string join_rules(const std::vector<std::string>& rules);

}  // namespace tidemill::stream
