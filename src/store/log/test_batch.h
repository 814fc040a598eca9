// SPDX-License-Identifier: Apache-2.0
// Makes record batches for the tests of this folder, whose records are not looked at.
#pragma once

#include <string_view>

#include "base/crc32c.h"
#include "store/log/batch_frame.h"

namespace tidemill::store::log {

struct TestBatch {
  std::int64_t base_offset = 0;
  std::int32_t records = 1;
  std::int64_t timestamp_ms = 1000;
  std::int32_t leader_epoch = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t sequence = -1;
  bool transactional = false;
  std::string_view payload = "records";
};

inline Bytes seal_batch(ByteWriter& out) {
  Bytes bytes = out.take();
  store_be(bytes.data() + 8, static_cast<std::int32_t>(bytes.size() - kFramePrefixBytes));
  store_be(bytes.data() + 17, crc32c(BytesView{bytes}.subspan(kFrameUncheckedBytes)));
  return bytes;
}

inline void write_frame(ByteWriter& out, const TestBatch& batch, std::int16_t attributes) {
  out.i64be(batch.base_offset);
  out.i32be(0);
  out.i32be(batch.leader_epoch);
  out.i8(2);
  out.u32be(0);
  out.i16be(attributes);
  out.i32be(batch.records - 1);
  out.i64be(batch.timestamp_ms);
  out.i64be(batch.timestamp_ms);
  out.i64be(batch.producer_id);
  out.i16be(batch.producer_epoch);
  out.i32be(batch.sequence);
  out.i32be(batch.records);
}

inline Bytes make_batch(const TestBatch& batch) {
  ByteWriter out;
  write_frame(out, batch, batch.transactional ? 0x10 : 0);
  out.text(batch.payload);
  return seal_batch(out);
}

inline Bytes make_marker(const TestBatch& batch, bool commit) {
  ByteWriter out;
  write_frame(out, batch, 0x30);
  ByteWriter record;
  record.u8(0);
  record.varint64(0);
  record.varint32(0);
  record.varint32(4);
  record.i16be(0);
  record.i16be(commit ? 1 : 0);
  record.varint32(6);
  record.i16be(0);
  record.i32be(7);
  record.varint32(0);
  out.varint32(static_cast<std::int32_t>(record.size()));
  out.bytes(record.buffer());
  return seal_batch(out);
}

}  // namespace tidemill::store::log
