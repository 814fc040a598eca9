// SPDX-License-Identifier: Apache-2.0
// Talks to a running instance over its REST interface (docs/dev/api.md). Blocking: the command line
// does one thing at a time.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill::cli {

using Json = nlohmann::ordered_json;

class Client {
 public:
  // "http://127.0.0.1:8080"
  explicit Client(std::string url) : url_(std::move(url)) {}

  // The JSON of the answer, null for 204. Errors are the server's own, with its hint, or
  // Unavailable when nothing answers.
  Result<Json> get(const std::string& path) const { return call("GET", path, nullptr); }
  Result<Json> post(const std::string& path, const Json& body) const {
    return call("POST", path, &body);
  }
  Result<Json> remove(const std::string& path) const { return call("DELETE", path, nullptr); }
  const std::string& url() const { return url_; }

 private:
  Result<Json> call(std::string_view method, const std::string& path, const Json* body) const;

  std::string url_;
};

// A name as part of a path, or a value in a query.
std::string percent_encoded(std::string_view text);

}  // namespace tidemill::cli
