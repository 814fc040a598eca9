// SPDX-License-Identifier: Apache-2.0
// The values of all options, each with where it came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace tidemill::config {

struct Setting {
  std::string text;
  std::string origin = "default";  // "tidemill.yaml line 3", "environment TIDEMILL_DATA", "--set"
};

// Layers: defaults, then YAML, then environment, then --set; the later wins.
class Config {
 public:
  Config();

  // Errors name the file, line and column, and the nearest option for an unknown key.
  Result<> load_yaml(std::string_view text, const std::string& file_name);
  // Every variable that starts with TIDEMILL_ must be an option (TIDEMILL_BROKER_PORT).
  Result<> load_environment(const char* const* environment);
  // "broker.port=9092"
  Result<> set(std::string_view assignment, std::string origin);
  Result<> set(std::string_view name, std::string_view value, std::string origin);

  const std::string& text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;  // Integer, Bytes, Duration in ms
  bool boolean(std::string_view name) const { return number(name) != 0; }
  const std::map<std::string, Setting, std::less<>>& settings() const { return settings_; }

 private:
  std::map<std::string, Setting, std::less<>> settings_;
};

}  // namespace tidemill::config
