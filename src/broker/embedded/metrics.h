// SPDX-License-Identifier: Apache-2.0
// What the embedded log counts.
#pragma once

#include "runtime/metrics.h"

namespace tidemill::broker::embedded {

struct LogMetrics {
  explicit LogMetrics(Metrics& metrics)
      : appended_bytes(metrics.counter("tidemill_broker_appended_bytes_total",
                                       "Bytes of record batches appended to the embedded log.")),
        appended_records(metrics.counter("tidemill_broker_appended_records_total",
                                         "Records appended to the embedded log.")),
        read_bytes(metrics.counter("tidemill_broker_read_bytes_total",
                                   "Bytes of record batches read from the embedded log.")),
        rejected_batches(metrics.counter("tidemill_broker_rejected_batches_total",
                                         "Record batches the embedded log refused.")),
        duplicate_batches(metrics.counter(
            "tidemill_broker_duplicate_batches_total",
            "Retried batches of idempotent producers answered with their first offset.")),
        syncs(metrics.histogram("tidemill_broker_sync_seconds",
                                "Time one partition's sync to disk takes.")),
        failed_syncs(
            metrics.counter("tidemill_broker_failed_syncs_total", "Syncs to disk that failed.")),
        damaged_partitions(metrics.gauge("tidemill_broker_damaged_partitions_count",
                                         "Partitions refused because their log is damaged.")),
        compactions(metrics.counter("tidemill_broker_compactions_total",
                                    "Passes of compaction over a partition that came to an end.")),
        compaction_read_bytes(metrics.counter("tidemill_broker_compaction_read_bytes_total",
                                              "Bytes of batches that compaction read to rewrite.")),
        compaction_kept_bytes(metrics.counter("tidemill_broker_compaction_kept_bytes_total",
                                              "Bytes of batches that compaction kept of these.")),
        failed_compactions(metrics.counter("tidemill_broker_failed_compactions_total",
                                           "Passes of compaction that failed.")) {}

  Counter& appended_bytes;
  Counter& appended_records;
  Counter& read_bytes;
  Counter& rejected_batches;
  Counter& duplicate_batches;
  Histogram& syncs;
  Counter& failed_syncs;
  Gauge& damaged_partitions;
  Counter& compactions;
  Counter& compaction_read_bytes;
  Counter& compaction_kept_bytes;
  Counter& failed_compactions;
};

}  // namespace tidemill::broker::embedded
