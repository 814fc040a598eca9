// SPDX-License-Identifier: Apache-2.0
// The file that says which topics exist.
//
//   registry := cluster_id:16 bytes topics:u32 topic*
//   topic    := name id:16 bytes internal:u8 partitions:u32 configs:u32 (name value)*
//   name, value := size:u16 bytes
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "broker/embedded/topic_settings.h"
#include "runtime/disk.h"

namespace tidemill::broker::embedded {

struct StoredTopic {
  std::string name;
  Uuid id;
  bool internal = false;
  std::int32_t partitions = 0;
  TopicConfigs configs;
};

struct StoredRegistry {
  Uuid cluster_id;
  std::vector<StoredTopic> topics;
};

// NotFound where there is none yet.
Result<StoredRegistry> read_registry(Disk& disk, const std::string& path);
Result<> write_registry(Disk& disk, const std::string& path, const StoredRegistry& registry);

// Up to which offset each partition is known to be on disk.
//
//   checkpoint := count:u32 (topic_id:16 bytes partition:u32 durable_offset:i64)*
struct FlushedOffset {
  Uuid topic_id;
  std::int32_t partition = 0;
  std::int64_t durable_offset = 0;
  bool operator==(const FlushedOffset&) const = default;
};
Result<std::vector<FlushedOffset>> read_flushed_offsets(Disk& disk, const std::string& path);
Result<> write_flushed_offsets(Disk& disk, const std::string& path,
                               const std::vector<FlushedOffset>& offsets);

}  // namespace tidemill::broker::embedded
