// SPDX-License-Identifier: Apache-2.0
#include "store/log/producer_states.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::store::log {
namespace {

constexpr std::size_t kProducerBytesMin = 8 + 2 + 4 + 8 + 8 + 1;
constexpr std::int64_t kSequences = std::int64_t{1} << 31;

}  // namespace

std::int32_t next_sequence(std::int32_t last, std::int32_t by) {
  return static_cast<std::int32_t>((std::int64_t{last} + by) % kSequences);
}

SequenceCheck ProducerStates::check(const BatchFrame& frame) const {
  SequenceCheck found;
  if (frame.producer_id < 0) return found;
  const auto known = states_.find(frame.producer_id);
  // Nothing known: expired or from before a deletion, so any sequence may be the next one.
  if (known == states_.end()) return found;
  const ProducerState& state = known->second;
  found.current_epoch = state.epoch;
  if (frame.producer_epoch < state.epoch) {
    found.verdict = SequenceVerdict::Fenced;
    return found;
  }
  if (frame.base_sequence < 0) return found;  // a marker's producer has none
  if (frame.producer_epoch > state.epoch) {
    if (frame.base_sequence != 0) found.verdict = SequenceVerdict::OutOfOrder;
    return found;
  }
  const std::int32_t last = next_sequence(frame.base_sequence, frame.last_offset_delta);
  for (std::uint8_t i = 0; i < state.count; ++i) {
    const SequencedBatch& batch = state.batches[i];
    if (batch.first_sequence == frame.base_sequence && batch.last_sequence == last) {
      found.verdict = SequenceVerdict::Duplicate;
      found.original = batch;
      return found;
    }
  }
  found.expected_sequence = state.count == 0 ? 0 : next_sequence(state.last_sequence());
  if (frame.base_sequence == found.expected_sequence) return found;
  const std::int64_t behind =
      (std::int64_t{found.expected_sequence} - frame.base_sequence + kSequences) % kSequences;
  found.verdict = state.count > 0 && behind < kSequences / 2 ? SequenceVerdict::OldDuplicate
                                                             : SequenceVerdict::OutOfOrder;
  return found;
}

void ProducerStates::apply(const BatchFrame& frame, std::int64_t now_ms) {
  if (frame.producer_id < 0) return;
  ProducerState& state = states_[frame.producer_id];
  if (frame.producer_epoch != state.epoch) {
    state.epoch = frame.producer_epoch;
    state.count = 0;
  }
  if (frame.base_sequence >= 0) {
    if (state.count == ProducerState::kBatches) {
      std::shift_left(state.batches.begin(), state.batches.end(), 1);
      --state.count;
    }
    state.batches[state.count++] =
        SequencedBatch{.first_sequence = frame.base_sequence,
                       // Compaction may have taken records out since; the offsets still count them.
                       .last_sequence = next_sequence(frame.base_sequence, frame.last_offset_delta),
                       .base_offset = frame.base_offset,
                       .last_offset = frame.last_offset(),
                       .timestamp_ms = frame.max_timestamp};
  }
  state.last_timestamp_ms = std::max(state.last_timestamp_ms, frame.max_timestamp);
  state.last_seen_ms = now_ms;
  if (frame.transactional() && state.transaction_start < 0) {
    state.transaction_start = frame.base_offset;
    open_[frame.base_offset] = frame.producer_id;
  }
}

std::optional<AbortedRange> ProducerStates::apply_marker(const BatchFrame& frame,
                                                         const EndMarker& marker,
                                                         std::int64_t now_ms) {
  if (frame.producer_id < 0) return std::nullopt;
  ProducerState& state = states_[frame.producer_id];
  if (frame.producer_epoch > state.epoch) {
    state.epoch = frame.producer_epoch;
    state.count = 0;
  }
  state.coordinator_epoch = std::max(state.coordinator_epoch, marker.coordinator_epoch);
  state.last_timestamp_ms = std::max(state.last_timestamp_ms, frame.max_timestamp);
  state.last_seen_ms = now_ms;
  if (state.transaction_start < 0) return std::nullopt;
  const std::int64_t first = state.transaction_start;
  open_.erase(first);
  state.transaction_start = -1;
  if (marker.commit) return std::nullopt;
  return AbortedRange{.producer_id = frame.producer_id,
                      .first_offset = first,
                      .last_offset = frame.last_offset(),
                      .last_stable_offset = first_open_offset().value_or(frame.next_offset())};
}

std::optional<std::int64_t> ProducerStates::first_open_offset() const {
  if (open_.empty()) return std::nullopt;
  return open_.begin()->first;
}

void ProducerStates::expire(std::int64_t before_ms) {
  std::erase_if(states_, [before_ms](const auto& entry) {
    return entry.second.transaction_start < 0 && entry.second.last_seen_ms < before_ms;
  });
}

void ProducerStates::encode(ByteWriter& out) const {
  out.u32be(static_cast<std::uint32_t>(states_.size()));
  for (const auto& [id, state] : states_) {
    out.i64be(id);
    out.i16be(state.epoch);
    out.i32be(state.coordinator_epoch);
    out.i64be(state.transaction_start);
    out.i64be(state.last_timestamp_ms);
    out.u8(state.count);
    for (std::uint8_t i = 0; i < state.count; ++i) {
      const SequencedBatch& batch = state.batches[i];
      out.i32be(batch.first_sequence);
      out.i32be(batch.last_sequence);
      out.i64be(batch.base_offset);
      out.i64be(batch.last_offset);
      out.i64be(batch.timestamp_ms);
    }
  }
}

Result<ProducerStates> ProducerStates::decode(ByteReader& in, std::int64_t now_ms) {
  ProducerStates read;
  const std::uint32_t count = TRY(in.u32be());
  if (count > in.remaining() / kProducerBytesMin) {
    return error(ErrorCode::Corrupt,
                 fmt::format("{} producers cannot be in {} bytes", count, in.remaining()));
  }
  for (std::uint32_t n = 0; n < count; ++n) {
    const std::int64_t id = TRY(in.i64be());
    ProducerState state;
    state.last_seen_ms = now_ms;
    state.epoch = TRY(in.i16be());
    state.coordinator_epoch = TRY(in.i32be());
    state.transaction_start = TRY(in.i64be());
    state.last_timestamp_ms = TRY(in.i64be());
    state.count = TRY(in.u8());
    if (state.count > ProducerState::kBatches) {
      return error(ErrorCode::Corrupt,
                   fmt::format("producer {} has {} batches, at most {} are kept", id, state.count,
                               ProducerState::kBatches));
    }
    for (std::uint8_t i = 0; i < state.count; ++i) {
      SequencedBatch& batch = state.batches[i];
      batch.first_sequence = TRY(in.i32be());
      batch.last_sequence = TRY(in.i32be());
      batch.base_offset = TRY(in.i64be());
      batch.last_offset = TRY(in.i64be());
      batch.timestamp_ms = TRY(in.i64be());
    }
    if (state.transaction_start >= 0) read.open_[state.transaction_start] = id;
    read.states_[id] = state;
  }
  return read;
}

}  // namespace tidemill::store::log
