// SPDX-License-Identifier: Apache-2.0
// What is counted of a listener's connections, each with the label listener="kafka|cql".
#pragma once

#include <array>
#include <string>

#include "runtime/metrics.h"

namespace tidemill {

// Why a connection was closed; Ended is the client's own wish, or the server's stop.
enum class CloseReason { Ended, Handshake, Silent, Idle, Stalled, SlowReader, Refused };

constexpr std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::Ended:
      return "ended";
    case CloseReason::Handshake:
      return "handshake";
    case CloseReason::Silent:
      return "silent";
    case CloseReason::Idle:
      return "idle";
    case CloseReason::Stalled:
      return "stalled";
    case CloseReason::SlowReader:
      return "slow_reader";
    case CloseReason::Refused:
      return "refused";
  }
  return "";
}

struct ListenerMetrics {
  ListenerMetrics(Metrics& metrics, const std::string& listener)
      : connections(metrics.gauge("tidemill_runtime_connections_count",
                                  "Open connections of a listener.", {{"listener", listener}})),
        accepted(metrics.counter("tidemill_runtime_accepted_connections_total",
                                 "Connections accepted by a listener.", {{"listener", listener}})),
        accept_failures(metrics.counter("tidemill_runtime_accept_failures_total",
                                        "Failed accepts of a listener: out of open files, mostly.",
                                        {{"listener", listener}})),
        refused_total(refused(metrics, listener, "connections_max")),
        refused_per_address(refused(metrics, listener, "connections_per_address_max")),
        closed_{&ended(metrics, listener, CloseReason::Ended),
                &ended(metrics, listener, CloseReason::Handshake),
                &ended(metrics, listener, CloseReason::Silent),
                &ended(metrics, listener, CloseReason::Idle),
                &ended(metrics, listener, CloseReason::Stalled),
                &ended(metrics, listener, CloseReason::SlowReader),
                &ended(metrics, listener, CloseReason::Refused)} {}

  Counter& closed(CloseReason reason) const { return *closed_[static_cast<std::size_t>(reason)]; }

  Gauge& connections;
  Counter& accepted;
  Counter& accept_failures;
  Counter& refused_total;
  Counter& refused_per_address;

 private:
  static Counter& refused(Metrics& metrics, const std::string& listener, std::string limit) {
    return metrics.counter("tidemill_runtime_refused_connections_total",
                           "Connections closed at once because there are too many, by the limit.",
                           {{"listener", listener}, {"limit", std::move(limit)}});
  }
  static Counter& ended(Metrics& metrics, const std::string& listener, CloseReason reason) {
    return metrics.counter("tidemill_runtime_closed_connections_total",
                           "Connections of a listener that have ended, by the reason.",
                           {{"listener", listener}, {"reason", std::string(name_of(reason))}});
  }
  std::array<Counter*, 7> closed_;
};

}  // namespace tidemill
