// SPDX-License-Identifier: Apache-2.0
// The traces of the last requests that asked for one: what system_traces shows.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/uuid.h"

namespace tidemill::tables::statements {

struct TraceEvent {
  Uuid id;  // a timeuuid
  std::string activity;
  std::int64_t elapsed_us = 0;
};

struct TraceSession {
  Uuid id;
  std::string command;  // QUERY
  std::string request;  // "Execute CQL3 query"
  std::map<std::string, std::string> parameters;
  std::int64_t started_ms = 0;
  std::int64_t duration_us = 0;
  std::vector<TraceEvent> events;
};

// Thread: any.
class TraceLog {
 public:
  void add(TraceSession session) {
    const MutexLock lock(mutex_);
    sessions_.push_back(std::move(session));
    if (sessions_.size() > kSessionsMax) sessions_.pop_front();
  }
  std::vector<TraceSession> sessions() const {
    const MutexLock lock(mutex_);
    return {sessions_.begin(), sessions_.end()};
  }

 private:
  static constexpr std::size_t kSessionsMax = 1000;
  mutable Mutex mutex_;
  std::deque<TraceSession> sessions_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::tables::statements
