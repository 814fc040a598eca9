// SPDX-License-Identifier: Apache-2.0
// Where a query's rows go. connect/ has one folder per system; app/ hands the engine their makers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "model/chunk.h"
#include "stream/query.h"

namespace tidemill::stream {

// What is known of each row beside its columns, in the same order as the rows of the chunk.
struct RowOrigin {
  std::int64_t event_time_us = 0;   // event time, else the record's timestamp
  std::int64_t record_time_us = 0;  // the record's timestamp
  // For idempotent sinks: the record's timestamp, raised where needed so that of two rows with
  // equal keys the later in the log has the larger one.
  std::int64_t write_time_us = 0;
};

// How often an output row may appear outside when an epoch is repeated after a crash.
enum class Delivery {
  Transactional,     // never: written through the epoch's transaction
  IdempotentUpsert,  // the same again, which changes nothing
  AtLeastOnce,       // possibly twice; only when asked for by name
};

// A row the sink cannot take whatever happens (a key that is null, text that is no UUID).
struct RefusedRow {
  std::size_t row = 0;  // of the chunk's rows
  std::string reason;
};

// Takes the rows of one query, epoch by epoch.
//
// Thread:   one at a time, from worker threads that may block; check() from several at once.
// Lifetime: owned by the query; destroyed after its last epoch.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Delivery delivery() const = 0;
  // The output columns by which a later row overwrites an earlier one; empty: rows are only added.
  virtual std::vector<std::string> key_columns() const { return {}; }
  // Names the rows that write() could not take: they go to the dead letter under the rule "sink".
  virtual void check(const Chunk& rows, std::vector<RefusedRow>& refused) const {
    (void)rows;
    (void)refused;
  }
  // May be called several times an epoch. A transactional sink writes to the transaction, an
  // idempotent one to its system at once. Of rows with equal keys the last one of an epoch stays.
  virtual Result<> write(const Chunk& rows, std::span<const RowOrigin> origins,
                         broker::TransactionalWriter& transaction) = 0;
  // Before the epoch's commit. After: an idempotent sink's rows of the epoch are durable.
  virtual Result<> flush() = 0;
  virtual std::string description() const = 0;
};

}  // namespace tidemill::stream
