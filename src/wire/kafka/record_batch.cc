// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/record_batch.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/crc32c.h"

namespace tidemill::wire::kafka {
namespace {

constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;

void write_header(const BatchHeader& header, std::uint8_t* to) {
  store_be(to, header.base_offset);
  store_be(to + kLengthAt, header.batch_length);
  store_be(to + kEpochAt, header.leader_epoch);
  store_be(to + kMagicAt, header.magic);
  store_be(to + kCrcAt, header.crc);
  store_be(to + kAttributesAt, header.attributes);
  store_be(to + 23, header.last_offset_delta);
  store_be(to + 27, header.base_timestamp);
  store_be(to + kMaxTimestampAt, header.max_timestamp);
  store_be(to + 43, header.producer_id);
  store_be(to + 51, header.producer_epoch);
  store_be(to + 53, header.base_sequence);
  store_be(to + 57, header.record_count);
}

// Varints by hand: this loop runs once per field of every record the engine reads.
bool read_varint(const std::uint8_t*& at, const std::uint8_t* end, std::int64_t& value) {
  std::uint64_t raw = 0;
  for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
    const std::uint8_t byte = *at++;
    raw |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      value = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
      return true;
    }
  }
  return false;
}

// A byte string with its size in front; a null one keeps data() == nullptr.
bool read_sized(const std::uint8_t*& at, const std::uint8_t* end, BytesView& value) {
  std::int64_t size = 0;
  if (!read_varint(at, end, size) || size < -1 || size > end - at) return false;
  value = size < 0 ? BytesView{} : BytesView{at, static_cast<std::size_t>(size)};
  if (size > 0) at += size;
  return true;
}

bool skip_headers(const std::uint8_t*& at, const std::uint8_t* end) {
  std::int64_t count = 0;
  if (!read_varint(at, end, count) || count < 0 || count > end - at) return false;
  BytesView ignored;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!read_sized(at, end, ignored) || ignored.data() == nullptr) return false;
    if (!read_sized(at, end, ignored)) return false;
  }
  return true;
}

std::size_t varint_size(std::int64_t value) {
  auto raw = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  std::size_t size = 1;
  while ((raw >>= 7) != 0) ++size;
  return size;
}

std::size_t sized_size(const std::optional<BytesView>& value) {
  return value ? varint_size(static_cast<std::int64_t>(value->size())) + value->size() : 1;
}

void write_sized(ByteWriter& out, const std::optional<BytesView>& value) {
  out.varint64(value ? static_cast<std::int64_t>(value->size()) : -1);
  if (value) out.bytes(*value);
}

void write_record(Bytes& records, std::int64_t timestamp_delta, std::int64_t offset_delta,
                  const NewRecord& record) {
  const std::size_t headers = record.headers.empty() ? 1 : record.headers.size();
  const std::size_t size = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                           sized_size(record.key) + sized_size(record.value) + headers;
  ByteWriter out(records);
  out.varint64(static_cast<std::int64_t>(size));
  out.u8(0);
  out.varint64(timestamp_delta);
  out.varint64(offset_delta);
  write_sized(out, record.key);
  write_sized(out, record.value);
  if (record.headers.empty()) {
    out.u8(0);
  } else {
    out.bytes(record.headers);
  }
}

Bytes assemble(BatchHeader header, BytesView records) {
  Bytes batch(kBatchHeaderBytes + records.size());
  header.batch_length = static_cast<std::int32_t>(batch.size() - kBatchPrefixBytes);
  std::copy(records.begin(), records.end(), batch.begin() + kBatchHeaderBytes);
  write_header(header, batch.data());
  store_be(batch.data() + kCrcAt, crc32c(BytesView(batch).subspan(kBatchCrcEnd)));
  return batch;
}

}  // namespace

