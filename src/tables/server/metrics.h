// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/metrics.h"

namespace tidemill::tables::server {

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics)
      : connections(metrics.gauge("tidemill_tables_connections", "Open CQL connections.")),
        requests(metrics.counter("tidemill_tables_requests_total", "CQL requests served.")),
        errors(metrics.counter("tidemill_tables_errors_total",
                               "CQL requests answered with an error.")),
        received_bytes(metrics.counter("tidemill_tables_received_bytes_total",
                                       "Bytes read from CQL clients.")),
        sent_bytes(
            metrics.counter("tidemill_tables_sent_bytes_total", "Bytes sent to CQL clients.")),
        refused_connections(
            metrics.counter("tidemill_tables_refused_connections_total",
                            "CQL connections refused because there were too many.")) {}

  Gauge& connections;
  Counter& requests;
  Counter& errors;
  Counter& received_bytes;
  Counter& sent_bytes;
  Counter& refused_connections;
};

}  // namespace tidemill::tables::server
