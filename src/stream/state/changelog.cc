// SPDX-License-Identifier: Apache-2.0
#include "stream/state/changelog.h"

#include <fmt/format.h>

namespace tidemill::stream {
namespace {

constexpr std::uint8_t kVersion = 1;

void put_text(ByteWriter& out, std::string_view text) {
  out.be(static_cast<std::uint32_t>(text.size()));
  out.text(text);
}
Result<std::string> read_text(ByteReader& in) {
  const auto size = TRY(in.u32be());
  return std::string(TRY(in.text(size)));
}
Result<std::uint64_t> u64(ByteReader& in) {
  return in.be<std::uint64_t>();
}

}  // namespace

BytesView ChangelogBatch::keep(BytesView first, BytesView second) {
  char* to = memory_.reserve(first.size() + second.size());
  if (!first.empty()) std::memcpy(to, first.data(), first.size());
  if (!second.empty()) std::memcpy(to + first.size(), second.data(), second.size());
  memory_.commit(first.size() + second.size());
  return as_bytes({to, first.size() + second.size()});
}

void ChangelogBatch::put(BytesView key, BytesView payload) {
  std::uint8_t epoch[8];
  store_be(epoch, epoch_);
  records_.push_back({.key = keep(key), .value = keep(epoch, payload)});
}

void ChangelogBatch::remove(BytesView key) {
  records_.push_back({.key = keep(key), .value = std::nullopt});
}

Bytes encode(const EpochRecord& record) {
  ByteWriter out;
  out.u8(kVersion);
  out.be(record.epoch);
  out.be(record.run);
  out.bytes(record.query_id.bytes);
  put_text(out, record.plan_hash);
  put_text(out, record.topic);
  out.be(record.watermark_us);
  for (const auto total : {record.input_rows, record.output_rows, record.rejected_rows,
                           record.duplicate_rows, record.late_rows}) {
    out.be(total);
  }
  out.be(static_cast<std::uint32_t>(record.positions.size()));
  for (const auto& position : record.positions) {
    out.be(position.partition);
    out.be(position.next_offset);
    out.be(position.max_event_us);
  }
  out.be(static_cast<std::uint32_t>(record.rejected_by_rule.size()));
  for (const auto& [rule, rows] : record.rejected_by_rule) {
    put_text(out, rule);
    out.be(rows);
  }
  return out.take();
}

Result<EpochRecord> decode_epoch(BytesView payload) {
  ByteReader in(payload);
  if (const auto version = TRY(in.u8()); version != kVersion) {
    return error(
        ErrorCode::Unsupported,
        fmt::format("epoch record has version {}, this program knows {}", version, kVersion));
  }
  EpochRecord record;
  record.epoch = TRY(u64(in));
  record.run = TRY(u64(in));
  const BytesView id = TRY(in.bytes(16));
  std::copy(id.begin(), id.end(), record.query_id.bytes.begin());
  record.plan_hash = TRY(read_text(in));
  record.topic = TRY(read_text(in));
  record.watermark_us = TRY(in.i64be());
  for (auto* total : {&record.input_rows, &record.output_rows, &record.rejected_rows,
                      &record.duplicate_rows, &record.late_rows}) {
    *total = TRY(u64(in));
  }
  const auto positions = TRY(in.u32be());
  for (std::uint32_t i = 0; i < positions; ++i) {
    EpochRecord::Position position;
    position.partition = TRY(in.i32be());
    position.next_offset = TRY(in.i64be());
    position.max_event_us = TRY(in.i64be());
    record.positions.push_back(position);
  }
  const auto rules = TRY(in.u32be());
  for (std::uint32_t i = 0; i < rules; ++i) {
    auto rule = TRY(read_text(in));
    record.rejected_by_rule[std::move(rule)] = TRY(u64(in));
  }
  return record;
}

}  // namespace tidemill::stream
