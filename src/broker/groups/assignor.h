// SPDX-License-Identifier: Apache-2.0
// Who gets which partitions in a consumer group: Kafka's two server-side assignors (KIP-848).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/groups/topic_filter.h"

namespace tidemill::broker::groups {

struct TopicIdPartition {
  Uuid topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicIdPartition&) const = default;
};
using Partitions = std::set<TopicIdPartition>;

enum class Assignor {
  Uniform,  // as even as can be over all topics, moving as little as possible
  Range,    // of each topic a range of neighbours, the same for topics of equal size
};
std::string_view name_of(Assignor assignor);
// Nothing for a name that is none.
std::optional<Assignor> parse_assignor(std::string_view name);

struct AssignedMember {
  std::optional<std::string> instance_id;
  std::vector<GroupTopic> topics;  // that it wants and that exist
  Partitions before;
};

// By member id.
std::map<std::string, Partitions> assign(Assignor assignor,
                                         const std::map<std::string, AssignedMember>& members);

}  // namespace tidemill::broker::groups
