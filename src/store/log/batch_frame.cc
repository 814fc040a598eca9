// SPDX-License-Identifier: Apache-2.0
#include "store/log/batch_frame.h"

#include <fmt/format.h>

#include "base/crc32c.h"

namespace tidemill::store::log {

Result<BatchFrame> parse_frame(BytesView bytes) {
  if (bytes.size() < kFrameBytes) {
    return error(ErrorCode::Corrupt,
                 fmt::format("{} bytes cannot hold a batch header", bytes.size()));
  }
  const std::uint8_t* at = bytes.data();
  BatchFrame frame;
  frame.base_offset = load_be<std::int64_t>(at);
  const auto length = load_be<std::int32_t>(at + 8);
  const auto magic = static_cast<std::int8_t>(at[16]);
  if (magic != 2) {
    return error(ErrorCode::Corrupt, fmt::format("batch has magic {}, not 2", magic));
  }
  if (length < static_cast<std::int32_t>(kFrameBytes - kFramePrefixBytes) ||
      static_cast<std::uint64_t>(length) > kBatchBytesMax) {
    return error(ErrorCode::Corrupt, fmt::format("batch length {} is out of bounds", length));
  }
  frame.size = static_cast<std::uint64_t>(length) + kFramePrefixBytes;
  frame.leader_epoch = load_be<std::int32_t>(at + 12);
  frame.crc = load_be<std::uint32_t>(at + 17);
  frame.attributes = load_be<std::int16_t>(at + 21);
  frame.last_offset_delta = load_be<std::int32_t>(at + 23);
  frame.base_timestamp = load_be<std::int64_t>(at + 27);
  frame.max_timestamp = load_be<std::int64_t>(at + 35);
  frame.producer_id = load_be<std::int64_t>(at + 43);
  frame.producer_epoch = load_be<std::int16_t>(at + 51);
  frame.base_sequence = load_be<std::int32_t>(at + 53);
  frame.record_count = load_be<std::int32_t>(at + 57);
  if (frame.base_offset < 0 || frame.last_offset_delta < 0 || frame.record_count < 0 ||
      frame.base_offset > INT64_MAX - frame.last_offset_delta - 1) {
    return error(ErrorCode::Corrupt,
                 fmt::format("batch has base offset {}, last delta {}, {} records",
                             frame.base_offset, frame.last_offset_delta, frame.record_count));
  }
  return frame;
}

bool batch_checksum_holds(BytesView batch) {
  return batch.size() >= kFrameBytes &&
         crc32c(batch.subspan(kFrameUncheckedBytes)) == load_be<std::uint32_t>(batch.data() + 17);
}

std::uint32_t extend_header_check(std::uint32_t check, BytesView batch) {
  return crc32c_extend(check, batch.first(kFrameUncheckedBytes));
}

Result<EndMarker> parse_end_marker(BytesView batch) {
  // One record: size, attributes, timestamp delta, offset delta, key {version type}, value
  // {version coordinator epoch}; Kafka's EndTxnMarker.
  ByteReader in(batch.subspan(std::min(batch.size(), kFrameBytes)));
  TRY(in.varint32());
  TRY(in.skip(1));
  TRY(in.varint64());
  TRY(in.varint32());
  const std::int32_t key_size = TRY(in.varint32());
  if (key_size < 4) return error(ErrorCode::Corrupt, "control record has a short key");
  ByteReader key(TRY(in.bytes(static_cast<std::size_t>(key_size))));
  TRY(key.i16be());
  const std::int16_t type = TRY(key.i16be());
  if (type != 0 && type != 1) {
    return error(ErrorCode::Unsupported, fmt::format("control record has type {}", type));
  }
  const std::int32_t value_size = TRY(in.varint32());
  if (value_size < 6) return error(ErrorCode::Corrupt, "control record has a short value");
  ByteReader value(TRY(in.bytes(static_cast<std::size_t>(value_size))));
  TRY(value.i16be());
  return EndMarker{.commit = type == 1, .coordinator_epoch = TRY(value.i32be())};
}

}  // namespace tidemill::store::log
