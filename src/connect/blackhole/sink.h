// SPDX-License-Identifier: Apache-2.0
// Takes rows and keeps nothing: for trying a query out and for benchmarks.
#pragma once

#include "stream/engine.h"

namespace tidemill::connect::blackhole {

stream::SinkMaker make_sink();

}  // namespace tidemill::connect::blackhole
