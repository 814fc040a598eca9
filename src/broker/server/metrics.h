// SPDX-License-Identifier: Apache-2.0
// What the Kafka server counts. Of connections: runtime/listener_metrics.h.
#pragma once

#include "runtime/request_meters.h"

namespace tidemill::broker::server {

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics)
      : refused_requests(metrics.counter(
            "tidemill_broker_refused_requests_total",
            "Kafka requests that closed their connection: unreadable, too large, unknown.")),
        by_api(metrics, "broker", "api") {}

  Counter& refused_requests;
  RequestMeters by_api;
};

}  // namespace tidemill::broker::server
