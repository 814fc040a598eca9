// SPDX-License-Identifier: Apache-2.0
// Options of sinks, read strictly: what is left over is unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tidemill::connect {

class SinkOptions {
 public:
  explicit SinkOptions(std::map<std::string, std::string> options) : options_(std::move(options)) {
    options_.erase("connector");
  }
  std::optional<std::string> take(const std::string& name);
  Result<std::string> require(const std::string& name);
  // One of the choices, the first by default.
  Result<std::string> choice(const std::string& name, const std::vector<std::string>& choices);
  // "600", "600 s", "10 minutes", "1 day": whole seconds.
  Result<std::optional<std::int64_t>> seconds(const std::string& name);
  Result<std::optional<std::int64_t>> number(const std::string& name, std::int64_t least,
                                             std::int64_t most);
  // InvalidArgument naming an option nobody took, and those there are.
  Result<> finish(const std::string& connector) const;

 private:
  std::map<std::string, std::string> options_;
  std::vector<std::string> known_;
};

}  // namespace tidemill::connect