Result<BatchHeader> parse_batch_header(BytesView bytes) {
  if (bytes.size() < kBatchHeaderBytes) {
    return error(ErrorCode::Corrupt,
                 fmt::format("record batch of {} bytes is cut inside its header", bytes.size()));
  }
  const std::uint8_t* at = bytes.data();
  BatchHeader header;
  header.base_offset = load_be<std::int64_t>(at);
  header.batch_length = load_be<std::int32_t>(at + kLengthAt);
  header.leader_epoch = load_be<std::int32_t>(at + kEpochAt);
  header.magic = load_be<std::int8_t>(at + kMagicAt);
  if (header.magic == 0 || header.magic == 1) {
    return error(ErrorCode::Unsupported,
                 fmt::format("record batch has magic {}, only 2 is supported", header.magic));
  }
  if (header.magic != kBatchMagic) {
    return error(ErrorCode::Corrupt,
                 fmt::format("record batch has unknown magic {}", header.magic));
  }
  if (header.batch_length < static_cast<std::int32_t>(kBatchHeaderBytes - kBatchPrefixBytes)) {
    return error(ErrorCode::Corrupt,
                 fmt::format("record batch has impossible length {}", header.batch_length));
  }
  header.crc = load_be<std::uint32_t>(at + kCrcAt);
  header.attributes = load_be<std::int16_t>(at + kAttributesAt);
  header.last_offset_delta = load_be<std::int32_t>(at + 23);
  header.base_timestamp = load_be<std::int64_t>(at + 27);
  header.max_timestamp = load_be<std::int64_t>(at + kMaxTimestampAt);
  header.producer_id = load_be<std::int64_t>(at + 43);
  header.producer_epoch = load_be<std::int16_t>(at + 51);
  header.base_sequence = load_be<std::int32_t>(at + 53);
  header.record_count = load_be<std::int32_t>(at + 57);
  return header;
}

Result<std::optional<BatchView>> next_batch(BytesView& bytes) {
  if (bytes.size() < kBatchHeaderBytes) return std::optional<BatchView>{};
  BatchView batch{.header = TRY(parse_batch_header(bytes)), .bytes = {}};
  if (batch.header.size() > bytes.size()) return std::optional<BatchView>{};
  batch.bytes = bytes.first(batch.header.size());
  bytes = bytes.subspan(batch.header.size());
  return std::optional<BatchView>{batch};
}

Result<> check_batch_crc(const BatchView& batch) {
  const std::uint32_t actual = crc32c(batch.bytes.subspan(kBatchCrcEnd));
  if (actual == batch.header.crc) return {};
  return error(ErrorCode::Corrupt,
               fmt::format("record batch at offset {} has checksum {:08x}, its content {:08x}",
                           batch.header.base_offset, batch.header.crc, actual));
}

Result<BatchHeader> validate_produced(BytesView records) {
  const BatchHeader header = TRY(parse_batch_header(records));
  if (header.size() != records.size()) {
    const bool more = header.size() < records.size();
    return error(more ? ErrorCode::InvalidArgument : ErrorCode::Corrupt,
                 fmt::format("record batch says {} bytes, the partition's records are {}: {}",
                             header.size(), records.size(),
                             more ? "only one batch per partition is allowed" : "it is cut short"));
  }
  TRY(check_batch_crc({header, records}));
  TRY(compression_of(header.attributes));
  if (header.record_count <= 0 || header.last_offset_delta != header.record_count - 1) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("record batch counts {} records, but its last offset delta is {}",
                             header.record_count, header.last_offset_delta));
  }
  if (header.control()) {
    return error(ErrorCode::InvalidArgument,
                 "record batch is a control batch, clients cannot write those");
  }
  if (header.idempotent() && (header.producer_epoch < 0 || header.base_sequence < 0)) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("record batch of producer {} has epoch {} and sequence {}",
                             header.producer_id, header.producer_epoch, header.base_sequence));
  }
  if (header.transactional() && !header.idempotent()) {
    return error(ErrorCode::InvalidArgument, "transactional record batch has no producer id");
  }
  return header;
}

