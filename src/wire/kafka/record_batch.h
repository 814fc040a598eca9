// SPDX-License-Identifier: Apache-2.0
// Kafka's record batch v2 (magic 2), as it travels and as it lies on disk.
//
//   batch  := base_offset:i64 batch_length:i32 leader_epoch:i32 magic:i8 crc:u32
//             attributes:i16 last_offset_delta:i32 base_timestamp:i64 max_timestamp:i64
//             producer_id:i64 producer_epoch:i16 base_sequence:i32 record_count:i32
//             records
//   record := size:varint attributes:i8 timestamp_delta:varlong offset_delta:varint
//             key_size:varint key value_size:varint value
//             headers:varint (key_size:varint key value_size:varint value)*
//
// batch_length counts what follows it. crc is CRC-32C of everything behind it, so base offset and
// leader epoch may be set without computing it again. attributes: bits 0-2 codec, 3 log append
// time, 4 transactional, 5 control, 6 delete horizon (base_timestamp is when compaction may drop
// the batch's tombstones or its end marker, KIP-534). A size of -1 is null. The records part is
// compressed as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "model/record.h"
#include "wire/kafka/compression.h"

namespace tidemill::wire::kafka {

constexpr std::size_t kBatchHeaderBytes = 61;
constexpr std::size_t kBatchPrefixBytes = 12;  // base_offset and batch_length
constexpr std::size_t kBatchCrcEnd = 21;       // the checksum covers everything from here
constexpr std::int8_t kBatchMagic = 2;

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t batch_length = 0;
  std::int32_t leader_epoch = -1;
  std::int8_t magic = kBatchMagic;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  std::size_t size() const { return static_cast<std::size_t>(batch_length) + kBatchPrefixBytes; }
  std::int64_t last_offset() const { return base_offset + last_offset_delta; }
  bool log_append_time() const { return (attributes & 0x08) != 0; }
  bool transactional() const { return (attributes & 0x10) != 0; }
  bool control() const { return (attributes & 0x20) != 0; }
  bool has_delete_horizon() const { return (attributes & 0x40) != 0; }
  bool idempotent() const { return producer_id >= 0; }
};

// Reads the header of the batch that `bytes` begins with; the records behind it may be missing.
// Unsupported for magic 0 and 1, Corrupt where the length cannot be.
Result<BatchHeader> parse_batch_header(BytesView bytes);

// A whole batch with its records still packed.
struct BatchView {
  BatchHeader header;
  BytesView bytes;
  BytesView records() const { return bytes.subspan(kBatchHeaderBytes); }
};

// Takes the first batch off `bytes`; empty when only a part of one is left, as at the end of a
// fetched set.
Result<std::optional<BatchView>> next_batch(BytesView& bytes);

Result<> check_batch_crc(const BatchView& batch);

// What must hold of the records a client wants appended to one partition: exactly one batch, its
// checksum, counts that agree, a known codec, no control batch, producer fields that fit together.
// Does not look at the records. Corrupt or InvalidArgument (Kafka: INVALID_RECORD).
Result<BatchHeader> validate_produced(BytesView records);

// Reads every record: counts and offset deltas as the header says, and a key on each where
// `keys_required` (compacted topics).
Result<> validate_records(const BatchView& batch, std::size_t plain_bytes_max, bool keys_required);

// Where the records of a batch can be read: its own bytes, or `plain` once unpacked into it.
Result<BytesView> plain_records(const BatchView& batch, std::size_t bytes_max, Bytes& plain);

// Walks the records of one unpacked batch.
//
//   RecordReader reader(batch.header, plain);
//   while (TRY(reader.next(record))) ...
class RecordReader {
 public:
  RecordReader(const BatchHeader& header, BytesView plain)
      : header_(header), at_(plain.data()), end_(plain.data() + plain.size()) {}

  // False after the last record. Corrupt where a record exceeds the batch or its own size.
  Result<bool> next(RecordView& record);

 private:
  Error damaged(std::string_view what) const;

  BatchHeader header_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::int32_t read_ = 0;
};

// Makes one batch out of records.
class BatchBuilder {
 public:
  struct Producer {
    std::int64_t id = -1;
    std::int16_t epoch = -1;
    std::int32_t base_sequence = -1;
    bool transactional = false;
  };

  // `now_ms` stands in for timestamps of -1.
  explicit BatchBuilder(std::int64_t now_ms) : BatchBuilder(now_ms, Producer{}) {}
  BatchBuilder(std::int64_t now_ms, Producer producer);

  void add(const NewRecord& record);
  std::int32_t count() const { return header_.record_count; }
  std::size_t plain_bytes() const { return records_.size(); }
  // The batch at base offset 0; the builder is empty again.
  Result<Bytes> finish(Compression codec = Compression::None);

 private:
  std::int64_t now_ms_;
  Producer producer_;
  BatchHeader header_;
  Bytes records_;
};

// A control batch that ends a transaction (KIP-98).
Bytes build_end_marker(bool committed, std::int64_t producer_id, std::int16_t producer_epoch,
                       std::int32_t coordinator_epoch, std::int64_t now_ms);

// The batch with these of its records only: offsets, epoch, producer and codec stay as they were. A
// delete horizon is set where one is given and the batch has none. Without records it keeps its
// place and its producer.
Result<Bytes> rewrite_batch(const BatchHeader& header, std::span<const RecordView> kept,
                            std::optional<std::int64_t> delete_horizon_ms);
// What is left in the place of a batch: no records, no producer.
Bytes build_placeholder(const BatchHeader& header);

// Sets what the checksum does not cover.
void set_base_offset(std::span<std::uint8_t> batch, std::int64_t offset);
void set_leader_epoch(std::span<std::uint8_t> batch, std::int32_t epoch);
// Stamps log append time, and with it a new checksum.
void set_log_append_time(std::span<std::uint8_t> batch, std::int64_t now_ms);

}  // namespace tidemill::wire::kafka
