// SPDX-License-Identifier: Apache-2.0
// Requests and responses as handlers see them; no sockets.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemill::web {

using Json = nlohmann::ordered_json;

struct Request {
  std::string method;
  std::string path;  // decoded, without the query
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> parameters;  // {topic} of the route's pattern
  std::string body;
  bool accepts_gzip = false;

  // A query parameter as a number within bounds; InvalidArgument names it.
  Result<std::int64_t> number(const std::string& name, std::int64_t fallback, std::int64_t smallest,
                              std::int64_t largest) const;
  std::string text(const std::string& name, std::string_view fallback = "") const;
  const std::string& parameter(const std::string& name) const { return parameters.at(name); }
  // The body as a JSON object; InvalidArgument says where it is not JSON.
  Result<Json> json() const;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

Response json_response(const Json& value, unsigned status = 200);
Response error_response(const Error& error);
unsigned http_status(ErrorCode code);

// Digits, perhaps behind a minus, and nothing else.
std::optional<std::int64_t> whole_number(std::string_view text);

// Members of a request body: wrong types are InvalidArgument naming the member.
Result<std::string> text_member(const Json& object, const char* name);
Result<std::optional<std::string>> optional_text_member(const Json& object, const char* name);
Result<std::int64_t> number_member(const Json& object, const char* name, std::int64_t fallback,
                                   std::int64_t smallest, std::int64_t largest);

// UTF-8 as it is, anything else in base64: {"text": ...} or {"base64": ...}.
Json bytes_json(std::string_view bytes);

}  // namespace tidemill::web
