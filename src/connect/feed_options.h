// SPDX-License-Identifier: Apache-2.0
// Takes a feeder's options one by one; what is left over is unknown.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "connect/feed_reader.h"

namespace tidemill::connect {

// Every error is InvalidArgument and names the option, its value and the bound.
class OptionTaker {
 public:
  OptionTaker(std::string connector, FeedOptions options)
      : connector_(std::move(connector)), options_(std::move(options)) {}

  std::optional<std::string> text(const std::string& name);
  Result<std::string> required(const std::string& name);
  Result<std::int64_t> whole(const std::string& name, std::int64_t fallback, std::int64_t lowest,
                             std::int64_t highest);
  Result<double> number(const std::string& name, double fallback, double lowest, double highest);
  Result<bool> flag(const std::string& name, bool fallback);
  // "500 ms", "10 seconds", "2m"
  Result<std::chrono::milliseconds> duration(const std::string& name,
                                             std::chrono::milliseconds fallback);
  // Those whose names start with a prefix, without it.
  FeedOptions with_prefix(const std::string& prefix);
  Result<> finish() const;

 private:
  Error wrong(const std::string& name, const std::string& value, std::string_view rule) const;

  std::string connector_;
  FeedOptions options_;
  std::set<std::string> known_;
};

}  // namespace tidemill::connect
