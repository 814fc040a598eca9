// SPDX-License-Identifier: Apache-2.0
// The progress record of one epoch.
#pragma once

#include "stream/batch_reader.h"
#include "stream/engine.h"
#include "stream/epoch.h"
#include "stream/query_memory.h"

namespace tidemill::stream {

struct EpochTimes {
  std::chrono::microseconds total{0};
  std::chrono::microseconds latest_offset{0};
};

Progress make_progress(const QuerySpec& spec, const QueryMemory& memory, const Batch& batch,
                       const EpochOutcome& outcome, const EpochRecord& before,
                       const EpochTimes& times);

}  // namespace tidemill::stream
