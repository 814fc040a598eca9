// SPDX-License-Identifier: Apache-2.0
// What making a part takes.
#pragma once

#include <string>

#include "config/config.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
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

}  // namespace tidemill::app