Result<BytesView> plain_records(const BatchView& batch, std::size_t bytes_max, Bytes& plain) {
  const Compression codec = TRY(compression_of(batch.header.attributes));
  if (codec == Compression::None) return batch.records();
  plain = TRY(decompress(codec, batch.records(), bytes_max));
  return BytesView(plain);
}

Result<> validate_records(const BatchView& batch, std::size_t plain_bytes_max, bool keys_required) {
  Bytes unpacked;
  const BytesView plain = TRY(plain_records(batch, plain_bytes_max, unpacked));
  RecordReader reader(batch.header, plain);
  RecordView record;
  std::int64_t expected = batch.header.base_offset;
  while (TRY(reader.next(record))) {
    if (record.offset != expected) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("record {} of the batch has offset delta {}",
                               expected - batch.header.base_offset,
                               record.offset - batch.header.base_offset));
    }
    if (keys_required && !record.has_key()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("record {} of the batch has no key, a compacted topic needs one",
                               expected - batch.header.base_offset));
    }
    ++expected;
  }
  return {};
}

Error RecordReader::damaged(std::string_view what) const {
  return error(ErrorCode::Corrupt, fmt::format("record {} of the batch at offset {}: {}", read_,
                                               header_.base_offset, what));
}

Result<bool> RecordReader::next(RecordView& record) {
  if (read_ == header_.record_count) {
    if (at_ != end_) return damaged("bytes follow the last record");
    return false;
  }
  std::int64_t size = 0;
  if (!read_varint(at_, end_, size)) return damaged("its size is cut short");
  if (size < 1 || size > end_ - at_) {
    return damaged(fmt::format("its size is {}, {} bytes are left", size, end_ - at_));
  }
  const std::uint8_t* at = at_ + 1;  // the record's attributes have no meaning yet
  const std::uint8_t* const end = at_ + size;
  std::int64_t timestamp_delta = 0;
  std::int64_t offset_delta = 0;
  if (!read_varint(at, end, timestamp_delta) || !read_varint(at, end, offset_delta)) {
    return damaged("its timestamp or offset is cut short");
  }
  if (offset_delta < 0 || offset_delta > header_.last_offset_delta) {
    return damaged(fmt::format("its offset delta is {}, the batch ends at {}", offset_delta,
                               header_.last_offset_delta));
  }
  if (!read_sized(at, end, record.key)) return damaged("its key does not fit");
  if (!read_sized(at, end, record.value)) return damaged("its value does not fit");
  const std::uint8_t* const headers = at;
  if (!skip_headers(at, end)) return damaged("its headers do not fit");
  if (at != end) return damaged("bytes follow its headers");
  record.headers = {headers, static_cast<std::size_t>(end - headers)};
  record.offset = header_.base_offset + offset_delta;
  // Unsigned: a hostile delta may wrap.
  record.timestamp_ms =
      header_.log_append_time()
          ? header_.max_timestamp
          : static_cast<std::int64_t>(static_cast<std::uint64_t>(header_.base_timestamp) +
                                      static_cast<std::uint64_t>(timestamp_delta));
  at_ = end;
  ++read_;
  return true;
}

BatchBuilder::BatchBuilder(std::int64_t now_ms, Producer producer)
    : now_ms_(now_ms), producer_(producer) {}

void BatchBuilder::add(const NewRecord& record) {
  const std::int64_t timestamp = record.timestamp_ms < 0 ? now_ms_ : record.timestamp_ms;
  if (header_.record_count == 0) header_.base_timestamp = timestamp;
  header_.max_timestamp = std::max(header_.max_timestamp, timestamp);
  write_record(records_, timestamp - header_.base_timestamp, header_.record_count++, record);
}

Result<Bytes> BatchBuilder::finish(Compression codec) {
  BatchHeader header = header_;
  header.attributes =
      static_cast<std::int16_t>(static_cast<int>(codec) | (producer_.transactional ? 0x10 : 0));
  header.last_offset_delta = std::max(0, header.record_count - 1);
  header.producer_id = producer_.id;
  header.producer_epoch = producer_.epoch;
  header.base_sequence = producer_.base_sequence;
  Bytes batch = codec == Compression::None ? assemble(header, records_)
                                           : assemble(header, TRY(compress(codec, records_)));
  header_ = {};
  records_.clear();
  return batch;
}

