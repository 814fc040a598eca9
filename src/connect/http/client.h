// SPDX-License-Identifier: Apache-2.0
// One GET at a time over HTTP or HTTPS, with a deadline.
#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace tidemill::connect::http {

struct Url {
  bool tls = false;
  std::string host;
  std::string port;
  std::string target;  // path and query
};
Result<Url> parse_url(const std::string& text);

struct Request {
  Url url;
  std::map<std::string, std::string> headers;
  std::chrono::milliseconds timeout{10'000};
  std::size_t bytes_max = 16UL * 1024 * 1024;
  std::string ca_file;  // empty: the system's
};

struct Response {
  int status = 0;
  std::string body;
  std::string etag;
  std::string retry_after;
};

// Blocks; ends with Cancelled soon after the token asks. Errors: Timeout, TooLarge, Unavailable
// with what failed. A response of any status is no error.
Result<Response> get(const Request& request, std::stop_token stop);

}  // namespace tidemill::connect::http
