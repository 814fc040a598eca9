// SPDX-License-Identifier: Apache-2.0
// Records as they travel between the log and everything that reads or writes it: columns of views
// over shared memory, never one allocation per record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace tidemill {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

// A record as read. Key and value point into the chunk's memory; a null one has data() == nullptr
// (an empty one does not). `headers` holds Kafka's own encoding: varint count, then per header
// varint key length, key, varint value length (-1: null), value.
struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  BytesView key;
  BytesView value;
  BytesView headers;
  bool has_key() const { return key.data() != nullptr; }
  bool has_value() const { return value.data() != nullptr; }
};

// Some consecutive records of one partition and the memory they point into.
struct RecordChunk {
  TopicPartition source;
  std::vector<RecordView> records;
  std::vector<std::shared_ptr<const void>> memory;
  // Where to read on: above the last record, and above aborted or control records skipped.
  std::int64_t next_offset = 0;
  std::int64_t log_start_offset = 0;
  std::int64_t high_watermark = 0;
  std::int64_t last_stable_offset = 0;
  std::uint64_t bytes = 0;  // sum of key and value sizes
};

struct HeaderView {
  std::string_view key;
  std::optional<BytesView> value;
};
Result<std::vector<HeaderView>> decode_headers(BytesView encoded);
// Appends Kafka's encoding of the headers.
void encode_headers(const std::vector<HeaderView>& headers, Bytes& out);

// A record to be written; views must live until the call returns. Timestamp -1: now.
struct NewRecord {
  std::optional<BytesView> key;
  std::optional<BytesView> value;
  std::int64_t timestamp_ms = -1;
  BytesView headers = {};  // encoded as in RecordView; empty: none
};

}  // namespace tidemill
