// SPDX-License-Identifier: Apache-2.0
// What a partition remembers of its idempotent and transactional producers (KIP-98): the last five
// batches of each, and open transactions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/log/batch_frame.h"

namespace tidemill::store::log {

struct SequencedBatch {
  std::int32_t first_sequence = -1;
  std::int32_t last_sequence = -1;
  std::int64_t base_offset = -1;
  std::int64_t last_offset = -1;
  std::int64_t timestamp_ms = -1;
};

struct ProducerState {
  static constexpr std::size_t kBatches = 5;
  std::int16_t epoch = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t transaction_start = -1;           // -1: no open transaction here
  std::int64_t last_timestamp_ms = -1;           // of its newest batch
  std::int64_t last_seen_ms = 0;                 // by our clock; not kept on disk
  std::array<SequencedBatch, kBatches> batches;  // oldest first
  std::uint8_t count = 0;

  std::int32_t last_sequence() const { return count == 0 ? -1 : batches[count - 1].last_sequence; }
};

// An aborted transaction as the transaction index keeps it.
struct AbortedRange {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;  // of the marker
  std::int64_t last_stable_offset = 0;
};

enum class SequenceVerdict { Accept, Duplicate, OldDuplicate, OutOfOrder, Fenced };

struct SequenceCheck {
  SequenceVerdict verdict = SequenceVerdict::Accept;
  SequencedBatch original;             // of a Duplicate
  std::int32_t expected_sequence = 0;  // of OutOfOrder
  std::int16_t current_epoch = -1;     // of Fenced
};

// Thread: as its log (one at a time).
class ProducerStates {
 public:
  SequenceCheck check(const BatchFrame& frame) const;
  // Takes note of an appended batch that is not a control batch.
  void apply(const BatchFrame& frame, std::int64_t now_ms);
  // Takes note of an end marker; what it aborted, if it ended and aborted a transaction here.
  std::optional<AbortedRange> apply_marker(const BatchFrame& frame, const EndMarker& marker,
                                           std::int64_t now_ms);

  // Where the oldest open transaction begins.
  std::optional<std::int64_t> first_open_offset() const;
  const std::unordered_map<std::int64_t, ProducerState>& all() const { return states_; }
  // Forgets producers without an open transaction that were last seen before the time. Ours, not
  // the records': replayed history carries old timestamps.
  void expire(std::int64_t before_ms);

  // producers := count:u32 producer*
  // producer  := id:i64 epoch:i16 coordinator_epoch:i32 transaction_start:i64 last_timestamp:i64
  //              batches:u8 (first_sequence:i32 last_sequence:i32 base_offset:i64 last_offset:i64
  //              timestamp:i64)*
  void encode(ByteWriter& out) const;
  static Result<ProducerStates> decode(ByteReader& in, std::int64_t now_ms);

 private:
  std::unordered_map<std::int64_t, ProducerState> states_;
  std::map<std::int64_t, std::int64_t> open_;  // first offset -> producer
};

// The sequence that follows, wrapping from 2^31-1 to 0.
std::int32_t next_sequence(std::int32_t last, std::int32_t by = 1);

}  // namespace tidemill::store::log
