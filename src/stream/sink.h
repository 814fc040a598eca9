// SPDX-License-Identifier: Apache-2.0
// Where a query's rows go. connect/ has one folder per system; app/ hands the engine their makers.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "broker/broker.h"
#include "duck/chunk.h"
#include "stream/query.h"

namespace tidemill::stream {

// What is known of each row beside its columns, in the same order as the rows of the chunk.
struct RowOrigin {
  std::int64_t event_time_us = 0;   // event time, else the record's timestamp
  std::int64_t record_time_us = 0;  // the record's timestamp
};

// How often an output row may appear outside when an epoch is repeated after a crash.
enum class Delivery {
  Transactional,     // never: written through the epoch's transaction
  IdempotentUpsert,  // the same again, which changes nothing
  AtLeastOnce,       // possibly twice; only when asked for by name
};

// Takes the rows of one query, epoch by epoch.
//
// Thread:   one at a time, from worker threads that may block.
// Lifetime: owned by the query; destroyed after its last epoch.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Delivery delivery() const = 0;
  // May be called several times an epoch. A transactional sink writes to the transaction, an
  // idempotent one to its system at once.
  virtual Result<> write(const duck::Chunk& rows, std::span<const RowOrigin> origins,
                         broker::TransactionalWriter& transaction) = 0;
  // Before the epoch's commit. After: an idempotent sink's rows of the epoch are durable.
  virtual Result<> flush() = 0;
  virtual std::string description() const = 0;
};

}  // namespace tidemill::stream
