// SPDX-License-Identifier: Apache-2.0
// The rows of a table that were written last. A table is ordered by token, not by time, so they
// are found by walking through it: a stretch at each look, on from where the last look stopped,
// round and round. A table of some ten thousand rows is seen whole each time, a larger one within a
// few looks; what a look costs has a bound.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/clock.h"
#include "tables/tables.h"

namespace tidemill::web {

struct NewestRowsLimits {
  std::int32_t page_rows = 2000;
  std::size_t look_rows = 50'000;
  std::chrono::milliseconds look_time{25};    // no new page after it
  std::chrono::milliseconds look_again{200};  // until then the answer stays
  std::size_t kept = 100;                     // rows of a table
  std::size_t tables = 64;                    // remembered; the one not asked for longest goes
};

// Thread:   any; calls block.
// Lifetime: the clock outlives it.
class NewestRows {
 public:
  explicit NewestRows(const Clock& clock, NewestRowsLimits limits = NewestRowsLimits())
      : clock_(clock), limits_(limits) {}

  struct Answer {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;  // newest first
  };
  // At most `kept` rows.
  Result<Answer> look(tables::Tables& tables, const std::string& keyspace,
                      const std::string& table);

 private:
  struct Row {
    std::int64_t written_us = 0;
    std::string key;
    std::vector<std::optional<std::string>> values;
  };
  struct Walk {
    std::string statement;  // another one when the table changed: from the start
    std::vector<std::string> columns;
    std::size_t key_columns = 0;
    bool has_times = false;
    Bytes paging_state;        // empty: at the start
    std::vector<Row> last;     // of the whole round before
    std::vector<Row> current;  // of this round, so far
    std::chrono::steady_clock::time_point looked_at{};
    bool looked = false;
  };
  Result<> walk_on(tables::Tables& tables, Walk& walk) const;
  void take(const tables::CqlResult& page, Walk& walk) const;
  Answer answer(const Walk& walk) const;

  const Clock& clock_;
  const NewestRowsLimits limits_;
  Mutex mutex_;
  std::map<std::string, Walk> walks_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::web
