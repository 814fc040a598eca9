// SPDX-License-Identifier: Apache-2.0
// What the Kafka server counts.
#pragma once

#include "runtime/metrics.h"

namespace tidemill::broker::server {

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics)
      : connections(metrics.gauge("tidemill_broker_connections_count",
                                  "Open connections of Kafka clients.")),
        refused_connections(
            metrics.counter("tidemill_broker_refused_connections_total",
                            "Connections closed at once because there are too many.")),
        requests(metrics.counter("tidemill_broker_requests_total", "Kafka requests served.")),
        refused_requests(metrics.counter(
            "tidemill_broker_refused_requests_total",
            "Kafka requests that closed their connection: unreadable, too large, unknown.")),
        stalled_connections(
            metrics.counter("tidemill_broker_stalled_connections_total",
                            "Connections closed because they were idle or stopped moving.")),
        received_bytes(metrics.counter("tidemill_broker_received_bytes_total",
                                       "Bytes of Kafka requests received.")),
        sent_bytes(
            metrics.counter("tidemill_broker_sent_bytes_total", "Bytes of Kafka responses sent.")),
        handled(metrics.histogram("tidemill_broker_request_seconds",
                                  "Time from a Kafka request's arrival until its handler is done; "
                                  "long polls and rebalances included.")) {}

  Gauge& connections;
  Counter& refused_connections;
  Counter& requests;
  Counter& refused_requests;
  Counter& stalled_connections;
  Counter& received_bytes;
  Counter& sent_bytes;
  Histogram& handled;
};

}  // namespace tidemill::broker::server
