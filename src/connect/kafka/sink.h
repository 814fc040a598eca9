// SPDX-License-Identifier: Apache-2.0
// Rows into a topic as JSON objects, inside the epoch's transaction: each row exactly once for
// whoever reads committed records.
#pragma once

#include "broker/broker.h"
#include "stream/engine.h"

namespace tidemill::connect::kafka {

// Options: topic; key (column names, by default those that tell the output's rows apart: one gives
// its text, several a JSON object), partitions (of a topic that is made), delivery
// ('exactly_once'). A column's value is written as JSON; times as RFC 3339, blobs as base64.
//
// Lifetime: `broker` outlives the sinks.
stream::SinkMaker make_sink(broker::Broker& broker);

}  // namespace tidemill::connect::kafka
