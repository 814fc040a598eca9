// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/offset_records.h"

#include <fmt/format.h>

namespace tidemill::broker::embedded {
namespace {

constexpr std::int16_t kKeyVersion = 1;
constexpr std::int16_t kValueVersion = 3;
constexpr std::int16_t kNewestValueVersion = 3;

void write_string(ByteWriter& out, std::string_view text) {
  out.i16be(static_cast<std::int16_t>(text.size()));
  out.text(text);
}

Result<std::string> read_string(ByteReader& in) {
  const std::int16_t size = TRY(in.i16be());
  if (size < 0) return std::string{};
  return std::string(TRY(in.text(static_cast<std::size_t>(size))));
}

}  // namespace

Bytes encode_offset_key(std::string_view group, const TopicPartition& source) {
  ByteWriter out;
  out.i16be(kKeyVersion);
  write_string(out, group);
  write_string(out, source.topic);
  out.i32be(source.partition);
  return out.take();
}

Bytes encode_offset_value(const StoredOffset& offset) {
  ByteWriter out;
  out.i16be(kValueVersion);
  out.i64be(offset.offset);
  out.i32be(offset.leader_epoch);
  write_string(out, offset.metadata);
  out.i64be(offset.commit_timestamp_ms);
  return out.take();
}

Result<std::optional<OffsetKey>> decode_offset_key(BytesView key) {
  ByteReader in(key);
  const std::int16_t version = TRY(in.i16be());
  if (version < 0 || version > kKeyVersion) return std::optional<OffsetKey>{};
  OffsetKey read;
  read.group = TRY(read_string(in));
  read.source.topic = TRY(read_string(in));
  read.source.partition = TRY(in.i32be());
  return std::optional<OffsetKey>(std::move(read));
}

Result<StoredOffset> decode_offset_value(BytesView value) {
  ByteReader in(value);
  const std::int16_t version = TRY(in.i16be());
  if (version < 0 || version > kNewestValueVersion) {
    return error(ErrorCode::Unsupported,
                 fmt::format("committed offset has record version {}", version));
  }
  StoredOffset read;
  read.offset = TRY(in.i64be());
  if (version >= 3) read.leader_epoch = TRY(in.i32be());
  read.metadata = TRY(read_string(in));
  read.commit_timestamp_ms = TRY(in.i64be());
  return read;
}

Result<std::string> group_of_key(BytesView key) {
  ByteReader in(key);
  TRY(in.i16be());
  return read_string(in);
}

}  // namespace tidemill::broker::embedded
