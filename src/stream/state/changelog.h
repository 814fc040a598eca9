// SPDX-License-Identifier: Apache-2.0
// Records of a query's changelog topic: what an epoch changed, so that state can be made again.
//
// key   := 'E'                                   the epoch record, one per epoch
//        | 'K' group:u8 sequence:u64be           entries of a key group (key_table.h)
//        | 'T' group:u8 sequence:u64be           the same for write times
//        | 'W' window_start_us:i64be key         one group of one window (window_table.h)
// value := epoch:u64be payload | null            null: the record with this key is gone
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "model/chunk.h"
#include "model/record.h"

namespace tidemill::stream {

// Collects records for one write; views point into memory of its own.
class ChangelogBatch {
 public:
  explicit ChangelogBatch(std::uint64_t epoch) : epoch_(epoch) {}
  std::uint64_t epoch() const { return epoch_; }
  void put(BytesView key, BytesView payload);
  void remove(BytesView key);
  std::span<const NewRecord> records() const { return records_; }

 private:
  BytesView keep(BytesView first, BytesView second = {});

  std::uint64_t epoch_;
  TextArena memory_;
  std::vector<NewRecord> records_;
};

// What the epoch record holds: everything but the keyed state.
struct EpochRecord {
  struct Position {
    std::int32_t partition = 0;
    std::int64_t next_offset = 0;
    std::int64_t max_event_us = INT64_MIN;  // INT64_MIN: none yet
    bool operator==(const Position&) const = default;
  };
  std::uint64_t epoch = 0;
  std::uint64_t run = 0;  // starts so far
  Uuid query_id;
  std::string plan_hash;
  std::string topic;
  std::vector<Position> positions;  // by partition
  std::int64_t watermark_us = INT64_MIN;
  std::uint64_t input_rows = 0, output_rows = 0, rejected_rows = 0, duplicate_rows = 0,
                late_rows = 0;
  std::map<std::string, std::uint64_t> rejected_by_rule;
  bool operator==(const EpochRecord&) const = default;
};

Bytes encode(const EpochRecord& record);
Result<EpochRecord> decode_epoch(BytesView payload);

}  // namespace tidemill::stream
