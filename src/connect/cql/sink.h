// SPDX-License-Identifier: Apache-2.0
// Rows into a CQL table, as INSERT ... USING TIMESTAMP: written before the epoch commits, with
// write times that make the same rows written again change nothing.
#pragma once

#include "stream/engine.h"
#include "tables/tables.h"

namespace tidemill::connect::cql {

// Options: keyspace, table; primary_key ("id" or "(a, b), c", by default the columns that tell the
// output's rows apart), ttl; write_timestamp = 'record_time', with which the ttl counts from the
// record's timestamp instead of the write; delivery, whose only value is 'idempotent'. Creates
// keyspace and table when they are not there.
//
// Lifetime: `tables` outlives the sinks.
stream::SinkMaker make_sink(tables::Tables& tables);

}  // namespace tidemill::connect::cql
