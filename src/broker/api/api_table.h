// SPDX-License-Identifier: Apache-2.0
// Every API that is served.
#pragma once

#include <span>

#include "broker/api/serve.h"

namespace tidemill::broker::api {

struct ApiEntry {
  wire::kafka::MessageSpec spec;
  Serve serve;
  // What ApiVersions says; lower than spec.lowest for Produce alone.
  std::int16_t advertised_lowest;
};

// Sorted by key.
std::span<const ApiEntry> api_table();
// Null where the API is not served at all.
const ApiEntry* find_api(std::int16_t key);

}  // namespace tidemill::broker::api
