// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/transaction_records.h"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace tidemill::broker::embedded {
namespace {

constexpr std::int16_t kVersion = 0;

void write_string(ByteWriter& out, std::string_view text) {
  out.i16be(static_cast<std::int16_t>(text.size()));
  out.text(text);
}

Result<std::string> read_string(ByteReader& in) {
  const std::int16_t size = TRY(in.i16be());
  if (size < 0) return error(ErrorCode::Corrupt, "a name is null");
  return std::string(TRY(in.text(static_cast<std::size_t>(size))));
}

Result<> read_version(ByteReader& in) {
  const std::int16_t version = TRY(in.i16be());
  if (version == kVersion) return {};
  return error(ErrorCode::Unsupported, fmt::format("transaction has record version {}", version));
}

}  // namespace

Bytes encode_transaction_key(std::string_view transactional_id) {
  ByteWriter out;
  out.i16be(kVersion);
  write_string(out, transactional_id);
  return out.take();
}

Bytes encode_transaction_value(const TransactionRecord& record) {
  ByteWriter out;
  out.i16be(kVersion);
  out.i64be(record.producer.id);
  out.i16be(record.producer.epoch);
  out.i32be(record.timeout_ms);
  out.i8(static_cast<std::int8_t>(record.state));
  std::map<std::string_view, std::vector<std::int32_t>> topics;
  for (const TopicPartition& partition : record.partitions) {
    topics[partition.topic].push_back(partition.partition);
  }
  out.i32be(topics.empty() ? -1 : static_cast<std::int32_t>(topics.size()));
  for (const auto& [topic, partitions] : topics) {
    write_string(out, topic);
    out.i32be(static_cast<std::int32_t>(partitions.size()));
    for (const std::int32_t partition : partitions) out.i32be(partition);
  }
  out.i64be(record.update_ms);
  out.i64be(record.start_ms);
  return out.take();
}

Result<std::string> decode_transaction_key(BytesView key) {
  ByteReader in(key);
  TRY(read_version(in));
  return read_string(in);
}

Result<TransactionRecord> decode_transaction_value(BytesView value) {
  ByteReader in(value);
  TRY(read_version(in));
  TransactionRecord record;
  record.producer.id = TRY(in.i64be());
  record.producer.epoch = TRY(in.i16be());
  record.timeout_ms = TRY(in.i32be());
  const std::int8_t state = TRY(in.i8());
  if (state < 0 || state > static_cast<std::int8_t>(TransactionState::PrepareEpochFence)) {
    return error(ErrorCode::Corrupt, fmt::format("transaction has status {}", state));
  }
  record.state = static_cast<TransactionState>(state);
  const std::int32_t topics = TRY(in.i32be());
  for (std::int32_t i = 0; i < topics; ++i) {
    const std::string topic = TRY(read_string(in));
    const std::int32_t partitions = TRY(in.i32be());
    for (std::int32_t n = 0; n < partitions; ++n) {
      record.partitions.insert({topic, TRY(in.i32be())});
    }
  }
  record.update_ms = TRY(in.i64be());
  record.start_ms = TRY(in.i64be());
  return record;
}

}  // namespace tidemill::broker::embedded
