// SPDX-License-Identifier: Apache-2.0
// What the table store counts.
#pragma once

#include "runtime/metrics.h"

namespace tidemill::tables::embedded {

struct StoreMetrics {
  explicit StoreMetrics(Metrics& metrics)
      : commits(metrics.histogram("tidemill_tables_commit_seconds",
                                  "Time one group of writes takes to be written and synced.")),
        refused_writes(
            metrics.counter("tidemill_tables_refused_writes_total",
                            "Writes refused because too many bytes were waiting for the disk.")),
        failed_commits(metrics.counter("tidemill_tables_failed_commits_total",
                                       "Groups of writes that the disk refused.")),
        bulk_rows(metrics.counter("tidemill_tables_bulk_rows_total",
                                  "Rows written in bulk, through files of their own.")) {}

  Histogram& commits;
  Counter& refused_writes;
  Counter& failed_commits;
  Counter& bulk_rows;
};

}  // namespace tidemill::tables::embedded
