// SPDX-License-Identifier: Apache-2.0
// What the engine counts, by query.
#pragma once

#include "runtime/metrics.h"

namespace tidemill::stream {

struct QueryMetrics {
  QueryMetrics(Metrics& metrics, const std::string& query)
      : input_rows(metrics.counter("tidemill_stream_input_rows_total",
                                   "Records read and committed by a query.", {{"query", query}})),
        output_rows(metrics.counter("tidemill_stream_output_rows_total",
                                    "Rows given to a query's sink.", {{"query", query}})),
        rejected_rows(metrics.counter("tidemill_stream_rejected_rows_total",
                                      "Records that broke a rule.", {{"query", query}})),
        duplicate_rows(metrics.counter("tidemill_stream_duplicate_rows_total",
                                       "Rows dropped because their key was seen before.",
                                       {{"query", query}})),
        late_rows(metrics.counter("tidemill_stream_late_rows_total",
                                  "Rows of windows that were closed already.", {{"query", query}})),
        epochs(metrics.counter("tidemill_stream_epochs_total", "Committed epochs.",
                               {{"query", query}})),
        sink_retries(metrics.counter("tidemill_stream_sink_retries_total",
                                     "Epochs repeated because the sink failed.",
                                     {{"query", query}})),
        restarts(metrics.counter("tidemill_stream_restarts_total",
                                 "Returns to the last committed epoch after an error.",
                                 {{"query", query}})),
        epoch_seconds(metrics.histogram("tidemill_stream_epoch_seconds",
                                        "Time from the fetch of an epoch to its commit.",
                                        {{"query", query}})),
        state_bytes(metrics.gauge("tidemill_stream_state_bytes", "Memory of a query's state.",
                                  {{"query", query}})) {}

  Counter& input_rows;
  Counter& output_rows;
  Counter& rejected_rows;
  Counter& duplicate_rows;
  Counter& late_rows;
  Counter& epochs;
  Counter& sink_retries;
  Counter& restarts;
  Histogram& epoch_seconds;
  Gauge& state_bytes;
};

}  // namespace tidemill::stream
