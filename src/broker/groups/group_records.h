// SPDX-License-Identifier: Apache-2.0
// A group's metadata as Kafka keeps it in __consumer_offsets, so that its tools can read the topic.
//
//   key   := version:i16(2) group:string
//   value := version:i16(3) protocol_type:string generation:i32 protocol:nullable_string
//            leader:nullable_string state_timestamp:i64 members:array
//   member := member_id:string instance_id:nullable_string client_id:string client_host:string
//             rebalance_timeout_ms:i32 session_timeout_ms:i32 subscription:bytes assignment:bytes
//
// Values of versions 0 to 4 are read, 3 is written, as Kafka 2.3 to 4.3 do.
#pragma once

#include <optional>

#include "broker/embedded/offset_store.h"
#include "broker/groups/group.h"

namespace tidemill::broker::groups {

embedded::GroupRecord encode_group(const Group& group, std::int64_t now_ms);
embedded::GroupRecord encode_group_tombstone(const std::string& group);

// The group of a record; empty for records of other kinds (KIP-848 groups).
Result<std::optional<Group>> decode_group(const embedded::GroupRecord& record);

}  // namespace tidemill::broker::groups
