// SPDX-License-Identifier: Apache-2.0
// What clients are told this cluster can do (KIP-584). The levels are those of the program: there
// is no older one in the cluster to wait for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidemill::broker::api {

struct Feature {
  std::string_view name;
  std::int16_t lowest;
  std::int16_t highest;
  std::int16_t level;
};

inline constexpr std::array kFeatures{
    Feature{"group.version", 0, 1, 1},        // KIP-848 groups
    Feature{"metadata.version", 7, 25, 25},   // as Kafka 4.0
    Feature{"transaction.version", 0, 2, 2},  // KIP-890; clients use it only when told so here
};

}  // namespace tidemill::broker::api
