// SPDX-License-Identifier: Apache-2.0
// The records of __consumer_offsets that hold offsets, in Kafka's encoding.
//
//   key   := version:i16=1 group topic partition:i32
//   value := version:i16=3 offset:i64 leader_epoch:i32 metadata commit_timestamp:i64
//   group, topic, metadata := size:i16 bytes
//
// Values of versions 0 to 2 are read too. Keys of other versions hold group metadata.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "broker/embedded/offset_store.h"

namespace tidemill::broker::embedded {

struct OffsetKey {
  std::string group;
  TopicPartition source;
};

Bytes encode_offset_key(std::string_view group, const TopicPartition& source);
Bytes encode_offset_value(const StoredOffset& offset);
// Nothing for a key of another kind.
Result<std::optional<OffsetKey>> decode_offset_key(BytesView key);
Result<StoredOffset> decode_offset_value(BytesView value);
// The group a key of __consumer_offsets belongs to (every kind names it first).
Result<std::string> group_of_key(BytesView key);

}  // namespace tidemill::broker::embedded
