// SPDX-License-Identifier: Apache-2.0
// Finds the handler of a request. Handlers block, so they run on the blocking pool.
#pragma once

#include <span>
#include <string_view>

#include "web/http.h"
#include "web/services.h"

namespace tidemill::web {

using Handler = Result<Response> (*)(Services& services, const Request& request);

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/v1/topics/{topic}"
  Handler handler;
};

// All routes, in the order of docs/dev/api.md.
std::span<const Route> route_table();

// Answers any request; what no route matches is the console's. Never throws.
Response route(Services& services, Request request);

// A percent-encoded path or query part; '+' is a space in a query.
std::string percent_decoded(std::string_view text, bool plus_is_space);
// Splits "/path?a=b" into a Request's path and query.
void parse_target(std::string_view target, Request& request);

}  // namespace tidemill::web
