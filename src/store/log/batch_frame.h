// SPDX-License-Identifier: Apache-2.0
// What the log must know of a record batch (v2) to store it: the 61 bytes in front of the records.
// Records, compression and building of batches: wire/kafka/record_batch.h.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace tidemill::store::log {

inline constexpr std::size_t kFrameBytes = 61;
inline constexpr std::size_t kFramePrefixBytes = 12;     // base offset and length
inline constexpr std::size_t kFrameUncheckedBytes = 21;  // Kafka's CRC covers what follows
inline constexpr std::uint64_t kBatchBytesMax = std::uint64_t{1} << 30;

struct BatchFrame {
  std::int64_t base_offset = 0;
  std::uint64_t size = 0;  // of the whole batch
  std::int32_t leader_epoch = -1;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  std::int64_t last_offset() const { return base_offset + last_offset_delta; }
  std::int64_t next_offset() const { return last_offset() + 1; }
  bool transactional() const { return (attributes & 0x10) != 0; }
  bool control() const { return (attributes & 0x20) != 0; }
};

// Reads the frame that `bytes` begins with; the records may be missing. Corrupt where it cannot be
// one: too short, a length out of bounds, another magic, a negative count.
Result<BatchFrame> parse_frame(BytesView bytes);
// Whether Kafka's checksum of a whole batch holds.
bool batch_checksum_holds(BytesView batch);
// Continues our own checksum over the fields that Kafka's leaves out (and Kafka's checksum itself).
std::uint32_t extend_header_check(std::uint32_t check, BytesView batch);
// "commit" or "abort" of a control batch that ends a transaction; none for any other.
struct EndMarker {
  bool commit = false;
  std::int32_t coordinator_epoch = 0;
};
Result<EndMarker> parse_end_marker(BytesView batch);

}  // namespace tidemill::store::log
