// SPDX-License-Identifier: Apache-2.0
// What making a part takes.
#pragma once

#include <string>

#include "config/config.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "runtime/session.h"
#include "runtime/threads.h"

namespace tidemill::app {

// Lifetime: all of it outlives the parts.
struct PartContext {
  const config::Config& config;
  const std::string& data;
  const std::string& folder;  // of the project, or the one the instance was started in
  IoThreads& io;
  BlockingPool& pool;
  Clock& clock;
  Disk& disk;
  Random& random;
  Metrics& metrics;
};

// What is configured for the connections of log and tables alike.
inline SessionLimits session_limits_of(const config::Config& config, std::string_view idle_option) {
  return {
      .idle_timeout = std::chrono::milliseconds(config.number(idle_option)),
      .first_request_timeout = std::chrono::milliseconds(config.number("io.first_request_timeout")),
      .stall_timeout = std::chrono::milliseconds(config.number("io.stall_timeout"))};
}

}  // namespace tidemill::app
