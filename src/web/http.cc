// SPDX-License-Identifier: Apache-2.0
#include "web/http.h"

#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"

namespace tidemill::web {
namespace {

Result<std::int64_t> bounded(std::string_view name, std::int64_t value, std::int64_t smallest,
                             std::int64_t largest) {
  if (value < smallest || value > largest) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{} is {}, it must be {} to {}", name, value, smallest, largest));
  }
  return value;
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::int64_t> Request::number(const std::string& name, std::int64_t fallback,
                                     std::int64_t smallest, std::int64_t largest) const {
  const auto found = query.find(name);
  if (found == query.end()) return fallback;
  const std::string& digits = found->second;
  const auto value = whole_number(digits);
  if (!value) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{} is '{}', it must be a whole number", name, digits));
  }
  return bounded(name, *value, smallest, largest);
}

std::string Request::text(const std::string& name, std::string_view fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string(fallback) : found->second;
}

Result<Json> Request::json() const {
  auto parsed = Json::parse(body, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object()) {
    return error(ErrorCode::InvalidArgument, "request body is not a JSON object");
  }
  return parsed;
}

Response json_response(const Json& value, unsigned status) {
  return {.status = status,
          .content_type = "application/json",
          .body = value.dump(-1, ' ', false, Json::error_handler_t::replace),
          .headers = {}};
}

unsigned http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 400;
    case ErrorCode::Denied:
      return 403;
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
      return 409;
    case ErrorCode::TooLarge:
      return 413;
    case ErrorCode::Exhausted:
      return 429;
    case ErrorCode::Cancelled:
      return 499;
    case ErrorCode::Internal:
    case ErrorCode::Io:
    case ErrorCode::Corrupt:
      return 500;
    case ErrorCode::Unsupported:
      return 501;
    case ErrorCode::NotLeader:
    case ErrorCode::Unavailable:
      return 503;
    case ErrorCode::Timeout:
      return 504;
  }
  return 500;
}

Response error_response(const Error& failure) {
  Json body{{"code", name_of(failure.code)}, {"message", failure.message}};
  if (!failure.hint.empty()) body["hint"] = failure.hint;
  return json_response(Json{{"error", std::move(body)}}, http_status(failure.code));
}

Result<std::string> text_member(const Json& object, const char* name) {
  auto value = TRY(optional_text_member(object, name));
  if (!value) {
    return error(ErrorCode::InvalidArgument, fmt::format("member '{}' is missing", name));
  }
  return *std::move(value);
}

Result<std::optional<std::string>> optional_text_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::optional<std::string>{};
  if (!found->is_string()) {
    return error(ErrorCode::InvalidArgument, fmt::format("member '{}' must be text", name));
  }
  return std::optional<std::string>{found->get<std::string>()};
}

Result<std::int64_t> number_member(const Json& object, const char* name, std::int64_t fallback,
                                   std::int64_t smallest, std::int64_t largest) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return fallback;
  if (!found->is_number_integer()) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("member '{}' must be a whole number", name));
  }
  return bounded(name, found->get<std::int64_t>(), smallest, largest);
}

Json bytes_json(std::string_view bytes) {
  if (is_utf8(bytes)) return Json{{"text", bytes}};
  return Json{{"base64", to_base64(as_bytes(bytes))}};
}

}  // namespace tidemill::web
