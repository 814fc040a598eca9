// SPDX-License-Identifier: Apache-2.0
#include "runtime/request_meters.h"

namespace tidemill {

RequestMeter& RequestMeters::add(std::size_t index, std::string_view kind) {
  const MutexLock lock(mutex_);
  if (RequestMeter* const known = known_[index].load(std::memory_order_relaxed)) return *known;
  const MetricLabels labels{{label_, std::string(kind)}};
  const std::string prefix = "tidemill_" + folder_ + "_";
  RequestMeter& made = meters_.emplace_back(RequestMeter{
      .requests = metrics_.counter(prefix + "requests_total", "Requests served.", labels),
      .received_bytes = metrics_.counter(prefix + "received_bytes_total",
                                         "Bytes of the requests received.", labels),
      .sent_bytes = metrics_.counter(prefix + "sent_bytes_total", "Bytes of the answers.", labels),
      .queued = metrics_.histogram(
          prefix + "request_queue_seconds",
          "Time a request waits, once it has arrived, until its work begins.", labels),
      .handled = metrics_.histogram(prefix + "request_seconds",
                                    "Time from the begin of a request's work until its answer is "
                                    "ready: durability, long polls and rebalances included.",
                                    labels)});
  known_[index].store(&made, std::memory_order_release);
  return made;
}

}  // namespace tidemill