Bytes build_end_marker(bool committed, std::int64_t producer_id, std::int16_t producer_epoch,
                       std::int32_t coordinator_epoch, std::int64_t now_ms) {
  // control record := key(version:i16 type:i16), value(version:i16 coordinator_epoch:i32)
  ByteWriter record;
  record.varint32(1 + 1 + 1 + 1 + 4 + 1 + 6 + 1);
  record.u8(0);
  record.varint64(0);
  record.varint64(0);
  record.varint32(4);
  record.i16be(0);
  record.i16be(committed ? 1 : 0);
  record.varint32(6);
  record.i16be(0);
  record.i32be(coordinator_epoch);
  record.varint32(0);
  BatchHeader header;
  header.attributes = 0x30;
  header.base_timestamp = now_ms;
  header.max_timestamp = now_ms;
  header.producer_id = producer_id;
  header.producer_epoch = producer_epoch;
  header.record_count = 1;
  return assemble(header, record.buffer());
}

Result<Bytes> rewrite_batch(const BatchHeader& header, std::span<const RecordView> kept,
                            std::optional<std::int64_t> delete_horizon_ms) {
  BatchHeader made = header;
  made.record_count = static_cast<std::int32_t>(kept.size());
  if (kept.empty()) {
    made.attributes = static_cast<std::int16_t>(made.attributes & ~0x47);  // no codec, no horizon
    made.base_timestamp = made.max_timestamp = -1;
    return assemble(made, {});
  }
  if (header.has_delete_horizon()) delete_horizon_ms = header.base_timestamp;
  if (delete_horizon_ms) made.attributes = static_cast<std::int16_t>(made.attributes | 0x40);
  made.base_timestamp = delete_horizon_ms.value_or(kept.front().timestamp_ms);
  if (!header.log_append_time()) {
    made.max_timestamp =
        std::ranges::max_element(kept, {}, &RecordView::timestamp_ms)->timestamp_ms;
  }
  const auto part = [](BytesView bytes, bool there) {
    return there ? std::optional<BytesView>{bytes} : std::nullopt;
  };
  Bytes records;
  for (const RecordView& record : kept) {
    // Unsigned: a hostile timestamp may wrap.
    const auto delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(record.timestamp_ms) -
                                                 static_cast<std::uint64_t>(made.base_timestamp));
    write_record(records, delta, record.offset - header.base_offset,
                 {.key = part(record.key, record.has_key()),
                  .value = part(record.value, record.has_value()),
                  .headers = record.headers});
  }
  const Compression codec = TRY(compression_of(header.attributes));
  return codec == Compression::None ? assemble(made, records)
                                    : assemble(made, TRY(compress(codec, records)));
}

Bytes build_placeholder(const BatchHeader& header) {
  BatchHeader made;
  made.base_offset = header.base_offset;
  made.leader_epoch = header.leader_epoch;
  made.last_offset_delta = header.last_offset_delta;
  return assemble(made, {});
}

void set_base_offset(std::span<std::uint8_t> batch, std::int64_t offset) {
  store_be(batch.data(), offset);
}

void set_leader_epoch(std::span<std::uint8_t> batch, std::int32_t epoch) {
  store_be(batch.data() + kEpochAt, epoch);
}

void set_log_append_time(std::span<std::uint8_t> batch, std::int64_t now_ms) {
  const auto attributes = load_be<std::int16_t>(batch.data() + kAttributesAt);
  store_be(batch.data() + kAttributesAt, static_cast<std::int16_t>(attributes | 0x08));
  store_be(batch.data() + kMaxTimestampAt, now_ms);
  store_be(batch.data() + kCrcAt, crc32c(BytesView(batch).subspan(kBatchCrcEnd)));
}

}  // namespace tidemill::wire::kafka
