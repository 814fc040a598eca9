// SPDX-License-Identifier: Apache-2.0
// What the CQL server counts. Of connections: runtime/listener_metrics.h.
#pragma once

#include <memory>

#include "runtime/request_meters.h"

namespace tidemill::tables::server {

struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics)
      : errors(metrics.counter("tidemill_tables_errors_total",
                               "CQL requests answered with an error.")),
        failed_logins(metrics.counter("tidemill_tables_failed_logins_total",
                                      "CQL clients that failed to log in.")),
        by_opcode(std::make_shared<RequestMeters>(metrics, "tables", "opcode")) {}

  Counter& errors;
  Counter& failed_logins;
  std::shared_ptr<RequestMeters> by_opcode;  // shared with connections that outlive the server
};

}  // namespace tidemill::tables::server
