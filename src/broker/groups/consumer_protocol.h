// SPDX-License-Identifier: Apache-2.0
// What members of a "consumer" group put into their opaque bytes; only to show it, and to protect
// the offsets of subscribed topics.
//
//   subscription := version:i16 topics:array(string) ...
//   assignment   := version:i16 array(topic:string partitions:array(i32)) ...
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/record.h"

namespace tidemill::broker::groups {

Result<std::vector<std::string>> parse_subscription(BytesView metadata);
Result<std::vector<TopicPartition>> parse_assignment(BytesView assignment);

}  // namespace tidemill::broker::groups
