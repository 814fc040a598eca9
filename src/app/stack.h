// SPDX-License-Identifier: Apache-2.0
// All parts of one instance, put together. The only place that knows which implementation of a port
// was configured.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "web/services.h"

namespace tidemill::app {

// The parts a user can name in --only, in the order they start.
inline constexpr std::string_view kParts[] = {"broker", "tables", "engine", "web"};

// "broker,tables": InvalidArgument names what is no part. Empty: all.
Result<std::set<std::string>> parse_parts(const std::string& only);

// Thread:   the main thread only.
// Lifetime: the configuration outlives it.
class Stack {
 public:
  virtual ~Stack() = default;
  // `folder`: where relative paths of statements start, unless their project is elsewhere.
  // Starts what was asked for; on failure what had started is stopped again. Once it returns every
  // port answers, and DATA/ports.json names them.
  static Result<std::unique_ptr<Stack>> start(const config::Config& config,
                                              const std::set<std::string>& parts,
                                              const std::string& folder);
  virtual const std::vector<web::PartStatus>& parts() const = 0;
  // Makes the running statements match the files.
  virtual Result<std::vector<sql::Change>> apply(const sql::Pipeline& pipeline) = 0;
  // In reverse order; whatever is acknowledged is on disk before and after.
  virtual void stop() = 0;
};

}  // namespace tidemill::app
