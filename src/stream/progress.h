// SPDX-License-Identifier: Apache-2.0
// The progress record of one epoch.
#pragma once

#include "stream/batch_reader.h"
#include "stream/engine.h"
#include "stream/epoch.h"
#include "stream/query_memory.h"

namespace tidemill::stream {

Progress make_progress(const QuerySpec& spec, const QueryMemory& memory, const Batch& batch,
                       const EpochOutcome& outcome, const EpochRecord& before,
                       std::chrono::microseconds total);

}  // namespace tidemill::stream
