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
        failed_logins(metrics.counter("tidemill_broker_failed_logins_total",
                                      "Kafka clients that failed to log in.")),
        by_api(metrics, "broker", "api") {}

  Counter& refused_requests;
  Counter& failed_logins;
  RequestMeters by_api;
};

}  // namespace tidemill::broker::server
