// SPDX-License-Identifier: Apache-2.0
// A SELECT that stands for itself: what is in the topics of the sources and views it names now,
// answered once by DuckDB. Anything DuckDB's SELECT can do is allowed, as nothing is kept.
#pragma once

#include <chrono>

#include "base/mutex.h"
#include "broker/broker.h"
#include "runtime/clock.h"
#include "sql/catalog.h"
#include "sql/catalog/definitions.h"
#include "sql/parse/statement.h"

namespace tidemill::sql {

struct AdHocLimits {
  std::int64_t records = 1'000'000;            // of one topic
  std::uint64_t bytes = 256ULL * 1024 * 1024;  // of all topics that one SELECT reads
  std::size_t rows = 10'000;                   // of the answer
  std::chrono::seconds time{30};               // from the call: waiting, reading and answering
};

// Lets one SELECT read at a time: what each holds in memory adds up otherwise.
//
// Thread: any.
class AdHocGate {
 public:
  // Exhausted when those before have not ended by then.
  Result<> enter(std::chrono::steady_clock::time_point deadline, const Clock& clock);
  void leave();

 private:
  Mutex mutex_;
  CondVar left_;
  bool taken_ TM_GUARDED_BY(mutex_) = false;
};

// Reads committed records up to where the topics end at the call. Of a source those that keep its
// rules, as a query sees them; of a view with keys the newest row of each.
//
// Thread: any; blocks.
// Errors: TooLarge beyond a limit, Timeout beyond the time, Exhausted when its turn never came;
// each
//         says which.
Result<StatementResult> select_once(const Select& select, const Definitions& definitions,
                                    broker::Broker& broker, AdHocGate& gate,
                                    const AdHocLimits& limits = {});

}  // namespace tidemill::sql
