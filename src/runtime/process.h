// SPDX-License-Identifier: Apache-2.0
// What the operating system says of this process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemill {

struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;  // user and system
};

ProcessUsage process_usage();

// Processors this process may use; one at least.
std::size_t processors();

}  // namespace tidemill
